"""Layers whose weights are scaled as they are used, so that an optimizer moves all of them equally fast."""

import math

import keras
from keras import ops

_HE = math.sqrt(2)


class _Equalized:
    """The part that both layers share.

    Weights begin as N(0, 1) and are multiplied, each time they are used, by `gain / sqrt(fan_in)` (He's constant).

    Reference: Karras et al. 2018, section 4.1.
    """

    def __init__(self, *args, gain=_HE, **kwargs):
        kwargs.setdefault("kernel_initializer", keras.initializers.RandomNormal(0.0, 1.0))
        super().__init__(*args, **kwargs)
        self.gain = gain

    def _scaled_kernel(self):
        fan_in = math.prod(self.kernel.shape[:-1])
        return self.kernel * ops.cast(self.gain / math.sqrt(fan_in), self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "gain": self.gain}


@keras.saving.register_keras_serializable(package="keras_gans")
class EqualizedDense(_Equalized, keras.layers.Dense):
    """`keras.layers.Dense` with an equalized learning rate.

    Args:
        units: Outputs.
        gain: Of the scale `gain / sqrt(fan_in)`: the square root of 2 before a ReLU, 1 at the end.
        **kwargs: As `keras.layers.Dense`.

    Reference: Karras et al. 2018, section 4.1.
    """

    def call(self, inputs, training=None):
        x = ops.matmul(inputs, self._scaled_kernel())
        if self.use_bias:
            x = ops.add(x, self.bias)
        return self.activation(x)


@keras.saving.register_keras_serializable(package="keras_gans")
class EqualizedConv2D(_Equalized, keras.layers.Conv2D):
    """`keras.layers.Conv2D` with an equalized learning rate.

    Args:
        filters: Feature maps.
        kernel_size: Side of the kernel.
        gain: Of the scale `gain / sqrt(fan_in)`: the square root of 2 before a ReLU, 1 at the end.
        **kwargs: As `keras.layers.Conv2D`.

    Reference: Karras et al. 2018, section 4.1.
    """

    def convolution_op(self, inputs, kernel):
        return super().convolution_op(inputs, self._scaled_kernel())
