from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor


@keras.saving.register_keras_serializable(package="keras_gans")
class SpectralConv2D(keras.layers.Conv2D):
    """`keras.layers.Conv2D` with spectral normalisation: its kernel is divided by its largest singular value when it is used.

    The kernel, as a matrix of all its inputs (rows) and its filters (columns), thus has a spectral norm of 1. The singular
    value is estimated by one step of power iteration in each call in training, from the vector of the last one, in float32.
    Gradients flow through the division (equation 12 of the reference), and the kernel itself is changed only by its optimizer:
    frozen, the layer stays as it is. `keras.layers.SpectralNormalization` overwrites the kernel of the layer in it instead.

    Args:
        *args: As `keras.layers.Conv2D`.
        **kwargs: As `keras.layers.Conv2D`.

    Reference: Miyato et al. 2018, "Spectral Normalization for Generative Adversarial Networks", section 2.1, algorithm 1.
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the kernel and, of its shape's last axis, the singular vector."""
        super().build(input_shape)
        self.vector = self.add_weight(
            shape=(self.filters,), initializer="random_normal", trainable=False, dtype="float32", autocast=False, name="vector"
        )

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """Convolve with the normalised kernel."""
        matrix = ops.reshape(ops.cast(self._kernel, "float32"), (-1, self.filters))
        right = ops.stop_gradient(_unit(ops.convert_to_tensor(self.vector)))
        left = _unit(ops.matmul(ops.stop_gradient(matrix), right))
        if training and self.trainable:
            right = _unit(ops.matmul(left, ops.stop_gradient(matrix)))
            self.vector.assign(right)
        # The norm of the product: at the singular vector it is the singular value, and its gradient is that of the value.
        norm = ops.sum(left * ops.squeeze(ops.matmul(matrix, right[:, None]), -1))
        kernel = ops.reshape(matrix / norm, self._kernel.shape)
        outputs = self.convolution_op(inputs, ops.cast(kernel, self.compute_dtype))
        if self.use_bias:
            outputs = outputs + self.bias
        return self.activation(outputs)

    # Keras' convolutions store their kernel and bias only.

    def save_own_variables(self, store: Any) -> None:
        """Store the kernel, the bias and the singular vector."""
        keras.layers.Layer.save_own_variables(self, store)

    def load_own_variables(self, store: Any) -> None:
        """Load what `save_own_variables` stores."""
        keras.layers.Layer.load_own_variables(self, store)


def _unit(vector: Tensor) -> Tensor:
    return ops.stop_gradient(vector / (ops.norm(vector) + 1e-12))
