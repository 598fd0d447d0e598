"""Whether metrics respond as they should to real images that are degraded more and more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PIL import ImageFilter

from keras_gans._typing import PathLike
from keras_gans.errors import no_such
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


def changes(classes: int) -> dict[str, tuple[Callable[..., np.ndarray], tuple[float, ...]]]:
    """Return all changes with their strengths, for images of a number of classes (at least 5)."""
    return {
        "blur (pixels)": (blurred, (0, 0.5, 1, 1.5, 2)),
        "noise (of 255)": (noisy, (0, 10, 25, 50, 100)),
        f"dropped classes (of {classes})": (without_classes, tuple(fifths * classes // 5 for fifths in range(5))),
        "copies of each sample": (repeated, (1, 2, 4, 8, 16)),
    }


def measure(
    dataset: str,
    num: int,
    extractor: str | None = None,
    progress: Progress | None = None,
    metrics: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Measure held-out real samples of a data set with classes under all changes and strengths.

    Args:
        dataset: Images with at least 5 classes, as `load_data` takes them.
        num: Maximum number of images.
        extractor: Name of a feature extractor; the default for the images if None.
        progress: Is called with a line of text before each part of the work.
        metrics: Names among `METRICS`; all if None.

    Returns:
        `{"protocol": ..., "curves": {change: {"strengths": [...], metric: [...]}}}`. Inception score is left out if the
        extractor does not predict classes.

    Raises:
        ValueError: If the images have fewer than 5 classes, or a metric is not among `METRICS`.
    """
    from keras_gans import load_data
    from keras_gans.evaluation import Evaluator, default_extractor, get_extractor

    tell = progress or (lambda text: None)
    now = ""
    data = load_data(dataset)
    found = get_extractor(extractor or default_extractor(data.shape))
    for name in metrics or ():
        if name not in METRICS:
            raise ValueError(no_such("metric of sanity", name, list(METRICS)))
    wanted = metrics or [metric for metric in METRICS if metric != "is" or found.classes]
    measured = [metric for metric in METRICS if metric in wanted]
    evaluator = Evaluator(data, measured, num, found, held_out="half", progress=lambda text: tell(f"{now}{text}"))
    images, labels = evaluator.held_out_samples, evaluator.held_out_labels
    classes = 0 if labels is None else int(labels.max()) + 1
    if classes < 5:
        raise ValueError(f"sanity drops classes, so it needs images of at least 5; {dataset} has {classes or 'no labels'}.")
    curves: dict[str, dict[str, list[Any]]] = {}
    for name, (change, strengths) in changes(classes).items():
        rows = []
        for strength in strengths:
            now = f"{name} {strength}: "
            rows.append(evaluator.measure(change(images, labels, strength)))
        curves[name] = {"strengths": list(strengths), **{metric: [row[metric] for row in rows] for metric in measured}}
    return {"protocol": evaluator.protocol.as_dict(), "curves": curves}


def _measured(found: dict[str, Any]) -> list[str]:
    """Return the metrics of a result."""
    curve = next(iter(found["curves"].values()))
    return [metric for metric in METRICS if metric in curve]


def describe(found: dict[str, Any]) -> str:
    """Return a table with a line for each change and strength."""
    metrics = _measured(found)
    lines = ["change".ljust(26) + "".join(metric.rjust(13) for metric in metrics)]
    for name, curve in found["curves"].items():
        for index, strength in enumerate(curve["strengths"]):
            numbers = "".join(f"{curve[metric][index]:13.4g}" for metric in metrics)
            lines.append(f"{name.split(' (')[0]} {strength:g}".ljust(26) + numbers)
    return "\n".join(lines)


def draw(found: dict[str, Any], path: PathLike) -> None:
    """Draw a panel for each metric and change to an image file."""
    import_extra("matplotlib")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    metrics, curves = _measured(found), found["curves"]
    figure = Figure(figsize=(2.1 * len(metrics), 2.2 * len(curves)), layout="constrained", dpi=80)
    FigureCanvasAgg(figure)
    panels = figure.subplots(len(curves), len(metrics), squeeze=False)
    for row, (name, curve) in zip(panels, curves.items(), strict=True):
        for panel, metric in zip(row, metrics, strict=True):
            panel.plot(curve["strengths"], curve[metric], marker="o", markersize=4)
            panel.set_title(metric)
            panel.set_xlabel(name)
            panel.set_ylim(0, 1.1 if metric in _SHARES else None)
            panel.grid(alpha=0.3)
    with replacing(path) as temporary:
        figure.savefig(temporary)  # the suffix determines the format
