"""The structural similarity of images at one scale."""

from __future__ import annotations

import numpy as np

WINDOW, _SIGMA = 11, 1.5
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def planes(images: np.ndarray) -> np.ndarray:
    """Return images as float64 of shape `(n, channels, height, width)`, contiguous for fast products."""
    return np.moveaxis(images, -1, 1).astype("float64", order="C")


def structural_similarity(first: np.ndarray, second: np.ndarray) -> list[np.ndarray]:
    """Return the structural similarity and the contrast (with the structure) of each pair, float64 of shape `(n,)`.

    The Gaussian window stays inside the images. It has 11x11 pixels and shrinks as a whole where a side is below 11.

    Args:
        first: What `planes` returns.
        second: As many of the same shape.

    Reference: Wang et al. 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity", section III.
    """
    height, width = first.shape[-2:]
    size = min(WINDOW, height, width)
    down, across = _filter(height, size), _filter(width, size).T

    def local(values: np.ndarray) -> np.ndarray:
        return down @ values @ across

    means = local(first), local(second)
    products = means[0] * means[1]
    squares = means[0] ** 2 + means[1] ** 2
    covariance = local(first * second) - products
    variances = local(first * first + second * second) - squares
    contrast = (2 * covariance + _C2) / (variances + _C2)
    similarity = (2 * products + _C1) / (squares + _C1) * contrast
    # Flattened, so that the order of summing does not depend on the number of pairs.
    return [values.reshape(len(values), -1).mean(axis=1) for values in (similarity, contrast)]


def _filter(side: int, size: int) -> np.ndarray:
    """Return a matrix that takes the Gaussian mean of each `size` neighbours among `side`."""
    offsets = np.arange(size) - (size - 1) / 2
    window = np.exp(-(offsets**2) / (2 * (_SIGMA * size / WINDOW) ** 2))
    matrix = np.zeros((side - size + 1, side))
    for row in range(len(matrix)):
        matrix[row, row : row + size] = window
    return matrix / window.sum()
