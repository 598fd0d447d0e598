"""The binomial distribution, which SciPy has, too: the core does without it."""

from __future__ import annotations

import functools
import math

import numpy as np


@functools.cache
def log_coefficients(total: int) -> np.ndarray:
    """Return the logarithms of the binomial coefficients, float64 of shape `(total + 1,)`. They are kept: change none."""
    factorials = np.array([math.lgamma(k + 1) for k in range(total + 1)])
    return factorials[-1] - factorials - factorials[::-1]


def log_probabilities(total: int, log_share: float, log_rest: float) -> np.ndarray:
    """Return the logarithms of the probabilities of 0 to `total` successes, float64 of shape `(total + 1,)`.

    Args:
        total: Number of trials.
        log_share: The logarithm of the probability of a success.
        log_rest: That of a failure: given apart because it may be too small for a difference from 1.
    """
    counts = np.arange(total + 1)
    return log_coefficients(total) + counts * log_share + (total - counts) * log_rest


def at_least(count: int, total: int, share: float) -> float:
    """Return the probability of `count` or more successes in `total` trials.

    Args:
        count: Number of successes; all are at least a number below 0.
        total: Number of trials.
        share: Probability of a success, in [0, 1].
    """
    if count <= 0 or share >= 1.0:
        return float(count <= total)
    if count > total or share <= 0.0:
        return 0.0
    if count <= total * share:  # the shorter tail is summed
        return 1.0 - at_least(total - count + 1, total, 1.0 - share)
    first = math.lgamma(total + 1) - math.lgamma(count + 1) - math.lgamma(total - count + 1)
    first += count * math.log(share) + (total - count) * math.log1p(-share)
    ratio, term, found = share / (1.0 - share), 1.0, 0.0
    for number in range(count, total + 1):
        found += term
        term *= ratio * (total - number) / (number + 1)
        if term < 1e-17 * found:
            break
    # Smaller numbers than exp(-745) are not told apart from 0.
    return min(1.0, math.exp(max(first + math.log(found), -745.0)))
