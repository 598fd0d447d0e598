"""Samples too many for memory, streamed through tf.data."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from keras_gans.conditions import LABELS
from keras_gans.data.ordered_batches import OrderedBatches
from keras_gans.data.random_numbers import mirrored, uniform
from keras_gans.data.resize import ImageOptions, fit_images
from keras_gans.data.shutdown import shutdown_guard
from keras_gans.data.source import Source

# Size of the shuffle buffer. It need not hold an epoch: TensorFlow Datasets keeps its files shuffled.
_SHUFFLE_BUFFER = 10_000


_CHUNK = 256  # samples read together by `in_order`


class TensorFlowSource(Source):
    """A source whose batches tf.data makes, with labels but no other conditions."""

    @property
    def batches_class(self) -> type[StreamBatches]:
        """The class of its batches."""
        raise NotImplementedError

    def make_batches(
        self,
        conditions: Mapping[str, Any],
        labels: Any = None,
        batch_size: int = 64,
        seed: int = 0,
        epoch: int = 0,
        flip: bool = False,
    ) -> StreamBatches:
        """Make batches: see `Source.make_batches`.

        Raises:
            ValueError: If they should hold conditions other than its own labels.
        """
        others = [name for name in conditions if name != LABELS]
        if others:
            raise ValueError(
                f"Batches that stream through tf.data hold no conditions but labels, not {', '.join(others)}. Use data that "
                "fit in memory, or a folder."
            )
        wanted = bool(conditions) or labels is not None
        if wanted and not self.labelled:
            raise ValueError("Batches that stream through tf.data hold the stream's own labels, and this stream has none.")
        return self.batches_class(self, batch_size, seed, epoch, wanted, flip, bool(conditions))


class Stream(TensorFlowSource):
    """A `tf.data.Dataset` of `{"image", "label"}` examples as samples of one shape.

    Args:
        examples: The data set, in a fixed order.
        shape: `(n, height, width, channels)` of the samples to make of it.
        options: How images are brought to that shape.
    """

    dtype = np.dtype("uint8")
    streamed = True

    def __init__(self, examples: Any, shape: tuple[int, ...], options: ImageOptions | None = None):
        import tensorflow as tf

        options = options or ImageOptions()

        def fit_now(image: np.ndarray) -> np.ndarray:
            with shutdown_guard:
                return fit_images(image[None], shape[1:], options)[0]

        def fit(example: dict[str, Any]) -> tuple[Any, Any]:
            image = tf.numpy_function(fit_now, [example["image"]], tf.uint8)
            sides = (None, None) if options.random_numbers else shape[1:3]
            return tf.ensure_shape(image, (*sides, shape[3])), tf.cast(example.get("label", 0), tf.int32)

        self.fits = tuple(examples.element_spec["image"].shape) == tuple(shape[1:])
        if self.fits:
            self.pairs = examples.map(lambda example: (example["image"], tf.cast(example.get("label", 0), tf.int32)))
        else:
            self.pairs = examples.map(fit, tf.data.AUTOTUNE)
        self.shape = shape
        self.options = options
        self.labelled = "label" in examples.element_spec

    @property
    def random_numbers(self) -> int:
        return 0 if self.fits else self.options.random_numbers

    @property
    def batches_class(self) -> type[StreamBatches]:
        return StreamBatches

    def read(self, positions: np.ndarray, numbers: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Read samples by going through the stream from its beginning to the last of them: see `Source.read`."""
        positions = np.asarray(positions)
        rows: dict[int, list[int]] = {}
        for row, position in enumerate(positions.tolist()):
            rows.setdefault(position, []).append(row)
        result = np.empty((len(positions), *self.shape[1:]), self.dtype)
        last = self.pairs.take(int(positions.max(initial=-1)) + 1)
        for position, (image, _) in enumerate(last.as_numpy_iterator()):
            for row in rows.get(position, ()):
                where = (0.5, 0.5) if numbers is None else numbers[row]
                result[row] = self.options.cut(image, self.shape[1:], where) if self.random_numbers else image
        return result, positions

    def in_order(self) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray | None]]:
        position = 0
        for images, labels in self.pairs.batch(_CHUNK).as_numpy_iterator():
            yield images, np.arange(position, position + len(images)), labels if self.labelled else None
            position += len(images)

    def to_arrays(self) -> tuple[np.ndarray | list[np.ndarray], np.ndarray]:
        """Return all samples as a uint8 array, or as a list if they are larger and still to be cropped, and int32 labels."""
        if self.random_numbers:
            pictures, their_labels = zip(*self.pairs.as_numpy_iterator(), strict=True)
            return list(pictures), np.array(their_labels)
        images, labels = np.empty(self.shape, "uint8"), np.empty(len(self), "int32")
        position = 0
        for some, some_labels in self.pairs.batch(1024).as_numpy_iterator():
            images[position : position + len(some)] = some
            labels[position : position + len(some)] = some_labels
            position += len(some)
        return images, labels


