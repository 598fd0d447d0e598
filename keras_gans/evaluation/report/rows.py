"""Rows of pictures, the parts of the figures of a report."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.media import Medium, infer

# Samples in a report: images side by side, or points in one plot.
SAMPLES, POINTS = 64, 2048


@dataclasses.dataclass(frozen=True)
class Row:
    """Pictures that are shown side by side.

    Attributes:
        pictures: uint8 array of shape `(n, height, width, channels)`, 1, 3 or 4 channels.
        label: A few words about the row.
        captions: A few characters for each picture, or empty.
    """

    pictures: np.ndarray
    label: str = ""
    captions: Sequence[str] = ()


@dataclasses.dataclass(frozen=True)
class Sentence:
    """A line of text.

    Attributes:
        before: The text, or what comes before the part that is marked.
        marked: A part to be marked.
        after: What comes after it.
        label: A few words about the line.
    """

    before: str
    marked: str = ""
    after: str = ""
    label: str = ""


def pictures(samples: ArrayLike, medium: Medium | None = None) -> np.ndarray:
    """Draw samples: a picture of each, or one scatter plot of all 2-D points.

    Args:
        samples: Floats in [-1, 1], or samples as files hold them, such as uint8 images; shape `(n, ...)`.
        medium: Their medium; inferred from their shape if None.

    Returns:
        uint8 array of shape `(n, height, width, channels)`, or `(1, 256, 256, 1)` for points.

    Raises:
        ValueError: If they cannot be drawn.
    """
    samples = np.asarray(samples)
    return medium_of(samples, medium).tiles(samples)


def medium_of(samples: np.ndarray, medium: Medium | None) -> Medium:
    """Return the given medium, or the one that the shape of samples suggests."""
    return infer(samples.shape[1:]) if medium is None else medium


def sample_rows(samples: ArrayLike, n: int | None = None, label: str = "", medium: Medium | None = None) -> list[Row]:
    """Draw some samples as one row.

    Args:
        samples: As `pictures` takes them.
        n: Maximum number of samples; 64, or 2048 in one plot, if None. If there are more, evenly spaced ones are drawn,
            so samples sorted by class show every class.
        label: Label of the row.
        medium: As `pictures` takes it.
    """
    samples = np.asarray(samples)
    medium = medium_of(samples, medium)
    n = n or shown(medium)
    if len(samples) > n:
        samples = samples[np.linspace(0, len(samples) - 1, n).astype(int)]
    return [Row(pictures(samples, medium), label)]


def shown(medium: Medium) -> int:
    """Return the number of samples in a report."""
    return SAMPLES if medium.tiled else POINTS
