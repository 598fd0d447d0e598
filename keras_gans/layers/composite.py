from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor


@keras.saving.register_keras_serializable(package="keras_gans")
class Composite(keras.layers.Layer):
    """The last layer of a network for inpainting: pixels of the network inside a mask, those of the image elsewhere.

    What it returns outside of the mask equals the image in every bit. It computes in float32, whatever the policy.

    Args:
        **kwargs: As `keras.layers.Layer`, except `dtype`.

    Call arguments:
        inputs: A list of three tensors: what the network makes, and the image, both `(batch, height, width, channels)`; and the
            mask, `(batch, height, width, 1)`, 1 inside and 0 elsewhere.

    Reference: Yu et al. 2019, "Free-Form Image Inpainting with Gated Convolution", figure 3.
    """

    spatial_reach = 0

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})

    def call(self, inputs: list[Tensor]) -> Tensor:
        """Return the composed images."""
        made, images, masks = inputs
        return ops.where(masks >= 0.5, made, images)

    def compute_output_shape(self, input_shape: list[tuple[int | None, ...]]) -> tuple[int | None, ...]:
        """Return the shape of the image."""
        return input_shape[1]
