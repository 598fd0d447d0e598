from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.errors import check_count


@keras.saving.register_keras_serializable(package="keras_gans")
class UpsamplingConv1D(keras.layers.Layer):
    """A transposed convolution of sequences, computed as one multiplication of matrices and a reshape.

    It has the kernel of `keras.layers.Conv1DTranspose` with `padding="same"`, of shape `(kernel_size, filters, inputs)`, and
    gives the same results. Unlike a transposed convolution, it is exported for sequences of any length, and needs no gradient
    of a kind of its own.

    Args:
        filters: Number of output channels.
        kernel_size: Length of the kernel, at least `factor`.
        factor: Steps of the output for each of the input: the stride.
        activation: As `keras.layers.Conv1DTranspose`.
        kernel_initializer: As `keras.layers.Conv1DTranspose`.
        **kwargs: As `keras.layers.Layer`.

    Call arguments:
        inputs: Sequences of shape `(batch, length, channels)`. The length may be free.

    Returns:
        Sequences of shape `(batch, length * factor, filters)`.

    Reference: Shi et al. 2016, "Is the deconvolution layer the same as a convolutional layer?", section 3.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int,
        factor: int,
        activation: Any = None,
        kernel_initializer: Any = "glorot_uniform",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters, self.factor = check_count("filters", filters), check_count("factor", factor)
        self.kernel_size = check_count("kernel_size", kernel_size, self.factor)
        self.activation = keras.activations.get(activation)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        # Inputs that overlap in one output.
        self._blocks = -(-self.kernel_size // self.factor)
        # For `keras_gans.applying`.
        self.spatial_reach, self.spatial_scale = self._blocks // 2, self.factor

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the kernel and the bias."""
        shape = (self.kernel_size, self.filters, input_shape[-1])
        self.kernel = self.add_weight(shape=shape, initializer=self.kernel_initializer, name="kernel")
        self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias")

    def call(self, inputs: Tensor) -> Tensor:
        """Return the longer sequences."""
        factor, blocks, filters, length = self.factor, self._blocks, self.filters, ops.shape(inputs)[1]
        kernel = ops.pad(self.kernel, [[0, blocks * factor - self.kernel_size], [0, 0], [0, 0]])
        # Output q * factor + p is the sum over blocks b of input q - b times kernel b * factor + p.
        kernel = ops.reshape(kernel, (blocks, factor * filters, inputs.shape[-1]))[::-1]
        kernel = ops.transpose(kernel, (0, 2, 1))
        padded = ops.pad(inputs, [[0, 0], [blocks - 1, blocks - 1], [0, 0]])
        outputs = ops.conv(padded, kernel, padding="valid")
        outputs = ops.reshape(outputs, (-1, (length + blocks - 1) * factor, filters))
        before = (self.kernel_size - factor) // 2
        return self.activation(outputs[:, before : before + length * factor] + self.bias)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the longer sequences."""
        length = input_shape[1]
        return (input_shape[0], None if length is None else length * self.factor, self.filters)

    def get_config(self) -> dict[str, Any]:
        """Return the layer's arguments."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "factor": self.factor,
            "activation": keras.activations.serialize(self.activation),
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }
