"""Resampling by a factor of 2 with a smooth filter, so that an image does not depend on which pixels were dropped.

The filter is [1, 3, 3, 1] / 8 in each direction: two pixels of equal weight, blurred with [1, 2, 1] / 4. Its even length keeps
the image where it is. Beyond the border the image counts as zero.

Both layers multiply with a matrix for each direction, the one way that is fast on the CPU with both backends, gradients of both
orders included: those of a depthwise convolution take many times as long on JAX, and the second one of shifted sums on
TensorFlow.
"""

import keras
import numpy as np
from keras import ops

_FILTER = (0.125, 0.375, 0.375, 0.125)


class _Resampling2D(keras.layers.Layer):
    def build(self, input_shape):
        _, height, width, _ = input_shape
        if height is None or width is None:
            raise ValueError(
                f"{type(self).__name__} takes images of a known height and width, (batch, height, width, channels); "
                f"received shape {tuple(input_shape)}."
            )
        self._rows, self._columns = self._matrix(height), self._matrix(width)

    def call(self, inputs):
        height, width, channels = inputs.shape[1:]
        x = ops.reshape(inputs, (-1, height, width * channels))
        x = ops.matmul(ops.convert_to_tensor(self._rows, self.compute_dtype), x)
        x = ops.reshape(x, (-1, width, channels))
        x = ops.matmul(ops.convert_to_tensor(self._columns, self.compute_dtype), x)
        return ops.reshape(x, (-1, len(self._rows), len(self._columns), channels))


@keras.saving.register_keras_serializable(package="keras_gans")
class Downsample2D(_Resampling2D):
    """Halves height and width of images `(batch, height, width, channels)`, which must be even, after a blur.

    Raises:
        ValueError: If a side is odd or not known.

    Reference: Zhang 2019, "Making Convolutional Networks Shift-Invariant Again", section 3; the filter is that of Karras et
    al. 2019 (StyleGAN2) and of Huang et al. 2024 (R3GAN).
    """

    def build(self, input_shape):
        if any(side is not None and side % 2 for side in input_shape[1:3]):
            raise ValueError(f"Downsample2D halves even sides; received images of shape {tuple(input_shape[1:])}.")
        super().build(input_shape)

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        return batch, height // 2, width // 2, channels

    @staticmethod
    def _matrix(side):
        """Returns the weights of each of `side` pixels in each of half as many."""
        # A pixel for the zero beyond each end, dropped at last.
        matrix = np.zeros((side // 2, side + 2), "float32")
        for row in range(side // 2):
            matrix[row, 2 * row : 2 * row + 4] = _FILTER
        return matrix[:, 1:-1]


@keras.saving.register_keras_serializable(package="keras_gans")
class Upsample2D(_Resampling2D):
    """Doubles height and width of images `(batch, height, width, channels)`, smoothly.

    Each pixel counts three quarters in the two pixels it covers and one quarter in the next ones on either side: linear
    interpolation, but for the border.

    Raises:
        ValueError: If a side is not known.

    Reference: Karras et al. 2019 (StyleGAN), section 2, "bilinear"; the border is that of StyleGAN2 and of Huang et al. 2024
    (R3GAN).
    """

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        return batch, None if height is None else 2 * height, None if width is None else 2 * width, channels

    @staticmethod
    def _matrix(side):
        """Returns the weights of each of `side` pixels in each of twice as many."""
        return 2.0 * Downsample2D._matrix(2 * side).T
