"""Random numbers for one batch."""

from collections.abc import Callable
from typing import Any

import keras

from keras_gans._typing import Tensor
from keras_gans.backend import replica


class Noise:
    """Draws random numbers for batches from a model's seed.

    Each replica draws the numbers of the global batch and takes its share, so that replicas together train as one device would.

    Args:
        seed: A `keras.random.SeedGenerator`.
    """

    def __init__(self, seed: keras.random.SeedGenerator):
        self.seed = seed

    def normal(self, shape: tuple[Any, ...]) -> Tensor:
        """Return float32 standard normal numbers; `shape[0]` is the size of this replica's batch."""
        return self._share(keras.random.normal, shape)

    def uniform(self, shape: tuple[Any, ...]) -> Tensor:
        """Return float32 numbers in [0, 1); `shape[0]` is the size of this replica's batch."""
        return self._share(keras.random.uniform, shape)

    def _share(self, draw: Callable[..., Tensor], shape: tuple[Any, ...]) -> Tensor:
        number, replicas = replica()
        size = shape[0]
        if replicas == 1:
            return draw(shape, dtype="float32", seed=self.seed)
        return draw((replicas * size, *shape[1:]), dtype="float32", seed=self.seed)[number * size : (number + 1) * size]
