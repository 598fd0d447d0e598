"""Randomness in training data: a function of (seed, epoch, step), so that a resumed run sees what the whole one saw."""

from collections.abc import Iterator

import numpy as np

# Tells these numbers from the permutations that are drawn from (seed, epoch), and from those of unpaired values.
_STREAM, _ROUNDS = (1,), (2,)
_TRAINING, _EVALUATION = 0, 1
_BITS = 24  # of a random number, a float32 in [0, 1)


def uniform(seed: int, epoch: int, step: int, shape: tuple[int, int]) -> np.ndarray:
    """Return float32 numbers in [0, 1): a row for each sample of a batch."""
    sequence = np.random.SeedSequence((seed, epoch, step), spawn_key=_STREAM)
    return np.random.default_rng(sequence).random(shape, dtype="float32")


def generators(positions: np.ndarray, numbers: np.ndarray | None) -> Iterator[np.random.Generator]:
    """Yield a random generator for each sample.

    Args:
        positions: Positions of the samples.
        numbers: A random number in [0, 1) for each, as in training; or None, as in evaluation: then the generators are
            functions of the positions, and differ from those of training.
    """
    for number, position in enumerate(positions.tolist()):
        key = (_EVALUATION, position) if numbers is None else (_TRAINING, int(numbers[number] * 2**_BITS))
        yield np.random.default_rng(key)


def permutation(seed: int, number: int, count: int) -> np.ndarray:
    """Return the order of a pass through `count` values that have an order of their own, counted from 0."""
    sequence = np.random.SeedSequence((seed, number), spawn_key=_ROUNDS)
    return np.random.default_rng(sequence).permutation(count)


def mirrored(images: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Return images `(n, ..., width, channels)`, those mirrored left to right whose number is below a half."""
    mirror = (numbers < 0.5).reshape(-1, *[1] * (images.ndim - 1))
    return np.where(mirror, images[..., ::-1, :], images)
