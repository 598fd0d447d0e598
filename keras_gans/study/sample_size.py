"""How many raters and items a question needs, in closed form."""

from __future__ import annotations

import math
from statistics import NormalDist


def share_variance(share: float, trials: int, correlation: float = 0.0) -> float:
    """Return the variance of the share of errors of one rater: the design effect of clusters.

    Args:
        share: The true share, 0 to 1.
        trials: Answers of the rater.
        correlation: Correlation of two answers of one rater.

    Reference: Kish 1965, "Survey Sampling", section 5.4: `1 + (trials - 1) * correlation`.
    """
    return share * (1 - share) / trials * (1 + (trials - 1) * correlation)


def half_width(share: float, raters: int, trials: int, correlation: float = 0.0, confidence: float = 0.95) -> float:
    """Return half the width of the normal interval of a share.

    Args:
        share: The true share, 0 to 1.
        raters: Number of raters.
        trials: Answers of each.
        correlation: Correlation of two answers of one rater.
        confidence: Probability that the interval covers the truth.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    return z * math.sqrt(share_variance(share, trials, correlation) / raters)


def raters_to_distinguish(
    one: float, other: float, trials: int, correlation: float = 0.0, power: float = 0.8, level: float = 0.05
) -> int:
    """Return how many raters each of two models needs so that their shares of errors are told apart.

    Args:
        one: The true share of a model, 0 to 1.
        other: That of the other.
        trials: Answers of each rater.
        correlation: Correlation of two answers of one rater.
        power: Probability that the difference is found.
        level: Probability that equal models are told apart, two-sided.

    Raises:
        ValueError: If both shares are equal.

    Reference: Kish 1965 for the variance; two independent means, normal approximation.
    """
    if one == other:
        raise ValueError("Equal models cannot be told apart.")
    z = NormalDist().inv_cdf(1 - level / 2) + NormalDist().inv_cdf(power)
    variance = share_variance(one, trials, correlation) + share_variance(other, trials, correlation)
    return max(2, math.ceil(z**2 * variance / (one - other) ** 2))


def pairs_to_distinguish(preferred: float, power: float = 0.8, level: float = 0.05) -> int:
    """Return how many independent comparisons show that one of two is preferred.

    Args:
        preferred: The true share of comparisons that it wins.
        power: Probability that this is found.
        level: Probability that it is found of equals, two-sided.

    Raises:
        ValueError: If the share is a half.

    Reference: the normal approximation of a binomial test (Fleiss 1981, section 1.5).
    """
    if preferred == 0.5:
        raise ValueError("Equals cannot be told apart.")
    z_level, z_power = NormalDist().inv_cdf(1 - level / 2), NormalDist().inv_cdf(power)
    root = z_level * 0.5 + z_power * math.sqrt(preferred * (1 - preferred))
    return math.ceil((root / (preferred - 0.5)) ** 2)


def votes_for_width(half: float, deviation: float = 1.0, confidence: float = 0.95) -> int:
    """Return how many independent votes give a mean opinion score an interval of this half-width.

    Args:
        half: Half-width, in points.
        deviation: Standard deviation of a vote.
        confidence: Probability that the interval covers the truth.
    """
    return math.ceil((NormalDist().inv_cdf((1 + confidence) / 2) * deviation / half) ** 2)
