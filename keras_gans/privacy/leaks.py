"""How much a training run has given away: a lower bound on epsilon from one run with canaries.

Each of many canaries is put into the training data or left out, by a coin. After training, an attacker guesses which were in.
Few wrong guesses contradict a small epsilon.

Reference: Steinke, Nasr and Jagielski 2023, "Privacy Auditing with One (1) Training Run", theorem 5.2 and appendix D.
"""

from __future__ import annotations

import math

import numpy as np

from keras_gans.binomial import log_probabilities
from keras_gans.errors import check_count


def epsilon_found(canaries: int, guesses: int, right: int, delta: float, confidence: float = 0.95) -> float:
    """Return the largest epsilon that the guesses about canaries contradict, a lower bound on that of the training.

    Args:
        canaries: Number of canaries, each of which was in the training data with probability 1/2.
        guesses: Number of canaries about which a guess was made.
        right: Number of right guesses.
        delta: The delta of the promise.
        confidence: Probability with which the bound is true.

    Returns:
        A number of at least 0; 0 if the guesses contradict nothing.

    Raises:
        ValueError: If a number is out of range.

    Example:

        epsilon_found(1000, 100, 100, 1e-5)   # 3.5
    """
    canaries, guesses = check_count("canaries", canaries), check_count("guesses", guesses, 0)
    right = check_count("right", right, 0)
    if not right <= guesses <= canaries:
        raise ValueError(f"right <= guesses <= canaries must hold; received {right}, {guesses}, {canaries}.")
    for name, value in (("delta", delta), ("confidence", confidence)):
        if not 0.0 <= value < 1.0:
            raise ValueError(f"{name} must be in [0, 1); received {value!r}.")
    low, high = 0.0, 1.0
    while high < 64 and _probability(canaries, guesses, right, high, delta) < 1 - confidence:
        low, high = high, 2 * high
    if low == 0.0 and _probability(canaries, guesses, right, 0.0, delta) >= 1 - confidence:
        return 0.0
    while high - low > 1e-4:
        middle = (low + high) / 2
        low, high = (middle, high) if _probability(canaries, guesses, right, middle, delta) < 1 - confidence else (low, middle)
    return low


def _probability(canaries: int, guesses: int, right: int, epsilon: float, delta: float) -> float:
    """Return a bound on the probability of so many right guesses if the training kept its promise (appendix D)."""
    if guesses == 0:
        return 1.0
    hit = 1 / (1 + math.exp(-epsilon))
    # 1 - hit = exp(-epsilon) * hit
    probability = np.exp(log_probabilities(guesses, math.log(hit), -epsilon + math.log(hit)))
    at_least = probability[right:].sum()
    # By how much a failure of probability delta for each canary can help.
    below = np.cumsum(probability[:right][::-1])
    most = float(np.max(below / np.arange(1, right + 1), initial=0.0))
    return min(1.0, float(at_least) + 2 * canaries * delta * most)
