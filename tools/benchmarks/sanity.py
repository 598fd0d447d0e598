"""Whether the metrics say what they should: real images that are spoilt more and more, each metric beside the strength."""

import numpy as np
from PIL import ImageFilter

from keras_gans.files import replacing
from keras_gans.media.pictures import as_pillow

METRICS = ("fid", "kid", "is", "precision", "recall", "density", "coverage", "swd", "ms_ssim", "authenticity")

# Drawn from 0 to 1, so that what hardly moves does not look as if it did.
_SHARES = ("precision", "recall", "density", "coverage", "authenticity")


def blurred(images, labels, radius):
    """Each image blurred with a Gaussian of this many pixels."""
    pictures = [as_pillow(image).filter(ImageFilter.GaussianBlur(radius)) for image in images]
    return np.stack([np.asarray(picture) for picture in pictures]).reshape(images.shape)


def noisy(images, labels, std):
    """Normal noise added to every pixel, of this standard deviation in 255ths."""
    noise = std * np.random.default_rng(0).standard_normal(images.shape, dtype="float32")
    return np.clip(np.rint(images + noise), 0, 255).astype("uint8")


def without_classes(images, labels, count):
    """The classes of the lowest labels replaced by repeats of the others."""
    return np.resize(images[labels >= count], images.shape)


def repeated(images, labels, copies):
    """A fraction of the images, each this many times."""
    return np.resize(images[: len(images) // copies], images.shape)


CHANGES = {
    "blur (pixels)": (blurred, (0, 0.5, 1, 1.5, 2)),
    "noise (of 255)": (noisy, (0, 10, 25, 50, 100)),
    "dropped classes (of 10)": (without_classes, (0, 2, 4, 6, 8)),
    "copies of each sample": (repeated, (1, 2, 4, 8, 16)),
}


def measure(dataset, num):
    """Measures held-out real samples of a data set of ten classes, changed in all ways and strengths.

    Returns:
        `{"protocol": ..., "curves": {change: {"strengths": [...], metric: [...]}}}`.
    """
    from keras_gans import load_data
    from keras_gans.evaluation import Evaluator

    evaluator = Evaluator(load_data(dataset), METRICS, num, held_out="half")
    images, labels = evaluator.held_out_samples, evaluator.held_out_labels
    curves = {}
    for name, (change, strengths) in CHANGES.items():
        rows = [evaluator.measure(change(images, labels, strength)) for strength in strengths]
        curves[name] = {"strengths": list(strengths), **{metric: [row[metric] for row in rows] for metric in METRICS}}
    return {"protocol": evaluator.protocol.as_dict(), "curves": curves}


def describe(found):
    """Returns a table as text: a line for each change and strength."""
    lines = ["change".ljust(26) + "".join(metric.rjust(13) for metric in METRICS)]
    for name, curve in found["curves"].items():
        for index, strength in enumerate(curve["strengths"]):
            numbers = "".join(f"{curve[metric][index]:13.4g}" for metric in METRICS)
            lines.append(f"{name.split(' (')[0]} {strength:g}".ljust(26) + numbers)
    return "\n".join(lines)


def draw(found, path):
    """Draws a panel for each metric and change to a picture file."""
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
        figure.savefig(temporary)  # the suffix says the format
