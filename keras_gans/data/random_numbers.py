"""Randomness in training data: a function of (seed, epoch, step), so that a resumed run sees what the whole one saw."""

import numpy as np

# Tells these numbers from the permutations that are drawn from (seed, epoch), and from those of unpaired values.
_STREAM, _ROUNDS = (1,), (2,)


def uniform(seed: int, epoch: int, step: int, shape: tuple[int, int]) -> np.ndarray:
    """Return float32 numbers in [0, 1): a row for each sample of a batch."""
    sequence = np.random.SeedSequence((seed, epoch, step), spawn_key=_STREAM)
    return np.random.default_rng(sequence).random(shape, dtype="float32")


def permutation(seed: int, number: int, count: int) -> np.ndarray:
    """Return the order of a pass through `count` values that have an order of their own, counted from 0."""
    sequence = np.random.SeedSequence((seed, number), spawn_key=_ROUNDS)
    return np.random.default_rng(sequence).permutation(count)


def mirrored(images: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Return images `(n, ..., width, channels)`, those mirrored left to right whose number is below a half."""
    mirror = (numbers < 0.5).reshape(-1, *[1] * (images.ndim - 1))
    return np.where(mirror, images[..., ::-1, :], images)
