"""Layers with an equalized learning rate: weights are scaled when they are used, so that all of them train equally fast."""

import math
from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor

_HE = math.sqrt(2)


class _Equalized:
    """What both layers share.

    Weights are initialised from N(0, 1) and multiplied by `gain / sqrt(fan_in)` (He's constant) each time they are used.

    Reference: Karras et al. 2018, section 4.1.
    """

    kernel: Any
    compute_dtype: str

    def __init__(self, *args: Any, gain: float = _HE, **kwargs: Any) -> None:
        kwargs.setdefault("kernel_initializer", keras.initializers.RandomNormal(0.0, 1.0))
        super().__init__(*args, **kwargs)
        self.gain = gain

    def _scaled_kernel(self) -> Tensor:
        fan_in = math.prod(self.kernel.shape[:-1])
        return self.kernel * ops.cast(self.gain / math.sqrt(fan_in), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the layer's arguments."""
        return {**super().get_config(), "gain": self.gain}  # type: ignore[misc]  # of the Keras layer, which comes next


@keras.saving.register_keras_serializable(package="keras_gans")
class EqualizedDense(_Equalized, keras.layers.Dense):
    """`keras.layers.Dense` with an equalized learning rate.

    Args:
        units: Number of outputs.
        gain: Gain of the scale `gain / sqrt(fan_in)`. Default `sqrt(2)`, for a layer before a ReLU; use 1 for the last layer.
        **kwargs: As `keras.layers.Dense`.

    Reference: Karras et al. 2018, section 4.1.
    """

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        """Map `(batch, ..., n)` to `(batch, ..., units)`."""
        x = ops.matmul(inputs, self._scaled_kernel())
        if self.use_bias:
            x = ops.add(x, self.bias)
        return self.activation(x)


@keras.saving.register_keras_serializable(package="keras_gans")
class EqualizedConv2D(_Equalized, keras.layers.Conv2D):
    """`keras.layers.Conv2D` with an equalized learning rate.

    Args:
        filters: Number of output channels.
        kernel_size: Height and width of the kernel.
        gain: Gain of the scale `gain / sqrt(fan_in)`. Default `sqrt(2)`, for a layer before a ReLU; use 1 for the last layer.
        **kwargs: As `keras.layers.Conv2D`.

    Reference: Karras et al. 2018, section 4.1.
    """

    def convolution_op(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        """Convolve with the scaled kernel."""
        return super().convolution_op(inputs, self._scaled_kernel())
