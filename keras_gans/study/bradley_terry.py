"""Scores from comparisons of two: the model of Bradley and Terry."""

from __future__ import annotations

import numpy as np

from keras_gans._typing import Array

_MOST_STEPS = 100_000


def bradley_terry(wins: Array, tolerance: float = 1e-10) -> Array:
    """Return the most likely scores of contestants, given who was preferred to whom.

    Contestant i is preferred to j with probability `1 / (1 + exp(scores[j] - scores[i]))`.

    Args:
        wins: Shape `(n, n)`: how often the contestant of the row was preferred to that of the column. A tie counts as half a
            win for both.
        tolerance: Largest change of a score in the last step.

    Returns:
        float64 `(n,)`, natural logarithms of odds, with the mean 0.

    Raises:
        ValueError: If the counts are not counts, or no scores are most likely: some contestants never lost to the others.

    Reference: Bradley and Terry 1952; Hunter 2004, "MM algorithms for generalized Bradley-Terry models", section 2: the
        iteration, and the condition that a maximum exists.

    Example:

        keras_gans.study.bradley_terry([[0, 30], [10, 0]])  # the logarithm of 3 apart
    """
    wins = np.array(wins, "float64")
    if wins.ndim != 2 or wins.shape[0] != wins.shape[1] or not np.isfinite(wins).all() or (wins < 0).any():
        raise ValueError(f"wins must be a square array of numbers of at least 0; received shape {wins.shape}.")
    np.fill_diagonal(wins, 0)
    if not is_connected(wins):
        raise ValueError("There are no most likely scores: some contestants never lost to others, or were never compared.")
    return most_likely(wins[None], tolerance)[0]


def most_likely(wins: Array, tolerance: float = 1e-10) -> Array:
    """Return the scores of many sets of comparisons, each of which has most likely ones.

    Args:
        wins: Shape `(sets, n, n)`, as `bradley_terry` takes them, with zeros on the diagonals.
        tolerance: Largest change of a score in the last step.

    Returns:
        float64 `(sets, n)`.
    """
    together = wins + wins.swapaxes(1, 2)
    total = wins.sum(axis=2)
    scores = np.zeros(total.shape)
    for _ in range(_MOST_STEPS):
        strength = np.exp(scores)
        new = np.log(total / (together / (strength[:, :, None] + strength[:, None])).sum(axis=2))
        new -= new.mean(axis=1, keepdims=True)
        change = np.abs(new - scores).max()
        scores = new
        if change < tolerance:
            break
    return scores


def is_connected(wins: Array) -> bool:
    """Return whether every contestant won, directly or through others, against every other: scores are then finite."""
    reached = (np.asarray(wins) > 0) | np.eye(len(wins), dtype=bool)
    for _ in range(len(wins)):
        reached = reached @ reached
    return bool(reached.all())


def regularised(wins: Array) -> Array:
    """Return counts with half a tie added to each pair, which always have most likely scores."""
    added = np.full_like(np.asarray(wins, "float64"), 0.25)
    np.fill_diagonal(added, 0)
    return wins + added
