from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.errors import check_count


@keras.saving.register_keras_serializable(package="keras_gans")
class PixelShuffle(keras.layers.Layer):
    """Enlarges feature maps by turning channels into pixels: each pixel's channels become a square of pixels.

    Channel `c` of the pixel in row `i` and column `j` of a square comes from channel `(i * scale + j) * C + c`, with `C`
    channels of the output, as in `keras.ops.depth_to_space`.

    Args:
        scale: Integer of at least 2, the side of a square. The number of channels must be a multiple of its square.
        **kwargs: As `keras.layers.Layer`.

    Call arguments:
        inputs: Feature maps of shape `(batch, height, width, channels)`.

    Raises:
        ValueError: If the number of channels does not fit.

    Reference: Shi et al. 2016, "Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional
    Neural Network", section 2.2.
    """

    def __init__(self, scale: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = check_count("scale", scale, 2)
        # For `keras_gans.applying`: a pixel of the output depends on one of the input.
        self.spatial_reach, self.spatial_scale = 0, self.scale

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Check the number of channels."""
        if input_shape[-1] is None or input_shape[-1] % self.scale**2:
            raise ValueError(
                f"PixelShuffle({self.scale}) needs a multiple of {self.scale**2} channels; received {input_shape[-1]}."
            )

    def call(self, inputs: Tensor) -> Tensor:
        """Return maps of shape `(batch, scale * height, scale * width, channels / scale^2)`."""
        return ops.depth_to_space(inputs, self.scale, data_format="channels_last")

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the enlarged maps."""
        batch, height, width, channels = input_shape
        sides = (None if side is None else side * self.scale for side in (height, width))
        return (batch, *sides, None if channels is None else channels // self.scale**2)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scale": self.scale}
