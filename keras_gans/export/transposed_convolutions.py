"""Transposed convolutions as convolutions, which TFLite's kernels run faster.

With kernels of 4x4 and a stride of 2, an output pixel of even or odd row and column is the sum of 2x2 products: four
convolutions of the input, whose outputs are interleaved (Shi et al. 2016, section 3). The products and sums are the same.
"""

import keras
import numpy as np
from keras import layers

# For each parity of an output row: the kernel's rows, in the order of the input's, and the padding before and after.
_ROWS = {0: ((3, 1), (1, 0)), 1: ((2, 0), (0, 1))}
# So many outputs of all four parities fill no vector: there one convolution of 3x3, more than half zeros, is faster.
_FEW = 16


def lowered(network):
    """Returns a functional model with its transposed convolutions of 4x4 and stride 2 as convolutions; the same if it has none.

    Args:
        network: A `keras.Model` in float32. One that is no graph of layers stays as it is.

    Reference: Shi et al. 2016, "Is the deconvolution layer the same as a convolutional layer?", arXiv:1609.07009, section 3.
    """
    if not getattr(network, "inputs", None) or not any(_is_lowered(layer) for layer in network.layers):
        return network

    def clone(layer):
        kind = _Interleaved if _is_lowered(layer) else type(layer)
        return kind.from_config(layer.get_config())

    copy = keras.models.clone_model(network, clone_function=clone)
    copy.set_weights(network.get_weights())
    return copy


def _is_lowered(layer):
    return type(layer) is layers.Conv2DTranspose and (
        layer.kernel_size,
        layer.strides,
        layer.dilation_rate,
        layer.padding,
        layer.output_padding,
        layer.data_format,
    ) == ((4, 4), (2, 2), (1, 1), "same", None, "channels_last")


class _Interleaved(layers.Conv2DTranspose):
    """Its weights are those of `Conv2DTranspose`; it lives in exports only."""

    def call(self, inputs):
        import tensorflow as tf

        # Outside the graph that is traced, weights are numbers: nothing is left for the converter to compute.
        with tf.init_scope():
            kernel = np.array(self.kernel).transpose(0, 1, 3, 2)
            bias = np.array(self.bias) if self.use_bias else None
        one = 4 * self.filters <= _FEW
        outputs = tf.nn.depth_to_space((_as_one if one else _as_four)(inputs, kernel), 2)
        if self.use_bias:
            outputs = tf.nn.bias_add(outputs, bias)
        return self.activation(outputs)


def _as_four(inputs, kernel):
    import tensorflow as tf

    outputs = []
    for rows, vertical in _ROWS.values():
        for columns, horizontal in _ROWS.values():
            part = kernel[np.ix_(rows, columns)]
            outputs.append(tf.nn.conv2d(inputs, part, 1, [(0, 0), vertical, horizontal, (0, 0)]))
    return tf.concat(outputs, axis=-1)


def _as_one(inputs, kernel):
    import tensorflow as tf

    whole = np.zeros((3, 3, kernel.shape[2], 4, kernel.shape[3]), "float32")
    for a, (rows, _) in _ROWS.items():
        for b, (columns, _) in _ROWS.items():
            whole[a : a + 2, b : b + 2, :, 2 * a + b] = kernel[np.ix_(rows, columns)]
    return tf.nn.conv2d(inputs, whole.reshape(3, 3, kernel.shape[2], -1), 1, "SAME")
