"""What all batches have in common whose order is a function of (seed, epoch, step)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from keras_gans.data.source import Source


class OrderedBatches:
    """Batches that can be taken from any epoch and step on. Subclasses set the attributes.

    Attributes:
        ordered: True; other data that `fit` takes do not have it.
        source: The samples, as a `Source`.
        batch_size: Samples per batch.
        seed: Seed of the order.
        shuffle: Whether epochs are shuffled.
    """

    ordered = True
    source: Source
    batch_size: int
    seed: int
    shuffle = True
    _steps: int
    _next: tuple[int, int]

    def take(self, steps: int) -> Self:
        """Make epochs shorter: each takes only the first `steps` batches of its order. Returns itself.

        Raises:
            ValueError: If there are fewer batches.
        """
        if not 1 <= steps <= len(self):
            raise ValueError(f"steps_per_epoch must be from 1 to the {len(self)} batches there are; received {steps}.")
        self._steps = steps
        self.seek(*self._next)
        return self

    def seek(self, epoch: int, step: int = 0) -> None:
        """Make the next epoch that begins the one of this number, without its first `step` batches."""
        self._next = (epoch, step)

    @property
    def position(self) -> tuple[int, int]:
        """Numbers of the epoch that begins next, and of the step with which it begins."""
        return self._next

    @property
    def epoch(self) -> int:
        """Number of the epoch that begins next."""
        return self._next[0]

    def __len__(self) -> int:
        return self._steps

    def take_part(self, part: int, parts: int) -> None:
        """Make each batch that Keras takes from a `keras.utils.PyDataset` one of several equal parts of a whole one.

        Args:
            part: Which of `parts` parts, counted from 0.
            parts: Number of parts; 1 for whole batches.
        """

    def first_samples(self, n: int) -> np.ndarray | None:
        """Return the first `n` samples of the order, or fewer; None if they cannot be read without training on them."""
        return None

    def as_dataset(self, part: int = 0, parts: int = 1, replicas: int = 1) -> Any:
        """Return the batches as an endless `tf.data.Dataset`, which begins where `seek` says.

        Args:
            part: Which of `parts` equal parts of each batch to yield, counted from 0: that of one worker of several.
            parts: Number of parts.
            replicas: Number of elements to cut the part into, one for each device of the worker.
        """
        raise NotImplementedError
