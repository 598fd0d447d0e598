"""Batches of samples for `fit`, in an order that is a function of (seed, epoch, step)."""

import itertools

import keras
import numpy as np

# Batches that are loaded ahead of the training step, each by a thread of its own where loading is more than copying.
_AHEAD = 4


class Batches(keras.utils.PyDataset):
    """Shuffled batches from anything that can be indexed with an array of positions.

    Epoch e takes the samples in the order of a permutation drawn from (seed, e); the samples that do not fill a last batch
    are left out of that epoch. Works on every backend; `fit` must be told `shuffle=False`, which `AdversarialModel.fit`
    does by itself.

    Args:
        samples: Has a length, and returns an array of samples for an array of positions.
        labels: Array of as many labels, or None.
        batch_size: Samples a batch.
        seed: Integer.
        epoch: The number of the first epoch, for training that goes on.
        shuffle: Whether epochs are permuted; if not, each takes the samples as they lie.
    """

    ordered = True

    def __init__(self, samples, labels=None, batch_size=64, seed=0, epoch=0, shuffle=True):
        # One worker: with more, Keras starts loading an epoch's batches before it calls on_epoch_begin.
        super().__init__(workers=1)
        self.samples = samples
        self.labels = labels
        self.batch_size = batch_size
        self.seed = seed
        self.shuffle = shuffle
        self._steps = len(samples) // batch_size
        self.seek(epoch)

    def take(self, steps):
        """Makes epochs shorter: each takes only this many batches of its order. Returns itself.

        Raises:
            ValueError: If there are fewer.
        """
        if not 1 <= steps <= len(self):
            raise ValueError(f"steps_per_epoch must be from 1 to the {len(self)} batches there are; received {steps}.")
        self._steps = steps
        self.seek(*self._next)
        return self

    def seek(self, epoch, step=0):
        """Makes the next epoch that is begun the one of this number, without its first `step` batches."""
        self._next = (epoch, step)
        self._first_step = 0
        self._order = self.order(epoch)

    @property
    def epoch(self):
        """The number of the epoch that is begun next."""
        return self._next[0]

    def order(self, epoch):
        """Returns the positions of an epoch's samples, int64 of shape `(steps, batch_size)`."""
        count = len(self) * self.batch_size
        if self.shuffle:
            order = np.random.default_rng((self.seed, epoch)).permutation(len(self.samples))[:count]
        else:
            order = np.arange(count)
        return order.reshape(-1, self.batch_size)

    def load(self, positions):
        """Returns the samples at some positions, in a tuple with their labels if there are any."""
        samples = self.samples[positions]
        return (samples,) if self.labels is None else (samples, self.labels[positions])

    def __len__(self):
        return self._steps

    # Keras' own protocol, used on JAX.

    @property
    def num_batches(self):
        return len(self) - self._first_step

    def __getitem__(self, step):
        return self.load(self._order[self._first_step + step])

    def on_epoch_begin(self):
        # Keras calls this once before each epoch; it calls on_epoch_end more often.
        epoch, self._first_step = self._next
        self._order = self.order(epoch)
        self._next = (epoch + 1, 0)

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

        def epochs():
            epoch, step = self._next
            yield self.order(epoch)[step:, rows].reshape(-1, share // replicas)
            for later in itertools.count(epoch + 1):
                yield self.order(later)[:, rows].reshape(-1, share // replicas)

        example = self.load(np.arange(1))
        signature = [tf.TensorSpec((share // replicas, *array.shape[1:]), array.dtype) for array in example]

        def load(positions):
            arrays = tf.numpy_function(self.load, [positions], [spec.dtype for spec in signature], stateful=False)
            return tuple(tf.ensure_shape(array, spec.shape) for array, spec in zip(arrays, signature, strict=True))

        orders = tf.data.Dataset.from_generator(epochs, output_signature=tf.TensorSpec((None, share // replicas), tf.int64))
        # Copying from memory takes no thread of its own; decoding files does.
        threads = 1 if isinstance(self.samples, np.ndarray) else _AHEAD
        batches = orders.flat_map(tf.data.Dataset.from_tensor_slices).map(load, num_parallel_calls=threads, deterministic=True)
        return batches.prefetch(_AHEAD)
