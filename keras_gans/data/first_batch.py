"""Shows the first batch of a data set to a function, without reading it twice."""

from __future__ import annotations

import itertools
import types
from collections.abc import Callable, Iterator
from typing import Any

import keras

from keras_gans.data.shutdown import shutdown_guard


def watch_first_batch(batches: Any, look: Callable[[Any], None]) -> Any:
    """Return batches whose first one is shown to a function before it is used.

    A `tf.data.Dataset` shows the first batch of each pass, on TensorFlow; other batches are looked at once, here.

    Args:
        batches: Any batches that Keras' `fit` takes: a `tf.data.Dataset`, a generator, a `keras.utils.PyDataset`, or a
            `DataLoader` of PyTorch. Anything else is returned as it is.
        look: Called with a batch as the data set yields it, with NumPy arrays or tensors. What it raises ends training.

    Returns:
        What to give to `fit` instead.
    """
    if is_dataset(batches) and keras.config.backend() == "tensorflow":
        return _watch_dataset(batches, look)
    if isinstance(batches, types.GeneratorType):
        first = next(batches, None)
        if first is None:
            return batches
        look(first)
        return _chained(first, batches)
    if isinstance(batches, keras.utils.PyDataset):
        if batches.num_batches != 0:
            look(batches[0])
    elif is_dataset(batches) or _is_of(batches, "DataLoader", "torch.utils.data"):
        # A step of JAX that fails loses the weights, so that the first batch is read twice.
        for first in itertools.islice(iter(batches), 1):
            look(first)
    return batches


def is_dataset(batches: Any) -> bool:
    """Whether this is a `tf.data.Dataset`, found out without importing TensorFlow."""
    return _is_of(batches, "DatasetV2", "tensorflow.python.")


def _is_of(batches: Any, name: str, package: str) -> bool:
    return any(each.__name__ == name and each.__module__.startswith(package) for each in type(batches).__mro__)


def _chained(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest


def _watch_dataset(dataset: Any, look: Callable[[Any], None]) -> Any:
    import tensorflow as tf

    specs = tf.nest.flatten(dataset.element_spec)
    if not all(isinstance(spec, tf.TensorSpec) for spec in specs):
        return dataset  # ragged or sparse, which no model takes

    def show(*arrays: Any) -> bool:
        with shutdown_guard:
            look(tf.nest.pack_sequence_as(dataset.element_spec, arrays))
        return False

    def step(is_first: Any, batch: Any) -> tuple[Any, Any]:
        shown = tf.cond(is_first, lambda: tf.numpy_function(show, tf.nest.flatten(batch), tf.bool), lambda: tf.constant(False))
        return tf.ensure_shape(shown, ()), batch

    return dataset.scan(True, lambda is_first, *batch: step(is_first, batch if len(batch) > 1 else batch[0]))
