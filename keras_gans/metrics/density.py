"""Densities of points on a grid, and the divergences between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.errors import check_count, check_weight


def grid_density(points: ArrayLike, bins: int = 30, bound: float = 1.0, pseudocount: float = 0.0) -> np.ndarray:
    """Return the share of points in each cell of a grid over the square [-bound, bound]^2.

    Points outside the square count in the nearest cell, so that the shares always sum to 1.

    Args:
        points: Finite numbers of shape `(n, 2)`, at least one row.
        bins: Number of cells along each side, an integer of at least 1.
        bound: Half the side of the square, above 0.
        pseudocount: Number of points added to each cell, at least 0; above 0, no cell is empty.

    Returns:
        float64 array of shape `(bins, bins)`; the first axis is that of the first coordinate.

    Raises:
        ValueError: If the shape or a value is out of range.
    """
    array, bins = np.asarray(points, "float64"), check_count("bins", bins)
    if array.ndim != 2 or array.shape[1] != 2 or not len(array) or not np.isfinite(array).all():
        raise ValueError(f"points must be finite numbers of shape (n, 2), at least one row; received shape {array.shape}.")
    if not bound > 0:
        raise ValueError(f"bound must be above 0; received {bound!r}.")
    pseudocount = check_weight("pseudocount", pseudocount)
    cells = np.clip(np.floor((np.clip(array, -bound, bound) + bound) * (bins / (2 * bound))), 0, bins - 1).astype("int64")
    counts = np.bincount(cells[:, 0] * bins + cells[:, 1], minlength=bins * bins) + pseudocount
    return (counts / counts.sum()).reshape(bins, bins)


def kl_divergence(p: ArrayLike, q: ArrayLike) -> float:
    """Return the Kullback-Leibler divergence of `p` from `q` in bits.

    Args:
        p: Probabilities of any shape that sum to 1.
        q: As many; the result is infinite if one of them is 0 where that of `p` is not.

    Raises:
        ValueError: If the shapes differ, or the values are not probabilities.

    Reference: Kullback and Leibler 1951, equation 2.4.
    """
    first, second = _probabilities("p", p), _probabilities("q", q)
    if first.shape != second.shape:
        raise ValueError(f"p and q must have the same shape; received {first.shape} and {second.shape}.")
    present = first > 0
    with np.errstate(divide="ignore"):
        ratios = np.log2(first[present]) - np.log2(second[present])
    return float(max(0.0, np.sum(first[present] * ratios)))


def js_divergence(p: ArrayLike, q: ArrayLike) -> float:
    """Return the Jensen-Shannon divergence between `p` and `q` in bits: from 0 for equal to 1 for disjoint distributions.

    The divergence between the empirical densities of two samples of one distribution is above 0. It is about
    `(cells - 1) / (4 ln(2) n)` for two samples of `n` points each that fall on so many cells. Compare it with that between
    two samples of real points.

    Args:
        p: Probabilities of any shape that sum to 1.
        q: As many.

    Raises:
        ValueError: If the shapes differ, or the values are not probabilities.

    Reference: Lin 1991, "Divergence Measures Based on the Shannon Entropy", equation 4.1 with equal weights. The expected value
    for equal distributions follows from 2 ln(2) times 2n times the divergence being chi-squared with cells - 1 degrees of
    freedom (Wilks 1938).
    """
    first, second = np.asarray(p, "float64"), np.asarray(q, "float64")
    if first.shape != second.shape:
        raise ValueError(f"p and q must have the same shape; received {first.shape} and {second.shape}.")
    middle = (first + second) / 2
    return min(1.0, (kl_divergence(first, middle) + kl_divergence(second, middle)) / 2)


def _probabilities(name: str, values: ArrayLike) -> np.ndarray:
    array = np.asarray(values, "float64")
    if not (array >= 0).all() or abs(array.sum() - 1) > 1e-6:
        raise ValueError(f"{name} must be probabilities, at least 0, that sum to 1; their sum is {array.sum():g}.")
    return array
