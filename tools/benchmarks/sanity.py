"""Whether metrics respond as they should to real images that are degraded more and more."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import ImageFilter

from keras_gans._typing import PathLike
from keras_gans.evaluation.progress import Progress
from keras_gans.evaluation.report.extra import import_extra
from keras_gans.files import replacing
from keras_gans.media.pictures import as_pillow

METRICS = ("fid", "kid", "is", "precision", "recall", "density", "coverage", "swd", "ms_ssim", "authenticity")

# Drawn from 0 to 1, which keeps small changes small.
_SHARES = ("precision", "recall", "density", "coverage", "authenticity")


def blurred(images: np.ndarray, labels: np.ndarray, radius: float) -> np.ndarray:
    """Return images blurred by a Gaussian of a radius in pixels."""
    pictures = [as_pillow(image).filter(ImageFilter.GaussianBlur(radius)) for image in images]
    return np.stack([np.asarray(picture) for picture in pictures]).reshape(images.shape)


def noisy(images: np.ndarray, labels: np.ndarray, std: float) -> np.ndarray:
    """Return images with normal noise of a standard deviation in units of 1/255."""
    noise = std * np.random.default_rng(0).standard_normal(images.shape, dtype="float32")
    return np.clip(np.rint(images + noise), 0, 255).astype("uint8")


def without_classes(images: np.ndarray, labels: np.ndarray, count: int) -> np.ndarray:
    """Return images with those of the lowest labels replaced by repeats of the others."""
    return np.resize(images[labels >= count], images.shape)


def repeated(images: np.ndarray, labels: np.ndarray, copies: int) -> np.ndarray:
    """Return a fraction of the images, each repeated."""
    return np.resize(images[: len(images) // copies], images.shape)


CHANGES: dict[str, Any] = {
    "blur (pixels)": (blurred, (0, 0.5, 1, 1.5, 2)),
    "noise (of 255)": (noisy, (0, 10, 25, 50, 100)),
    "dropped classes (of 10)": (without_classes, (0, 2, 4, 6, 8)),
    "copies of each sample": (repeated, (1, 2, 4, 8, 16)),
}


def measure(dataset: str, num: int, progress: Progress | None = None) -> dict[str, Any]:
    """Measure held-out real samples of a data set of ten classes under all changes and strengths.

    Returns:
        `{"protocol": ..., "curves": {change: {"strengths": [...], metric: [...]}}}`.
    """
    from keras_gans import load_data
    from keras_gans.evaluation import Evaluator

    tell = progress or (lambda text: None)
    now = ""
    evaluator = Evaluator(load_data(dataset), METRICS, num, held_out="half", progress=lambda text: tell(f"{now}{text}"))
    images, labels = evaluator.held_out_samples, evaluator.held_out_labels
    curves: dict[str, dict[str, list[Any]]] = {}
    for name, (change, strengths) in CHANGES.items():
        rows = []
        for strength in strengths:
            now = f"{name} {strength}: "
            rows.append(evaluator.measure(change(images, labels, strength)))
        curves[name] = {"strengths": list(strengths), **{metric: [row[metric] for row in rows] for metric in METRICS}}
    return {"protocol": evaluator.protocol.as_dict(), "curves": curves}


def describe(found: dict[str, Any]) -> str:
    """Return a table with a line for each change and strength."""
    lines = ["change".ljust(26) + "".join(metric.rjust(13) for metric in METRICS)]
    for name, curve in found["curves"].items():
        for index, strength in enumerate(curve["strengths"]):
            numbers = "".join(f"{curve[metric][index]:13.4g}" for metric in METRICS)
            lines.append(f"{name.split(' (')[0]} {strength:g}".ljust(26) + numbers)
    return "\n".join(lines)


def draw(found: dict[str, Any], path: PathLike) -> None:
    """Draw a panel for each metric and change to an image file."""
    import_extra("matplotlib")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2.1 * len(METRICS), 2.2 * len(CHANGES)), layout="constrained", dpi=80)
    FigureCanvasAgg(figure)
    panels = figure.subplots(len(CHANGES), len(METRICS), squeeze=False)
    for row, (name, curve) in zip(panels, found["curves"].items(), strict=True):
        for panel, metric in zip(row, METRICS, strict=True):
            panel.plot(curve["strengths"], curve[metric], marker="o", markersize=4)
            panel.set_title(metric)
            panel.set_xlabel(name)
            panel.set_ylim(0, 1.1 if metric in _SHARES else None)
            panel.grid(alpha=0.3)
    with replacing(path) as temporary:
        figure.savefig(temporary)  # the suffix determines the format
