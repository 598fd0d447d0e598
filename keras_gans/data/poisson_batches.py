"""Batches for private training: each sample is in a batch with the same probability, whatever the others are."""

from __future__ import annotations

import itertools
import math
import secrets
from collections.abc import Iterator
from typing import Any

import numpy as np

from keras_gans.data.batches import Batches
from keras_gans.data.random_numbers import mirrored
from keras_gans.data.shutdown import shutdown_guard

# The name of the condition that says which rows of a batch are samples: 1, or 0 for rows that fill it up.
INCLUDED = "included"

# Tells the draws from the permutations and the other random numbers that have the same seed, epoch and step.
_DRAWS, _NUMBERS = (3,), (4,)
_SECRET_BITS = 128
_LEAST_ROWS = 32


class PoissonBatches(Batches):
    """Batches that are drawn at random, so that their sizes differ: the sampling that accountants of privacy assume.

    Shuffled batches with the same accounting understate epsilon (Chua et al. 2024, "How Private are DP-SGD Implementations?").

    A batch is `(samples, conditions)`. The conditions have a further entry, `INCLUDED`: float32 `(rows,)`, 1 for samples and 0
    for the rows behind them, which fill a batch up to one of few sizes. A backend then compiles few steps.

    Who knows the seed knows who is in each batch. It is drawn from the operating system, and checkpoints alone store it.

    Args:
        batches: The batches to take samples, conditions, expected size and number of steps from.

    Raises:
        ValueError: If a condition has an order of its own.
    """

    secret = True

    def __init__(self, batches: Batches):
        given = batches.labels if batches._by_name or batches.labels is None else {"labels": batches.labels}
        super().__init__(
            batches.samples, dict(given or {}), batches.batch_size, secrets.randbits(_SECRET_BITS), flip=batches.flip
        )
        if self._own:
            raise ValueError(
                f"Private training draws samples together with their conditions, but the condition '{next(iter(self._own))}' "
                "belongs to no sample."
            )
        self._steps = len(batches)
        # Three standard deviations of the size: nearly all batches have one of three sizes, and small ones a single one.
        self._quantum = max(_LEAST_ROWS, math.ceil(3 * math.sqrt(self.batch_size)))
        self.seek(*batches.position)

    def renew_secret(self) -> None:
        """Replace the seed by another one."""
        self.seed = secrets.randbits(_SECRET_BITS)

    @property
    def rate(self) -> float:
        """The probability with which a sample is in a batch."""
        return self.batch_size / len(self.source)

    def order(self, epoch: int) -> Any:
        """Return the positions of an epoch's samples, drawn when they are looked up: int64 arrays of different sizes."""
        return _Draws(self, epoch)

    def draw(self, epoch: int, step: int) -> np.ndarray:
        """Return the positions of a batch's samples: int64, possibly none."""
        random = np.random.default_rng(np.random.SeedSequence((self.seed, epoch, step), spawn_key=_DRAWS))
        return np.flatnonzero(random.random(len(self.source)) < self.rate)

    def load(self, positions: np.ndarray, place: Any = (0, 0, 0)) -> tuple:
        """Return the samples at some positions and their conditions by name, filled up with zeros."""
        epoch, step, _ = (int(number) for number in place)
        count = len(positions)
        read = positions if count else np.zeros(1, "int64")  # the shape of a sample comes from one
        numbers = None
        if self._columns:
            random = np.random.default_rng(np.random.SeedSequence((self.seed, epoch, step), spawn_key=_NUMBERS))
            numbers = random.random((len(read), self._columns), dtype="float32")
        samples, conditions = self._read(read, numbers)
        if self.flip and numbers is not None:
            samples = mirrored(samples, numbers[:, -1])
        rows = max(1, -(-count // self._quantum)) * self._quantum
        filled = {name: _fill(values[:count], rows) for name, values in conditions.items()}
        filled[INCLUDED] = (np.arange(rows) < count).astype("float32")
        return _fill(samples[:count], rows), filled

    def _read(self, positions: np.ndarray, numbers: np.ndarray | None) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Return the samples at some positions and their conditions; another in the place of one would count twice.

        Raises:
            ValueError: If a sample cannot be read.
        """
        samples, found = self.source.read(positions, numbers)
        conditions = {}
        for name, source in self._conditions.items():
            conditions[name], also = source.read(positions, numbers)
            found = np.where(also == positions, found, also)
        if not np.array_equal(found, positions):
            raise ValueError(
                f"Sample number {positions[found != positions][0]} cannot be read, and private training must not put another "
                "in its place: remove it from the data."
            )
        return samples, conditions

    def take_part(self, part: int, parts: int) -> None:
        if parts > 1:
            raise ValueError("Private training takes one process: it draws batches of different sizes.")
        super().take_part(part, parts)

    def _part(self, step: int) -> np.ndarray:
        return self.draw(self._epoch, step)

    def first_samples(self, n: int) -> np.ndarray:
        """Return samples in the order of the data: that of batches is secret."""
        return self._read(np.arange(min(n, len(self.source))), None)[0]

    def as_dataset(self, part: int = 0, parts: int = 1, replicas: int = 1) -> Any:
        """Return the batches as an endless `tf.data.Dataset`: see `OrderedBatches.as_dataset`."""
        import tensorflow as tf

        def places() -> Iterator[tuple[int, int]]:
            epoch, first = self._next
            for later in itertools.count(epoch):
                yield from ((later, step) for step in range(first if later == epoch else 0, len(self)))

        example = self.load(np.arange(1))
        signature = [tf.TensorSpec((None, *array.shape[1:]), array.dtype) for array in tf.nest.flatten(example)]

        def load_now(epoch: int, step: int) -> list[np.ndarray]:
            with shutdown_guard:
                return tf.nest.flatten(self.load(self.draw(int(epoch), int(step)), (epoch, step, 0)))

        def load(epoch: Any, step: Any) -> Any:
            arrays = tf.numpy_function(load_now, [epoch, step], [spec.dtype for spec in signature], stateful=False)
            arrays = [tf.ensure_shape(array, spec.shape) for array, spec in zip(arrays, signature, strict=True)]
            return tf.nest.pack_sequence_as(example, arrays)

        specs = (tf.TensorSpec((), tf.int64), tf.TensorSpec((), tf.int64))
        batches = tf.data.Dataset.from_generator(places, output_signature=specs).map(load).prefetch(4)
        options = tf.data.Options()
        options.autotune.enabled = False  # see `Batches`
        return batches.with_options(options)


class _Draws:
    """The batches of one epoch."""

    def __init__(self, batches: PoissonBatches, epoch: int):
        self._batches, self._epoch = batches, epoch

    def __getitem__(self, step: int) -> np.ndarray:
        return self._batches.draw(self._epoch, step)


def _fill(values: np.ndarray, rows: int) -> np.ndarray:
    values = np.asarray(values)
    return np.concatenate([values, np.zeros((rows - len(values), *values.shape[1:]), values.dtype)])
