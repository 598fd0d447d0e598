"""Rows of pictures, of which the figures of a report are made."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from keras_gans.media import Medium, infer

# Samples in a report: images side by side, or points in one plot.
SAMPLES, POINTS = 64, 2048


@dataclasses.dataclass(frozen=True)
class Row:
    """Pictures that belong side by side.

    Attributes:
        pictures: uint8 array of shape `(n, height, width, channels)`, 1 or 3 channels.
        label: What the row shows, in a few words.
        captions: A few characters for each picture, or none at all.
    """

    pictures: np.ndarray
    label: str = ""
    captions: Sequence[str] = ()


def pictures(samples, medium: Medium | None = None) -> np.ndarray:
    """Draws samples: a picture of each, or one scatter plot of all 2-D points.

    Args:
        samples: Floats in [-1, 1], or samples as files hold them, such as uint8 images; shape `(n, ...)`.
        medium: What they are; found from their shape if None.

    Returns:
        uint8 array of shape `(n, height, width, channels)`, or `(1, 256, 256, 1)` for points.

    Raises:
        ValueError: If they cannot be drawn.
    """
    samples = np.asarray(samples)
    return medium_of(samples, medium).tiles(samples)


def medium_of(samples, medium):
    """Returns the medium of samples: the one that is given, else that of their shape."""
    return infer(samples.shape[1:]) if medium is None else medium


def sample_rows(samples, n=None, label="", medium: Medium | None = None) -> list[Row]:
    """Draws some samples as one row.

    Args:
        samples: As `pictures` takes them.
        n: How many at most; 64, or 2048 in one plot, if None. If there are more, evenly spaced ones are drawn, so that
            samples sorted by class show every class.
        label: What they are.
        medium: As `pictures` takes it.
    """
    samples = np.asarray(samples)
    medium = medium_of(samples, medium)
    n = n or shown(medium)
    if len(samples) > n:
        samples = samples[np.linspace(0, len(samples) - 1, n).astype(int)]
    return [Row(pictures(samples, medium), label)]


def shown(medium):
    """Returns how many samples a report shows."""
    return SAMPLES if medium.tiled else POINTS
