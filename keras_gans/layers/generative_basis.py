import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor


@keras.saving.register_keras_serializable(package="keras_gans")
class GenerativeBasis(keras.layers.Layer):
    """Maps vectors `(batch, n)` to feature maps: learned maps, each scaled by a linear function of the vector.

    Args:
        shape: Shape of the feature maps: `(height, width, channels)`.
        **kwargs: As `keras.layers.Layer`.

    Reference: Huang et al. 2024, the authors' code.
    """

    def __init__(self, shape: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shape = tuple(shape)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the maps and the linear function."""
        size = input_shape[-1]
        assert size is not None, "the length of the vectors is known"
        normal = keras.initializers.RandomNormal
        self.basis = self.add_weight(shape=self.shape, initializer=normal(0.0, 1.0), name="basis")
        self.kernel = self.add_weight(shape=(size, self.shape[-1]), initializer=normal(0.0, 1 / math.sqrt(size)), name="kernel")

    def call(self, inputs: Tensor) -> Tensor:
        """Return feature maps `(batch, height, width, channels)`."""
        strengths = ops.matmul(inputs, self.kernel)
        return self.basis * ops.reshape(strengths, (-1, 1, 1, self.shape[-1]))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of a batch of feature maps."""
        return (input_shape[0], *self.shape)

    def get_config(self) -> dict[str, Any]:
        """Return the layer's arguments."""
        return {**super().get_config(), "shape": self.shape}
