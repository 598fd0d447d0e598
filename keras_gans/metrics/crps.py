"""How good forecasts by several samples are: the continuous ranked probability score."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def crps(members: ArrayLike, truth: ArrayLike, fair: bool = True) -> np.ndarray:
    """Return the continuous ranked probability score of an ensemble, in the unit of the data: lower is better.

    With members `x_1, ..., x_m` and the truth `y`, it is `mean |x_i - y| - sum |x_i - x_j| / (2 m (m - 1))` over all pairs. A
    forecast of one member, or of equal ones, scores its absolute error.

    Args:
        members: Numbers of shape `(m, ...)`, the members first.
        truth: Numbers of shape `(...)`.
        fair: Whether to divide by `m (m - 1)` (default): the expected score is then that of a large ensemble of the same
            distribution, however few members are drawn. False divides by `m^2`, as for a forecast of just these members.

    Returns:
        float64 array of the shape of the truth. The fair score of single cases may be below 0.

    Raises:
        ValueError: If there are no members, or the shapes differ.

    Reference: Gneiting and Raftery 2007, "Strictly Proper Scoring Rules, Prediction, and Estimation", equation 21 (with the
    opposite sign); Ferro 2014, "Fair scores for ensemble forecasts".
    """
    ensemble, y = np.asarray(members, "float64"), np.asarray(truth, "float64")
    if ensemble.ndim == 0 or not len(ensemble) or ensemble.shape[1:] != y.shape:
        raise ValueError(f"members have the shape (m, *{y.shape}), with m of at least 1; received {ensemble.shape}.")
    count = len(ensemble)
    error = np.abs(ensemble - y).mean(axis=0)
    if count == 1:
        return error
    # Among sorted members, the i-th is the larger one of i pairs, counted from 0, and the smaller one of count - 1 - i.
    weights = 2.0 * np.arange(count) - (count - 1)
    distances = np.tensordot(weights, np.sort(ensemble, axis=0), axes=1)
    return error - distances / (count * (count - 1 if fair else count))
