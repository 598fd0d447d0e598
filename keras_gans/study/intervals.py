"""Confidence intervals from few raters: bootstrap over raters, whose own answers resemble each other."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from statistics import NormalDist

import numpy as np

from keras_gans._typing import Array
from keras_gans.errors import check_count

Interval = tuple[float, float]

DRAWS = 10_000  # as HYPE: Zhou et al. 2019, section 3
_CHUNK = 2_000_000  # numbers drawn at a time


def student_t_cdf(t: float, freedom: int) -> float:
    """Return the probability that Student's t with `freedom` degrees of freedom is at most `t`.

    Reference: Abramowitz and Stegun 1964, formulas 26.7.3 and 26.7.4, which are exact for whole degrees.
    """
    angle = math.atan(t / math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    if freedom % 2:
        term, total = cosine, cosine if freedom > 1 else 0.0
        for k in range(3, freedom - 1, 2):
            term *= cosine**2 * (k - 1) / k
            total += term
        inside = 2 / math.pi * (angle + sine * total)
    else:
        term = total = 1.0
        for k in range(2, freedom - 1, 2):
            term *= cosine**2 * (k - 1) / k
            total += term
        inside = sine * total
    return 0.5 + inside / 2


@functools.cache
def student_t_quantile(probability: float, freedom: int) -> float:
    """Return the quantile of Student's t.

    Args:
        probability: Between 0 and 1, exclusive.
        freedom: Degrees of freedom, at least 1.
    """
    low, high = -1e6, 1e6
    while high - low > 1e-12 * max(1.0, abs(low)):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if student_t_cdf(middle, freedom) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def expanded_levels(n: int, confidence: float = 0.95) -> Interval:
    """Return the two probabilities at which to take percentiles of a bootstrap of `n` independent units.

    The plain percentiles are too narrow for few units, by sqrt((n - 1) / n) and by the normal in place of Student's t.

    Reference: Hesterberg 2015, "What Teachers Should Know About the Bootstrap", section 5.3 (the expanded percentile interval).
    """
    if n < 2:
        return 0.0, 1.0
    z = math.sqrt(n / (n - 1)) * student_t_quantile((1 - confidence) / 2, n - 1)
    low = NormalDist().cdf(z)
    return low, 1 - low


def bootstrap_interval(
    values: Sequence[float] | Array,
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
) -> Interval | None:
    """Return the interval of the mean over raters by a bootstrap that draws whole raters.

    Args:
        values: One number for each rater, such as the share of images answered wrongly.
        confidence: Probability that the interval covers the truth.
        draws: Number of bootstrap samples.
        seed: Seed of the draws.

    Returns:
        Lower and upper end; None for fewer than two raters, who say nothing about others.

    Reference: Zhou et al. 2019 (HYPE), section 3, with percentiles as in `expanded_levels`.
    """
    values = np.asarray(values, "float64")
    if len(values) < 2:
        return None
    rng = np.random.default_rng(seed)
    step = max(1, _CHUNK // len(values))
    counts = [min(step, draws - start) for start in range(0, draws, step)]
    means = np.concatenate([values[rng.integers(0, len(values), (count, len(values)))].mean(axis=1) for count in counts])
    return _ends(means, len(values), confidence)


def cluster_interval(
    statistic: Callable[[Array], Array],
    clusters: int,
    confidence: float = 0.95,
    draws: int = 1000,
    seed: int = 0,
) -> list[Interval] | None:
    """Return intervals of several numbers that are computed together, by a bootstrap that draws whole raters.

    Args:
        statistic: Takes how often each rater is drawn, float64 `(draws, clusters)`, and returns the numbers, `(draws, k)`.
        clusters: Number of raters.
        confidence: Probability that an interval covers the truth.
        draws: Number of bootstrap samples.
        seed: Seed of the draws.

    Returns:
        Lower and upper end of each number; None for fewer than two raters.
    """
    check_count("draws", draws)
    if clusters < 2:
        return None
    weights = np.random.default_rng(seed).multinomial(clusters, np.full(clusters, 1 / clusters), draws).astype("float64")
    return [_ends(column, clusters, confidence) for column in statistic(weights).T]


def _ends(found: Array, n: int, confidence: float) -> Interval:
    low, high = np.quantile(found, expanded_levels(n, confidence))
    return float(low), float(high)


def signal_detection(hits: int, signals: int, false_alarms: int, noises: int) -> tuple[float, float]:
    """Return the sensitivity d' and the criterion c of answers "generated".

    Args:
        hits: Generated images that were called generated.
        signals: Generated images.
        false_alarms: Real images that were called generated.
        noises: Real images.

    Returns:
        d', 0 for guessing, and c, above 0 for raters who tend to say "real".

    Reference: Macmillan and Creelman 2005, "Detection Theory"; half an answer is added to each cell (Hautus 1995).
    """
    z = NormalDist().inv_cdf
    hit, alarm = z((hits + 0.5) / (signals + 1)), z((false_alarms + 0.5) / (noises + 1))
    return hit - alarm, -(hit + alarm) / 2


def welch_interval(one: Sequence[float] | Array, other: Sequence[float] | Array, confidence: float = 0.95) -> Interval | None:
    """Return the interval of the difference of two means of different raters, whose variances may differ.

    Args:
        one: One number for each rater.
        other: The same of the other raters.
        confidence: Probability that the interval covers the truth.

    Returns:
        Lower and upper end; None if either has fewer than two raters.

    Reference: Welch 1947; the degrees of freedom of Satterthwaite are rounded down.
    """
    one, other = np.asarray(one, "float64"), np.asarray(other, "float64")
    if min(len(one), len(other)) < 2:
        return None
    parts = one.var(ddof=1) / len(one), other.var(ddof=1) / len(other)
    difference, variance = float(one.mean() - other.mean()), float(sum(parts))
    if variance == 0:
        return difference, difference
    freedom = variance**2 / (parts[0] ** 2 / (len(one) - 1) + parts[1] ** 2 / (len(other) - 1))
    margin = student_t_quantile((1 + confidence) / 2, max(1, int(freedom))) * math.sqrt(variance)
    return difference - margin, difference + margin
