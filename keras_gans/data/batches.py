"""Batches of samples for `fit`, in an order that is a function of (seed, epoch, step)."""

from __future__ import annotations

import concurrent.futures
import functools
import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from keras_gans.data.ordered_batches import OrderedBatches
from keras_gans.data.random_numbers import mirrored, uniform
from keras_gans.data.shutdown import shutdown_guard
from keras_gans.data.source import as_source

# Batches that are loaded ahead of the training step; each by a thread of its own where loading is more than copying.
_AHEAD = min(max(4, os.cpu_count() or 1), 16)

# After this many tries to find positions where a sample and all of its conditions can be read, something else is wrong.
_GIVE_UP = 1000


@functools.cache
def _loading_threads() -> concurrent.futures.ThreadPoolExecutor:
    return concurrent.futures.ThreadPoolExecutor(_AHEAD, thread_name_prefix="load")


class Batches(OrderedBatches, keras.utils.PyDataset):
    """Shuffled batches from anything that can be indexed with an array of positions.

    Epoch e takes the samples in the order of a permutation drawn from (seed, e); the samples that do not fill a last batch
    are left out of that epoch. Works on every backend; `fit` must be told `shuffle=False`, which `AdversarialModel.fit`
    does by itself.

    What is random about a sample (where it is cut, whether it is mirrored) is drawn from (seed, epoch, step) for a whole
    batch at a time: threads, workers and replicas, however many, make the same batches. An image condition is cut and mirrored
    by the numbers of its sample, so that pairs stay aligned. A condition that belongs to no sample (see `Source.paired`) has
    its own order and its own numbers.

    Args:
        samples: A `keras_gans.data.source.Source`, an array, or another object that has a length and returns an array of
            samples for an array of positions.
        labels: Array of as many labels, or None; batches are `(samples, labels)`. Or a dict of conditions by name, arrays or
            sources; batches are `(samples, {name: values})`.
        batch_size: Samples per batch.
        seed: Integer.
        epoch: Number of the first epoch, for training that goes on.
        shuffle: Whether epochs are permuted. If not, each takes the samples in their own order.
        flip: Whether half of the images, drawn anew in each epoch, are mirrored left to right, along with conditions of shape
            `(height, width, channels)` and `(frames, height, width, channels)`.

    Raises:
        ValueError: If a condition of the dict has more or fewer values than there are samples.
    """

    def __init__(
        self,
        samples: Any,
        labels: Any = None,
        batch_size: int = 64,
        seed: int = 0,
        epoch: int = 0,
        shuffle: bool = True,
        flip: bool = False,
    ):
        # One worker: with more, Keras starts loading an epoch's batches before it calls on_epoch_begin.
        super().__init__(workers=1)
        self.samples = samples
        self.labels = labels
        self.batch_size = batch_size
        self.seed = seed
        self.shuffle = shuffle
        self.flip = flip
        self.source = as_source(samples)
        self._by_name = isinstance(labels, Mapping)
        given = labels if self._by_name else {} if labels is None else {"labels": labels}
        self._conditions = {name: as_source(values) for name, values in given.items()}
        if self._by_name:
            self._check_lengths()
        # Columns of random numbers by source: those of all pairs first, then those of each source with an order of its own.
        paired = [each for each in (self.source, *self._conditions.values()) if each.paired]
        self._shared = slice(0, max(each.random_numbers for each in paired) + flip)
        self._own: dict[str, slice] = {}
        self._columns = self._shared.stop
        for name, each in self._conditions.items():
            if not each.paired:
                self._own[name] = slice(self._columns, self._columns + each.random_numbers + flip)
                self._columns = self._own[name].stop
        self._steps = len(samples) // batch_size
        self.take_part(0, 1)
        self.seek(epoch)

    def _check_lengths(self) -> None:
        for name, source in self._conditions.items():
            if len(source) != len(self.source):
                raise ValueError(f"There are {len(self.source)} samples, but {len(source)} values of the condition '{name}'.")

    def seek(self, epoch: int, step: int = 0) -> None:
        super().seek(epoch, step)
        self._begin(epoch, 0)

    def order(self, epoch: int) -> np.ndarray:
        """Return the positions of an epoch's samples, int64 of shape `(steps, batch_size)`."""
        count = len(self) * self.batch_size
        if self.shuffle:
            order = np.random.default_rng((self.seed, epoch)).permutation(len(self.samples))[:count]
        else:
            order = np.arange(count)
        return order.reshape(-1, self.batch_size)

    def numbers(self, epoch: int, step: int) -> np.ndarray | None:
        """Return the random numbers of a batch, float32 in [0, 1) of shape `(batch_size, k)`; None where nothing is random."""
        return uniform(self.seed, epoch, step, (self.batch_size, self._columns)) if self._columns else None

    def load(self, positions: np.ndarray, place: Sequence[int] | np.ndarray = (0, 0, 0)) -> tuple:
        """Return the samples at some positions, in a tuple with their labels or their conditions by name if there are any.

        Args:
            positions: int64 array: a part of a batch.
            place: Where that part is: epoch, step, and the first of its rows in the batch.
        """
        epoch, step, row = (int(number) for number in place)
        numbers = self.numbers(epoch, step)
        if numbers is not None:
            numbers = numbers[row : row + len(positions)]
        samples, conditions = self._read(positions, numbers)
        turns = (epoch * len(self) + step) * self.batch_size + row + np.arange(len(positions))
        for name, columns in self._own.items():
            own = None if numbers is None else numbers[:, columns]
            conditions[name] = self._conditions[name].read_turns(turns, self.seed, own, self.shuffle)
        if self.flip and numbers is not None:
            samples = mirrored(samples, numbers[:, self._shared][:, -1])
            for name, values in conditions.items():
                if np.ndim(values) in (4, 5):
                    conditions[name] = mirrored(values, numbers[:, self._own.get(name, self._shared)][:, -1])
        if not conditions:
            return (samples,)
        return samples, conditions if self._by_name else conditions["labels"]

    def _read(self, positions: np.ndarray, numbers: np.ndarray | None) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Return the samples at some positions, and by name the conditions that belong to them."""
        paired = {name: source for name, source in self._conditions.items() if source.paired}
        for _ in range(_GIVE_UP):
            samples, positions = self.source.read(positions, numbers)
            conditions: dict[str, np.ndarray] = {}
            found = positions
            for name, source in paired.items():
                conditions[name], found = source.read(found, numbers)
            # Where a condition could not be read, the next one took its place, and needs its own sample.
            if np.array_equal(found, positions):
                return samples, conditions
            positions = found
        raise ValueError(f"Within {_GIVE_UP:,} tries, no sample was found that can be read together with its conditions.")

    def first_samples(self, n: int) -> np.ndarray:
        order = self.order(0)[: -(-n // self.batch_size)]
        return np.concatenate([self.load(positions, (0, step, 0))[0] for step, positions in enumerate(order)])[:n]

    @property
    def _in_memory(self) -> bool:
        # Copying from memory takes no thread of its own; decoding files does.
        return all(source.in_memory for source in (self.source, *self._conditions.values()))

    # Keras' own protocol, used on JAX.

    @property
    def num_batches(self) -> int:
        return len(self) - self._first_step

    def take_part(self, part: int, parts: int) -> None:
        share = self.batch_size // parts
        self._rows = slice(part * share, (part + 1) * share)

    def __getitem__(self, step: int) -> tuple:
        step += self._first_step
        if self._in_memory:
            return self.load(self._part(step), (self._epoch, step, self._rows.start))
        for later in range(step, min(step + _AHEAD, self._steps)):
            if later not in self._loading:
                place = (self._epoch, later, self._rows.start)
                self._loading[later] = _loading_threads().submit(self.load, self._part(later), place)
        return self._loading.pop(step).result()

    def _part(self, step: int) -> np.ndarray:
        """Return the positions of this process' part of a batch of the current epoch."""
        return self._order[step, self._rows]

    def on_epoch_begin(self) -> None:
        # Keras calls this once before each epoch; it calls on_epoch_end more often.
        epoch, step = self._next
        self._begin(epoch, step)
        self._next = (epoch + 1, 0)

    def _begin(self, epoch: int, step: int) -> None:
        self._epoch, self._first_step = epoch, step
        self._order = self.order(epoch)
        self._loading: dict[int, concurrent.futures.Future] = {}  # by step: what threads are loading or have loaded

    def on_epoch_end(self) -> None:
        self._first_step = 0

    # Used on TensorFlow, where batches are made outside Python's main thread.

    def as_dataset(self, part: int = 0, parts: int = 1, replicas: int = 1) -> Any:
        """Return the batches as an endless `tf.data.Dataset`: see `OrderedBatches.as_dataset`."""
        import tensorflow as tf

        share = self.batch_size // parts
        start, end = part * share, (part + 1) * share

        piece = share // replicas

        def pieces(epoch: int, first_step: int) -> tuple[np.ndarray, np.ndarray]:
            with shutdown_guard:
                positions = self.order(epoch)[first_step:, start:end].reshape(-1, piece)
            steps, firsts = np.mgrid[first_step : len(self), start:end:piece].reshape(2, -1)
            return positions, np.stack([np.full_like(steps, epoch), steps, firsts], axis=1)

        def epochs() -> Iterator[tuple[np.ndarray, np.ndarray]]:
            epoch, step = self._next
            yield pieces(epoch, step)
            yield from (pieces(later, 0) for later in itertools.count(epoch + 1))

        example = self.load(np.arange(1))
        signature = [tf.TensorSpec((piece, *array.shape[1:]), array.dtype) for array in tf.nest.flatten(example)]

        def load_now(positions: np.ndarray, place: np.ndarray) -> list[np.ndarray]:
            with shutdown_guard:
                return tf.nest.flatten(self.load(positions, place))

        def load(positions: Any, place: Any) -> Any:
            arrays = tf.numpy_function(load_now, [positions, place], [spec.dtype for spec in signature], stateful=False)
            arrays = [tf.ensure_shape(array, spec.shape) for array, spec in zip(arrays, signature, strict=True)]
            return tf.nest.pack_sequence_as(example, arrays)

        specs = (tf.TensorSpec((None, piece), tf.int64), tf.TensorSpec((None, 3), tf.int64))
        orders = tf.data.Dataset.from_generator(epochs, output_signature=specs)
        threads = 1 if self._in_memory else _AHEAD
        places = orders.flat_map(lambda *arrays: tf.data.Dataset.from_tensor_slices(arrays))
        batches = places.map(load, num_parallel_calls=threads, deterministic=True).prefetch(_AHEAD)
        # There is nothing to tune. The tuner sleeps for up to a minute and sometimes misses that it should end: closing an
        # iterator could block.
        options = tf.data.Options()
        options.autotune.enabled = False
        return batches.with_options(options)
