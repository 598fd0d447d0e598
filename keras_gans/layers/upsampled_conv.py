from typing import Any

import keras

from keras_gans._typing import Tensor
from keras_gans.backend import upsampled_conv
from keras_gans.errors import check_count


@keras.saving.register_keras_serializable(package="keras_gans")
class UpsampledConv2D(keras.layers.Layer):
    """Doubles the height and width of images by repeating each pixel, and convolves them with a 3x3 kernel.

    It is `UpSampling2D` and `Conv2D` in one, without bias and activation. On TensorFlow, that takes half the time.

    Args:
        filters: Number of output channels.
        kernel_initializer: As in `keras.layers.Conv2D`.
        **kwargs: As `keras.layers.Layer`.
    """

    spatial_reach = 1
    spatial_scale = 2

    def __init__(self, filters: int, kernel_initializer: Any = "glorot_uniform", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters = check_count("filters", filters, 1)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the kernel of shape `(3, 3, channels, filters)`."""
        shape = (3, 3, input_shape[-1], self.filters)
        self.kernel = self.add_weight(shape=shape, initializer=self.kernel_initializer, name="kernel")

    def call(self, inputs: Tensor) -> Tensor:
        """Map `(batch, height, width, channels)` to `(batch, 2 * height, 2 * width, filters)`."""
        return upsampled_conv(inputs, self.kernel)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the doubled images."""
        batch, height, width, _ = input_shape
        return batch, None if height is None else 2 * height, None if width is None else 2 * width, self.filters

    def get_config(self) -> dict[str, Any]:
        """Return the layer's arguments."""
        own = {"filters": self.filters, "kernel_initializer": keras.initializers.serialize(self.kernel_initializer)}
        return {**super().get_config(), **own}
