"""Transposed convolutions as convolutions, which TFLite's kernels run faster.

With kernels of 4x4 and a stride of 2, every output pixel is the sum of 2x2 products, and which products depends on whether its
row and column are even or odd: four convolutions of the input, whose outputs are interleaved (Shi et al. 2016, section 3).
"""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from keras_gans._typing import Tensor

# For each parity of an output row: the kernel's rows, in the order of the input's, and the padding before and after.
_ROWS = {0: ((3, 1), (1, 0)), 1: ((2, 0), (0, 1))}
# With so few outputs for all four parities, one 3x3 convolution is faster although more than half of it is zeros.
_FEW = 16


def lowered(network: keras.Model) -> keras.Model:
    """Return a copy of a network with its transposed convolutions of 4x4 and stride 2 as convolutions.

    A network without any, or that is not a graph of layers, is returned as it is.

    Args:
        network: A model in float32.

    Reference: Shi et al. 2016, "Is the deconvolution layer the same as a convolutional layer?", arXiv:1609.07009, section 3.
    """
    if not getattr(network, "inputs", None) or not any(_is_lowered(layer) for layer in network.layers):
        return network

    def clone(layer: keras.Layer) -> keras.Layer:
        kind = _Interleaved if _is_lowered(layer) else type(layer)
        return kind.from_config(layer.get_config())

    copy = keras.models.clone_model(network, clone_function=clone)
    copy.set_weights(network.get_weights())
    return copy


def _is_lowered(layer: keras.Layer) -> bool:
    return type(layer) is layers.Conv2DTranspose and (
        layer.kernel_size,
        layer.strides,
        layer.dilation_rate,
        layer.padding,
        layer.output_padding,
        layer.data_format,
    ) == ((4, 4), (2, 2), (1, 1), "same", None, "channels_last")


class _Interleaved(layers.Conv2DTranspose):
    """A layer with the weights of `Conv2DTranspose`, used in exports only."""

    def call(self, inputs: Tensor) -> Tensor:
        import tensorflow as tf

        # Outside the traced graph, weights are numbers, and the converter has nothing left to compute.
        with tf.init_scope():
            kernel = np.array(self.kernel).transpose(0, 1, 3, 2)
            bias = np.array(self.bias) if self.use_bias else None
        one = 4 * self.filters <= _FEW
        outputs = tf.nn.depth_to_space((_as_one if one else _as_four)(inputs, kernel), 2)
        if self.use_bias:
            outputs = tf.nn.bias_add(outputs, bias)
        return self.activation(outputs)


def _as_four(inputs: Tensor, kernel: np.ndarray) -> Tensor:
    import tensorflow as tf

    outputs = []
    for rows, vertical in _ROWS.values():
        for columns, horizontal in _ROWS.values():
            part = kernel[np.ix_(rows, columns)]
            outputs.append(tf.nn.conv2d(inputs, part, 1, [(0, 0), vertical, horizontal, (0, 0)]))
    return tf.concat(outputs, axis=-1)


def _as_one(inputs: Tensor, kernel: np.ndarray) -> Tensor:
    import tensorflow as tf

    whole = np.zeros((3, 3, kernel.shape[2], 4, kernel.shape[3]), "float32")
    for a, (rows, _) in _ROWS.items():
        for b, (columns, _) in _ROWS.items():
            whole[a : a + 2, b : b + 2, :, 2 * a + b] = kernel[np.ix_(rows, columns)]
    return tf.nn.conv2d(inputs, whole.reshape(3, 3, kernel.shape[2], -1), 1, "SAME")
