import math
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.errors import check_count
from keras_gans.seeds import normal


@keras.saving.register_keras_serializable(package="keras_gans")
class RandomProjection(keras.layers.Layer):
    """A linear map of the features of each pixel, random and never trained.

    It has no weights: its numbers are a function of its seed, the same on every backend, and files do not store them.

    Args:
        filters: Number of features it returns.
        seed: Integer from 0 to 2^63 - 1. Layers with different seeds are independent.
        **kwargs: As `keras.layers.Layer`.

    Reference: Sauer et al. 2021, "Projected GANs Converge Faster", section 3.2: 1x1 convolutions with Kaiming initialisation
    (He et al. 2015).
    """

    def __init__(self, filters: int, seed: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters, self.seed = check_count("filters", filters, 1), check_count("seed", seed, 0)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Compute the matrix: normal numbers of a variance of 1 / (number of features)."""
        features = input_shape[-1]
        assert features is not None, "features are counted"
        self._matrix = normal(self.seed, (features, self.filters))[0] / np.float32(math.sqrt(features))

    def call(self, inputs: Tensor) -> Tensor:
        """Map `(batch, ..., features)` to `(batch, ..., filters)`."""
        return ops.matmul(inputs, ops.convert_to_tensor(self._matrix, self.compute_dtype))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the inputs with as many features as there are filters."""
        return (*input_shape[:-1], self.filters)

    def get_config(self) -> dict[str, Any]:
        """Return the layer's arguments."""
        return {**super().get_config(), "filters": self.filters, "seed": self.seed}
