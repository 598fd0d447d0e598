from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor


@keras.saving.register_keras_serializable(package="keras_gans")
class ClippedOutput(keras.layers.Layer):
    """The last layer of a generator without a squashing activation: float32, clipped to [-1, 1] in inference.

    In training, values are not clipped, because those outside the range would have no gradient.

    Args:
        **kwargs: As `keras.layers.Layer`, except `dtype`.

    Reference: Karras et al. 2018, appendix A.1 (linear output).
    """

    spatial_reach = 0

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """Return the inputs, clipped unless `training`."""
        return inputs if training else ops.clip(inputs, -1.0, 1.0)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the inputs."""
        return input_shape
