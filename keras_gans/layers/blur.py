"""Resampling by a factor of 2 with a smooth filter, so that the result does not depend on which pixels are dropped.

The filter is [1, 3, 3, 1] / 8 in each direction: a box of two pixels, blurred with [1, 2, 1] / 4. Its even length keeps the
image where it is. Beyond the border, the image counts as zero.

Both layers multiply by one matrix per direction. This is the only way that is fast on a CPU with both backends, including
gradients of both orders: those of a depthwise convolution take many times as long on JAX, and the second-order ones of shifted
sums do on TensorFlow.
"""

import keras
import numpy as np
from keras import ops

from keras_gans._typing import Array, Tensor

_FILTER = (0.125, 0.375, 0.375, 0.125)


class _Resampling2D(keras.layers.Layer):
    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Compute both matrices."""
        _, height, width, _ = input_shape
        if height is None or width is None:
            raise ValueError(
                f"{type(self).__name__} needs images of a fixed height and width, (batch, height, width, channels); received "
                f"shape {tuple(input_shape)}."
            )
        self._rows, self._columns = self._matrix(height), self._matrix(width)

    @staticmethod
    def _matrix(side: int) -> Array:
        """Return the weight of each input pixel (columns) in each output pixel (rows)."""
        raise NotImplementedError

    def call(self, inputs: Tensor) -> Tensor:
        """Resample images `(batch, height, width, channels)`."""
        height, width, channels = inputs.shape[1:]
        x = ops.reshape(inputs, (-1, height, width * channels))
        x = ops.matmul(ops.convert_to_tensor(self._rows, self.compute_dtype), x)
        x = ops.reshape(x, (-1, width, channels))
        x = ops.matmul(ops.convert_to_tensor(self._columns, self.compute_dtype), x)
        return ops.reshape(x, (-1, len(self._rows), len(self._columns), channels))


@keras.saving.register_keras_serializable(package="keras_gans")
class Downsample2D(_Resampling2D):
    """Blurs images `(batch, height, width, channels)` and halves their height and width, which must be even.

    Raises:
        ValueError: If a side is odd or unknown.

    Reference: Zhang 2019, "Making Convolutional Networks Shift-Invariant Again", section 3. The filter is that of Karras et
    al. 2019 (StyleGAN2) and of Huang et al. 2024 (R3GAN).
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Check that both sides are even, and compute both matrices."""
        if any(side is not None and side % 2 for side in input_shape[1:3]):
            raise ValueError(f"Downsample2D needs an even height and width; received images of shape {tuple(input_shape[1:])}.")
        super().build(input_shape)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the halved images."""
        batch, height, width, channels = input_shape
        return batch, None if height is None else height // 2, None if width is None else width // 2, channels

    @staticmethod
    def _matrix(side: int) -> Array:
        # One pixel more at either end stands for the zeros beyond the border; both are cut off at the end.
        matrix = np.zeros((side // 2, side + 2), "float32")
        for row in range(side // 2):
            matrix[row, 2 * row : 2 * row + 4] = _FILTER
        return matrix[:, 1:-1]


@keras.saving.register_keras_serializable(package="keras_gans")
class Upsample2D(_Resampling2D):
    """Doubles the height and width of images `(batch, height, width, channels)`, smoothly.

    Each pixel contributes three quarters of its value to the two pixels that it covers in each direction, and one quarter to
    the next one on either side. Except at the border, this is linear interpolation.

    Raises:
        ValueError: If a side is unknown.

    Reference: Karras et al. 2019 (StyleGAN), section 2, "bilinear". The border is that of StyleGAN2 and of Huang et al. 2024
    (R3GAN).
    """

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the doubled images."""
        batch, height, width, channels = input_shape
        return batch, None if height is None else 2 * height, None if width is None else 2 * width, channels

    @staticmethod
    def _matrix(side: int) -> Array:
        return 2.0 * Downsample2D._matrix(2 * side).T
