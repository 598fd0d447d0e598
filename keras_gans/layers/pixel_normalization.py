from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor


@keras.saving.register_keras_serializable(package="keras_gans")
class PixelNormalization(keras.layers.Layer):
    """Scales the features of each pixel (the last axis) to a mean square of 1. Computed in float32.

    Args:
        epsilon: Added to the mean square. Default 1e-8.
        **kwargs: As `keras.layers.Layer`.

    Reference: Karras et al. 2018, section 4.2.
    """

    spatial_reach = 0

    def __init__(self, epsilon: float = 1e-8, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def call(self, inputs: Tensor) -> Tensor:
        """Normalise `(batch, ..., channels)`."""
        wide = ops.cast(inputs, "float32")
        scale = ops.rsqrt(ops.mean(ops.square(wide), axis=-1, keepdims=True) + self.epsilon)
        return ops.cast(wide * scale, self.compute_dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the inputs."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return the layer's arguments."""
        return {**super().get_config(), "epsilon": self.epsilon}
