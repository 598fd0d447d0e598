"""How well scores tell members from others, with intervals."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np

from keras_gans.binomial import at_least

CONFIDENCE = 0.95


def area_under_curve(members: np.ndarray, others: np.ndarray) -> dict[str, float]:
    """Return the probability that a member has a higher score than another sample, ties counted half: the AUC.

    Args:
        members: Scores of members, at least two.
        others: Scores of others, at least two.

    Returns:
        `value`, and `low` and `high` of the 95 % interval.

    Reference: DeLong et al. 1988, "Comparing the Areas under Two or More Correlated ROC Curves" (the variance); Sun and Xu
    2014 (its computation from ranks).
    """
    n, m = len(members), len(others)
    ranks = _mid_ranks(np.concatenate([members, others]))
    above = (ranks[:n] - _mid_ranks(members)) / m  # for each member, the share of others below it
    below = 1 - (ranks[n:] - _mid_ranks(others)) / n
    value = float(above.mean())
    error = math.sqrt(above.var(ddof=1) / n + below.var(ddof=1) / m)
    reach = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * error
    return {"value": value, "low": max(0.0, value - reach), "high": min(1.0, value + reach)}


def found_at(members: np.ndarray, others: np.ndarray, false_alarms: float) -> dict[str, float]:
    """Return the share of members that an attacker finds who takes at most a share of the others for members.

    Args:
        members: Scores of members.
        others: Scores of others.
        false_alarms: The share of others, such as 0.01.

    Returns:
        `false_alarms`, `value`, and `low` and `high` of the 95 % interval, at the threshold that these others give.

    Reference: Carlini et al. 2022, "Membership Inference Attacks From First Principles", section 3 (why); Clopper and Pearson
    1934 (the interval).
    """
    allowed = math.floor(false_alarms * len(others) + 1e-9)
    threshold = np.sort(others)[::-1][allowed] if allowed < len(others) else -np.inf
    found = int(np.sum(members > threshold))
    low, high = exact_interval(found, len(members))
    return {"false_alarms": false_alarms, "value": found / len(members), "low": low, "high": high}


def exact_interval(count: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of Clopper and Pearson of a share: the shares that the count does not contradict.

    Args:
        count: How many there were.
        total: The number it is a share of.
    """
    tail = (1 - CONFIDENCE) / 2
    low = 0.0 if count == 0 else _solve(lambda share: at_least(count, total, share) > tail)
    high = 1.0 if count == total else _solve(lambda share: 1 - at_least(count + 1, total, share) < tail)
    return low, high


def _solve(is_above: Any) -> float:
    """Return the share between 0 and 1 from which on a condition holds."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if is_above(middle) else (middle, high)
    return (low + high) / 2


def _mid_ranks(values: np.ndarray) -> np.ndarray:
    """Return the ranks of values, counted from 1; equal values share the mean of their ranks."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return ((2 * last - counts + 1) / 2)[inverse]
