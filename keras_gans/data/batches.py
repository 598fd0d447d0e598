"""Batches of samples for `fit`, in an order that is a function of (seed, epoch, step)."""

import concurrent.futures
import functools
import itertools
import os

import keras
import numpy as np

from keras_gans.data.decoded import Croppable
from keras_gans.data.epoch_position import Position
from keras_gans.data.random_numbers import mirrored, uniform
from keras_gans.data.shutdown_gate import gate

# Batches that are loaded ahead of the training step; each by a thread of its own where loading is more than copying.
_AHEAD = min(max(4, os.cpu_count()), 16)


@functools.cache
def _loading_threads():
    return concurrent.futures.ThreadPoolExecutor(_AHEAD, thread_name_prefix="load")


class Batches(Position, keras.utils.PyDataset):
    """Shuffled batches from anything that can be indexed with an array of positions.

    Epoch e takes the samples in the order of a permutation drawn from (seed, e); the samples that do not fill a last batch
    are left out of that epoch. Works on every backend; `fit` must be told `shuffle=False`, which `AdversarialModel.fit`
    does by itself.

    What is random about a sample (where it is cut, whether it is mirrored) is drawn from (seed, epoch, step) for a whole
    batch at a time: threads, workers and replicas, however many, make the same batches.

    Args:
        samples: Has a length, and returns an array of samples for an array of positions; or a `read` that takes random
            numbers too, as that of `DecodedSamples`.
        labels: Array of as many labels, or None.
        batch_size: Samples a batch.
        seed: Integer.
        epoch: The number of the first epoch, for training that goes on.
        shuffle: Whether epochs are permuted; if not, each takes the samples as they lie.
        flip: Whether half of the images, drawn anew in each epoch, are mirrored left to right.
    """

    ordered = True

    def __init__(self, samples, labels=None, batch_size=64, seed=0, epoch=0, shuffle=True, flip=False):
        # One worker: with more, Keras starts loading an epoch's batches before it calls on_epoch_begin.
        super().__init__(workers=1)
        self.samples = samples
        self.labels = labels
        self.batch_size = batch_size
        self.seed = seed
        self.shuffle = shuffle
        self.flip = flip
        self._steps = len(samples) // batch_size
        self.seek(epoch)

    def seek(self, epoch, step=0):
        super().seek(epoch, step)
        self._begin(epoch, 0)

    def order(self, epoch):
        """Returns the positions of an epoch's samples, int64 of shape `(steps, batch_size)`."""
        count = len(self) * self.batch_size
        if self.shuffle:
            order = np.random.default_rng((self.seed, epoch)).permutation(len(self.samples))[:count]
        else:
            order = np.arange(count)
        return order.reshape(-1, self.batch_size)

    def numbers(self, epoch, step):
        """Returns the random numbers of a batch, float32 in [0, 1) of shape `(batch_size, k)`; None where nothing is random."""
        columns = getattr(self.samples, "random_numbers", 0) + self.flip
        return uniform(self.seed, epoch, step, (self.batch_size, columns)) if columns else None

    def load(self, positions, place=(0, 0, 0)):
        """Returns the samples at some positions, in a tuple with their labels if there are any.

        Args:
            positions: int64 array: a part of a batch.
            place: Where that part is: epoch, step, and the first of its rows in the batch.
        """
        epoch, step, row = (int(number) for number in place)
        numbers = self.numbers(epoch, step)
        if numbers is not None:
            numbers = numbers[row : row + len(positions)]
        if hasattr(self.samples, "read"):
            samples, positions = self.samples.read(positions, numbers)
        else:
            samples = self.samples[positions]
        if self.flip:
            samples = mirrored(samples, numbers[:, -1])
        return (samples,) if self.labels is None else (samples, self.labels[positions])

    @property
    def _in_memory(self):
        # Copying from memory takes no thread of its own; decoding files does.
        return isinstance(self.samples, np.ndarray | Croppable)

    # Keras' own protocol, used on JAX.

    @property
    def num_batches(self):
        return len(self) - self._first_step

    def __getitem__(self, step):
        step += self._first_step
        if self._in_memory:
            return self.load(self._order[step], (self._epoch, step, 0))
        for later in range(step, min(step + _AHEAD, self._steps)):
            if later not in self._loading:
                place = (self._epoch, later, 0)
                self._loading[later] = _loading_threads().submit(self.load, self._order[later], place)
        return self._loading.pop(step).result()

    def on_epoch_begin(self):
        # Keras calls this once before each epoch; it calls on_epoch_end more often.
        epoch, step = self._next
        self._begin(epoch, step)
        self._next = (epoch + 1, 0)

    def _begin(self, epoch, step):
        self._epoch, self._first_step = epoch, step
        self._order = self.order(epoch)
        self._loading = {}  # by step: what threads are loading or have loaded

    def on_epoch_end(self):
        self._first_step = 0

    # Used on TensorFlow, where batches are made outside Python's main thread.

    def as_dataset(self, part=0, parts=1, replicas=1):
        """Returns the batches as an endless `tf.data.Dataset`.

        An iteration begins where `seek` says.

        Args:
            part: Which of several equal parts of each batch to yield, counted from 0: that of one worker of many.
            parts: How many parts there are.
            replicas: How many elements to cut the part into: one for each device of the worker.
        """
        import tensorflow as tf

        share = self.batch_size // parts
        rows = slice(part * share, (part + 1) * share)

        piece = share // replicas

        def pieces(epoch, first_step):
            with gate:
                positions = self.order(epoch)[first_step:, rows].reshape(-1, piece)
            steps, firsts = np.mgrid[first_step : len(self), rows.start : rows.stop : piece].reshape(2, -1)
            return positions, np.stack([np.full_like(steps, epoch), steps, firsts], axis=1)

        def epochs():
            epoch, step = self._next
            yield pieces(epoch, step)
            yield from (pieces(later, 0) for later in itertools.count(epoch + 1))

        example = self.load(np.arange(1))
        signature = [tf.TensorSpec((piece, *array.shape[1:]), array.dtype) for array in example]

        def load_now(positions, place):
            with gate:
                return self.load(positions, place)

        def load(positions, place):
            arrays = tf.numpy_function(load_now, [positions, place], [spec.dtype for spec in signature], stateful=False)
            return tuple(tf.ensure_shape(array, spec.shape) for array, spec in zip(arrays, signature, strict=True))

        specs = (tf.TensorSpec((None, piece), tf.int64), tf.TensorSpec((None, 3), tf.int64))
        orders = tf.data.Dataset.from_generator(epochs, output_signature=specs)
        threads = 1 if self._in_memory else _AHEAD
        places = orders.flat_map(lambda *arrays: tf.data.Dataset.from_tensor_slices(arrays))
        batches = places.map(load, num_parallel_calls=threads, deterministic=True).prefetch(_AHEAD)
        # There is nothing to tune. The tuner sleeps for up to a minute, and now and then misses that it is to end: whoever
        # gives an iterator up waits for it.
        options = tf.data.Options()
        options.autotune.enabled = False
        return batches.with_options(options)
