from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.errors import check_count


@keras.saving.register_keras_serializable(package="keras_gans")
class ReflectionPadding2D(keras.layers.Layer):
    """Enlarges feature maps on all sides by their mirror image, without repeating the pixels at the border.

    Convolutions that follow see no edge of zeros, of which translated images would show traces.

    Args:
        padding: Integer of at least 1, the number of pixels on each side. Images must be higher and wider than that.
        **kwargs: As `keras.layers.Layer`.

    Call arguments:
        inputs: Feature maps of shape `(batch, height, width, channels)`; height and width may be free.

    Raises:
        ValueError: If the padding is out of range, or a map is too small.
    """

    def __init__(self, padding: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.padding = check_count("padding", padding)
        # As those of Keras' operation `Pad`, for `keras_gans.applying`.
        self.pad_width, self.mode = ((0, 0), *[(self.padding, self.padding)] * 2, (0, 0)), "reflect"

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Check the size of the maps, as far as it is known."""
        if any(side is not None and side <= self.padding for side in input_shape[1:3]):
            raise ValueError(
                f"ReflectionPadding2D({self.padding}) needs maps of more than {self.padding} pixels on each side; received "
                f"the shape {tuple(input_shape[1:])}."
            )

    def call(self, inputs: Tensor) -> Tensor:
        """Return maps of shape `(batch, height + 2 * padding, width + 2 * padding, channels)`."""
        return ops.pad(inputs, self.pad_width, mode=self.mode)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the padded maps."""
        batch, height, width, channels = input_shape
        return (batch, *(None if side is None else side + 2 * self.padding for side in (height, width)), channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "padding": self.padding}
