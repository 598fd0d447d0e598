"""Samples that are read by position, wherever they lie: in memory, in files, or in a stream."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from keras_gans.data.ordered_batches import OrderedBatches

_CHUNK = 256  # samples read together by `in_order`


class Source:
    """Samples of one shape, read by position.

    Subclasses set `shape` and `dtype` and implement `read`. Pass one to `Data`, to `Batches`, or as a condition of either.

    Attributes:
        shape: Shape of all samples together: `(n, ...)`.
        dtype: NumPy dtype of the samples.
        random_numbers: How many random numbers `read` uses for each sample, such as two for a random crop.
        labelled: Whether the source has labels of its own. It then overrides `in_order` and `make_batches`.
        streamed: Whether samples come in the order of a stream, so that reading by position is slow.
        in_memory: Whether reading only copies memory, which needs no threads.
        paired: Whether the value at a position belongs to the sample at that position. If not, `Batches` reads it by
            `read_turns`: see `keras_gans.data.unpaired.UnpairedValues`.
        training_only: Whether only `make_batches` works, because other machines read the samples.
    """

    # Attributes or properties, as a subclass needs.
    shape: Any
    dtype: Any
    random_numbers: Any = 0
    labelled: bool = False
    streamed: bool = False
    in_memory: bool = False
    paired: bool = True
    training_only: bool = False

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, positions: np.ndarray) -> np.ndarray:
        return self.read(positions)[0]

    def read(self, positions: np.ndarray, numbers: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Read samples.

        Args:
            positions: Integer array of shape `(k,)`.
            numbers: Random numbers in [0, 1) of shape `(k, random_numbers)` or wider. None takes the middle of what is random:
                centre crops.

        Returns:
            The samples, and the positions where they were found. These differ from `positions` where a sample could not be
            read and another took its place.
        """
        raise NotImplementedError

    def read_turns(self, turns: np.ndarray, seed: int, numbers: np.ndarray | None = None, shuffle: bool = True) -> np.ndarray:
        """Read values in an order of their own, if this source is not `paired`.

        Args:
            turns: Integers of shape `(k,)` that count the samples of training from its beginning.
            seed: Seed of the order.
            numbers: Random numbers: see `read`.
            shuffle: Whether each pass through the values has an order of its own.
        """
        raise NotImplementedError

    def in_order(self) -> Iterator[tuple[np.ndarray | Sequence[np.ndarray], np.ndarray, np.ndarray | None]]:
        """Yield all readable samples in order, some at a time.

        Yields:
            The samples, their positions, and their labels if the source is `labelled`, else None.
        """
        for start in range(0, len(self), _CHUNK):
            samples, positions = self.read(np.arange(start, min(start + _CHUNK, len(self))))
            yield samples, positions, None

    def make_batches(
        self,
        conditions: Mapping[str, Any],
        labels: Any = None,
        batch_size: int = 64,
        seed: int = 0,
        epoch: int = 0,
        flip: bool = False,
    ) -> OrderedBatches:
        """Make shuffled batches for `fit`: see `Data.batches`.

        Args:
            conditions: Values by name. If there are any, batches are `(samples, {name: values})`.
            labels: Labels of batches that are `(samples, labels)`; used if there are no `conditions`. A `labelled` source takes
                its own.
            batch_size: Samples per batch.
            seed: Seed of the order.
            epoch: Number of the first epoch.
            flip: Whether half of the images, drawn anew in each epoch, are mirrored left to right.
        """
        from keras_gans.data.batches import Batches

        return Batches(self.given, dict(conditions) or labels, batch_size, seed, epoch, flip=flip)

    @property
    def given(self) -> Any:
        """The object that `as_source` wrapped in this one; itself if it did not."""
        return self


class IndexedSource(Source):
    """Any object that has a length and returns an array of samples for an array of positions.

    Args:
        samples: The object.
    """

    def __init__(self, samples: Any):
        self._samples = samples

    def __len__(self) -> int:
        return len(self._samples)

    @functools.cached_property
    def _first(self) -> np.ndarray:
        return np.asarray(self.read(np.arange(1))[0])

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self), *self._first.shape[1:])

    @property
    def dtype(self) -> np.dtype:
        return self._first.dtype

    def read(self, positions: np.ndarray, numbers: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        return self._samples[positions], positions

    @property
    def given(self) -> Any:
        return self._samples


class ReadableSource(IndexedSource):
    """An object that is not a `Source` but has a `read` like one, and may have `random_numbers`.

    Args:
        samples: The object.
    """

    def __init__(self, samples: Any):
        super().__init__(samples)
        self.random_numbers = getattr(samples, "random_numbers", 0)

    def read(self, positions: np.ndarray, numbers: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        return self._samples.read(positions, numbers)


class ArraySource(IndexedSource):
    """A NumPy array.

    Args:
        samples: Array of shape `(n, ...)`.
    """

    in_memory = True

    @property
    def shape(self) -> tuple[int, ...]:
        return self._samples.shape

    @property
    def dtype(self) -> np.dtype:
        return self._samples.dtype


def as_source(samples: Any) -> Source:
    """Return samples as a `Source`: itself, or a NumPy array or another object that can be indexed, wrapped."""
    if isinstance(samples, Source):
        return samples
    if isinstance(samples, np.ndarray):
        return ArraySource(samples)
    return ReadableSource(samples) if hasattr(samples, "read") else IndexedSource(samples)
