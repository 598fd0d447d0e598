"""Distances between the motion of two sets of clips."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def speed_distance(real: ArrayLike, generated: ArrayLike) -> float:
    """Return the 1-Wasserstein distance between two sets of speeds, in standard deviations of the real ones.

    Args:
        real: Speeds, shape `(n,)`; NaN, of clips in which nothing is seen, counts as 0.
        generated: Speeds, shape `(m,)`.

    Raises:
        ValueError: If there are none, or the real ones are all equal.
    """
    sets = [np.nan_to_num(np.asarray(speeds, "float64")) for speeds in (real, generated)]
    if any(speeds.ndim != 1 or not len(speeds) for speeds in sets):
        raise ValueError(f"Speeds have the shape (n,); received {[speeds.shape for speeds in sets]}.")
    spread = sets[0].std()
    if spread == 0:
        raise ValueError("The real speeds are all equal: there is no standard deviation to measure a distance in.")
    # Between empirical quantile functions, which are constant between these shares.
    shares = np.unique(np.concatenate([np.arange(1, len(speeds) + 1) / len(speeds) for speeds in sets]))
    widths = np.diff(shares, prepend=0)
    middles = shares - widths / 2
    quantiles = [np.sort(speeds)[np.minimum((middles * len(speeds)).astype(int), len(speeds) - 1)] for speeds in sets]
    return float(np.sum(np.abs(quantiles[0] - quantiles[1]) * widths) / spread)
