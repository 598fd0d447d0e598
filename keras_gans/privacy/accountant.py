"""How much privacy steps of noisy gradients cost: the Renyi accountant of the Poisson-subsampled Gaussian mechanism.

A step draws each sample with probability q, clips its gradient to the norm C, sums the gradients and adds normal noise of
standard deviation `noise * C`. Two data sets are neighbours if one has one sample more than the other.

Reference: Mironov, Talwar and Zhang 2019, "Renyi Differential Privacy of the Sampled Gaussian Mechanism", sections 3.1 and 3.3;
Balle et al. 2020, "Hypothesis Testing Interpretations and Renyi Differential Privacy", theorem 21 (from Renyi to epsilon).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from keras_gans.binomial import log_probabilities

# Where the Renyi divergence is computed. Small orders matter for large epsilons, large ones for small epsilons.
ORDERS: tuple[float, ...] = (
    *(1 + tenth / 10 for tenth in range(1, 100)),
    *range(11, 64),
    *(80, 96, 128, 192, 256, 384, 512, 1024),
)
# Below, fractional orders would take long.
_LEAST_NOISE = 0.3
# The largest search range of the noise multiplier.
_MOST_NOISE = 2.0**20


def divergence(rate: float, noise: float, orders: Sequence[float] = ORDERS) -> np.ndarray:
    """Return the Renyi divergence of one step at each order; that of several steps is the sum.

    Args:
        rate: Probability with which each sample is drawn, q, in [0, 1].
        noise: Noise multiplier, above 0: the noise's standard deviation in units of the clipping norm.
        orders: Orders above 1.

    Returns:
        float64 of the shape of `orders`.
    """
    if rate == 0.0:
        return np.zeros(len(orders))
    if rate == 1.0:
        return np.array([order / (2 * noise**2) for order in orders])
    return np.array([_log_moment(rate, noise, order) / (order - 1) for order in orders])


def epsilon(divergences: Sequence[float] | np.ndarray, delta: float, orders: Sequence[float] = ORDERS) -> float:
    """Return the smallest epsilon that Renyi divergences prove at a delta.

    Args:
        divergences: One at each order.
        delta: In (0, 1).
        orders: Orders above 1.
    """
    best = math.inf
    for order, value in zip(orders, divergences, strict=True):
        if delta**2 + math.expm1(-value) > 0:
            # The divergence bounds the total variation by less than delta (Bun and Steinke 2016, by Bretagnolle and Huber).
            found = 0.0
        elif order > 1.01:
            found = value + math.log1p(-1 / order) - math.log(delta * order) / (order - 1)
        else:  # the formula is not stable
            found = math.inf
        best = min(best, found)
    return max(0.0, best)


def epsilon_of(rate: float, noise: float, steps: int, delta: float) -> float:
    """Return the epsilon that some steps have spent.

    Args:
        rate: See `divergence`.
        noise: See `divergence`.
        steps: Number of steps.
        delta: In (0, 1).

    Example:

        epsilon_of(128 / 60_000, 1.0, 450_000, 1e-5)   # 9.96: Private GANs, revisited
    """
    return epsilon(steps * divergence(rate, noise), delta) if steps else 0.0


def noise_for(target: float, rate: float, steps: int, delta: float) -> float:
    """Return the smallest noise multiplier, rounded up to 4 decimals, with which steps spend at most a target epsilon.

    Args:
        target: Epsilon, above 0.
        rate: See `divergence`.
        steps: Number of steps, at least 1.
        delta: In (0, 1).

    Raises:
        ValueError: If no noise is enough.
    """
    low, high = 0.0, 1.0
    while epsilon_of(rate, high, steps, delta) > target:
        low, high = high, 2 * high
        if high > _MOST_NOISE:
            raise ValueError(
                f"No noise keeps {steps:,} steps within epsilon {target:g} at delta {delta:g}: take fewer steps, or a larger "
                "epsilon."
            )
    while high - low > 2e-5:
        middle = (low + high) / 2
        low, high = (middle, high) if epsilon_of(rate, middle, steps, delta) > target else (low, middle)
    return math.ceil(high * 10_000) / 10_000


def steps_within(target: float, rate: float, noise: float, delta: float) -> int:
    """Return the largest number of steps that spend at most a target epsilon; 0 if not even one does.

    Args:
        target: Epsilon, above 0.
        rate: See `divergence`.
        noise: See `divergence`.
        delta: In (0, 1).
    """
    one = divergence(rate, noise)
    low, high = 0, 1
    while epsilon(high * one, delta) <= target:
        low, high = high, 2 * high
        if high > 2**40:
            return high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if epsilon(middle * one, delta) <= target else (low, middle)
    return low


def _log_moment(rate: float, noise: float, order: float) -> float:
    """Return the logarithm of the moment A of an order, of which the divergence is the logarithm divided by `order - 1`."""
    if float(order).is_integer():
        return _log_moment_of_integer(rate, noise, int(order))
    return _log_moment_of_fraction(rate, noise, order)


def _log_moment_of_integer(rate: float, noise: float, order: int) -> float:
    """Section 3.3, "Computing A for integer orders": a binomial sum."""
    k = np.arange(order + 1)
    terms = log_probabilities(order, math.log(rate), math.log1p(-rate)) + (k * k - k) / (2 * noise**2)
    return float(np.logaddexp.reduce(terms))


def _log_moment_of_fraction(rate: float, noise: float, order: float) -> float:
    """The definition of A (section 3.1), by the trapezoidal rule.

    The series of section 3.3 converge slowly. The rule's error is of the order of `exp(-2 pi^2 noise^2 / step)`, because the
    nearest singularity of the integrand is at a distance of `pi * noise^2` from the real axis: below 1e-17 for noise above 0.1.
    """
    if noise < _LEAST_NOISE:
        # The divergence rises with the order: that of the next integer is a bound. So little noise is of no use anyway.
        above = math.ceil(order)
        return _log_moment_of_integer(rate, noise, above) * (order - 1) / (above - 1)
    step = min(noise / 16, noise**2 / 4)
    x = np.arange(-14 * noise, order + 14 * noise, step)
    exponent = (2 * x - 1) / (2 * noise**2)  # of the ratio of both densities
    log_ratio = np.logaddexp(math.log1p(-rate), math.log(rate) + exponent)
    log_density = -(x**2) / (2 * noise**2) - math.log(noise * math.sqrt(2 * math.pi) / step)
    log_moment = float(np.logaddexp.reduce(log_density + order * log_ratio))
    if log_moment > 1e-2:
        return log_moment
    # A is close to 1. Its difference from 1 is summed, without the linear term, whose mean is 0.
    excess = rate * np.expm1(np.minimum(exponent, 500.0))
    small = order * log_ratio < 1.0
    beyond = np.exp(log_density) * (np.expm1(np.where(small, order * log_ratio, 0.0)) - order * excess)
    beyond = np.where(small, beyond, np.exp(log_density + order * log_ratio) - np.exp(log_density) * (1 + order * excess))
    return math.log1p(float(beyond.sum()))
