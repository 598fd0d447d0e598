"""Samples too many for memory, streamed through tf.data."""

import numpy as np

from keras_gans.data.resize import fit_images

# Shuffled positions lie this far apart at most. TensorFlow Datasets keeps files shuffled, so that neighbours are no kin.
_SHUFFLE_BUFFER = 10_000


class Stream:
    """A `tf.data.Dataset` of `{"image", "label"}` examples as samples of one shape.

    Args:
        examples: The data set, in a fixed order.
        shape: `(n, height, width, channels)` of the samples to make of it.
    """

    def __init__(self, examples, shape):
        import tensorflow as tf

        def fit(example):
            image = tf.numpy_function(lambda x: fit_images(x[None], shape[1:])[0], [example["image"]], tf.uint8)
            return tf.ensure_shape(image, shape[1:]), tf.cast(example.get("label", 0), tf.int32)

        if tuple(examples.element_spec["image"].shape) == shape[1:]:
            self._pairs = examples.map(lambda example: (example["image"], tf.cast(example.get("label", 0), tf.int32)))
        else:
            self._pairs = examples.map(fit, tf.data.AUTOTUNE)
        self.shape = shape
        self.labelled = "label" in examples.element_spec

    def __len__(self):
        return self.shape[0]

    def to_arrays(self):
        """Returns all samples, uint8, and their labels, int32 (zeros where there are none)."""
        images, labels = np.empty(self.shape, "uint8"), np.empty(len(self), "int32")
        position = 0
        for some, some_labels in self._pairs.batch(1024).as_numpy_iterator():
            images[position : position + len(some)] = some
            labels[position : position + len(some)] = some_labels
            position += len(some)
        return images, labels

    def batches(self, batch_size, seed, epoch, labels):
        """Returns an endless data set of shuffled batches whose order is a function of (seed, epoch, step)."""
        import tensorflow as tf

        def one_epoch(number):
            # A global seed, which shuffle would mix with this symbolic one and cannot, must not reach it.
            tf.compat.v1.set_random_seed(None)
            shuffled = self._pairs.shuffle(_SHUFFLE_BUFFER, seed=seed * 1_000_003 + number)
            return shuffled.batch(batch_size, drop_remainder=True)

        batches = tf.data.Dataset.counter(start=epoch).flat_map(one_epoch)
        if not labels:
            batches = batches.map(lambda image, _: image)
        return batches.prefetch(tf.data.AUTOTUNE)