class StreamBatches(OrderedBatches):
    """Batches of a `Stream`, in an order that is a function of (seed, epoch, step): what `Batches` is to arrays.

    Args:
        stream: A `Stream`.
        batch_size: Samples per batch; the remainder of an epoch is left out.
        seed: Integer.
        epoch: Number of the first epoch.
        labels: Whether batches hold labels.
        flip: Whether half of the images, drawn anew in each epoch, are mirrored left to right.
        by_name: Whether labels are `{"labels": labels}`, as conditions are.
    """

    def __init__(
        self,
        stream: Any,
        batch_size: int,
        seed: int,
        epoch: int,
        labels: bool,
        flip: bool = False,
        by_name: bool = False,
    ):
        self.source, self.stream = stream, stream
        self.by_name = by_name
        self.batch_size = batch_size
        self.seed = seed
        self.labels = labels
        self.flip = flip
        self._steps = len(stream) // batch_size
        self.seek(epoch)

    def as_dataset(self, part: int = 0, parts: int = 1, replicas: int = 1) -> Any:
        """Return the batches as an endless `tf.data.Dataset`: see `OrderedBatches.as_dataset`."""
        import tensorflow as tf

        share = self.batch_size // parts // replicas

        def cut(images: Any, labels: Any) -> Any:
            rows = slice(part * share * replicas, (part + 1) * share * replicas)
            pieces = [tf.reshape(array[rows], (replicas, share, *array.shape[1:])) for array in (images, labels)]
            return tf.data.Dataset.from_tensor_slices(tuple(pieces))

        batches = self._whole_batches()
        if parts * replicas > 1:
            batches = batches.flat_map(cut)
        if not self.labels:
            batches = batches.map(lambda images, _: (images,))
        elif self.by_name:
            batches = batches.map(lambda images, labels: (images, {LABELS: labels}))
        return batches.prefetch(tf.data.AUTOTUNE)

    def _whole_batches(self) -> Any:
        """Return all batches from where `seek` says, with labels."""
        import tensorflow as tf

        def epochs() -> Iterator[tuple[int, int]]:
            epoch, step = self._next
            yield epoch, step
            yield from ((later, 0) for later in itertools.count(epoch + 1))

        def one_epoch(epoch: Any, step: Any) -> Any:
            samples = self._shuffled(self.stream.pairs, epoch, step)
            if self.stream.random_numbers or self.flip:
                samples = samples.enumerate(step * self.batch_size).map(
                    lambda number, sample: (self._vary(epoch, number, sample[0]), sample[1]), tf.data.AUTOTUNE
                )
            return samples.batch(self.batch_size, drop_remainder=True)

        spec = tf.TensorSpec((), tf.int64)
        return tf.data.Dataset.from_generator(epochs, output_signature=(spec, spec)).flat_map(one_epoch)

    def _shuffled(self, samples: Any, epoch: Any, step: Any) -> Any:
        """Return the samples of one epoch's batches in their order, without those of its first steps."""
        import tensorflow as tf

        # A global seed, which shuffle would mix with this symbolic one and cannot, must not reach it.
        tf.compat.v1.set_random_seed(None)
        samples = samples.shuffle(_SHUFFLE_BUFFER, seed=self.seed * 1_000_003 + epoch)
        return samples.take(len(self) * self.batch_size).skip(step * self.batch_size)

    def _vary(self, epoch: Any, number: Any, image: Any) -> Any:
        """Cut and mirror the sample of this number of an epoch."""
        import tensorflow as tf

        shape, columns = self.stream.shape[1:], self.stream.random_numbers + self.flip

        def vary(epoch: np.ndarray, number: np.ndarray, image: np.ndarray) -> np.ndarray:
            step, row = divmod(int(number), self.batch_size)
            with shutdown_guard:
                numbers = uniform(self.seed, int(epoch), step, (self.batch_size, columns))[row : row + 1]
                if self.stream.random_numbers:
                    image = self.stream.options.cut(image, shape, numbers[0])
                return mirrored(image[None], numbers[:, -1])[0] if self.flip else image

        return tf.ensure_shape(tf.numpy_function(vary, [epoch, number, image], tf.uint8), shape)
