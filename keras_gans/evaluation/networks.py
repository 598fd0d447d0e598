"""The small convolutional networks of the bundled feature extractors, for training and for use.

A network is a chain of 3x3 convolutions with ReLU, a mean over all positions (the features) and a dense layer (class logits).
In training, each convolution is followed by BatchNorm, which is then folded into kernel and bias.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from keras_gans._typing import Tensor

if TYPE_CHECKING:
    import keras

_BATCH_NORM_EPSILON = 1e-3


@dataclasses.dataclass(frozen=True)
class Architecture:
    """The shape of a network.

    Attributes:
        image_shape: Height, width and channels of its input.
        filters: Filters of each convolution.
        strides: Stride of each convolution.
        classes: Number of classes.
    """

    image_shape: tuple[int, int, int]
    filters: tuple[int, ...]
    strides: tuple[int, ...]
    classes: int = 10


ARCHITECTURES = {
    "digits28": Architecture((28, 28, 1), (32, 64, 64, 128, 128), (1, 2, 1, 2, 1)),
    "color32": Architecture((32, 32, 3), (32, 64, 64, 128, 128, 128, 256), (1, 2, 1, 2, 1, 1, 2)),
    # Of log-mel spectrograms: frames and bands. Ten digits, then six speakers.
    "speech8k": Architecture((64, 64, 1), (24, 48, 64, 96), (2, 2, 2, 1), 16),
}


@dataclasses.dataclass(frozen=True)
class ClipArchitecture:
    """The shape of the networks of clips: strides of each, and filters.

    Attributes:
        frames: Strides of the convolutions over a frame.
        pairs: Strides of the convolutions over two frames that follow each other.
        filters: Filters of both.
        sequence: Filters of the convolutions over time.
        span: Pairs that a convolution over time spans.
    """

    frames: tuple[int, ...]
    pairs: tuple[int, ...]
    filters: tuple[int, ...]
    sequence: tuple[int, ...]
    span: int


CLIPS32 = ClipArchitecture((1, 2, 2, 1), (2, 2, 2, 1), (24, 48, 64, 64), (64, 64), 3)


def build(architecture: Architecture) -> keras.Model:
    """Return a Keras model for training: from floats in [-1, 1] to class logits."""
    import keras

    inputs = x = keras.Input(architecture.image_shape)
    for filters, strides in zip(architecture.filters, architecture.strides, strict=True):
        x = keras.layers.Conv2D(filters, 3, strides, "same", use_bias=False, kernel_initializer="he_normal")(x)
        x = keras.layers.BatchNormalization(momentum=0.9, epsilon=_BATCH_NORM_EPSILON)(x)
        x = keras.layers.ReLU()(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(architecture.classes)(x))


def fold(model: keras.Model) -> list[np.ndarray]:
    """Return the weights of a trained model in float16: kernel and bias of each convolution, then of the dense layer.

    BatchNorm is folded into the convolution before it.
    """
    import keras

    weights = []
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            kernel = np.asarray(layer.get_weights()[0], "float64")
        elif isinstance(layer, keras.layers.BatchNormalization):
            gamma, beta, mean, variance = (np.asarray(value, "float64") for value in layer.get_weights())
            scale = gamma / np.sqrt(variance + _BATCH_NORM_EPSILON)
            weights += [kernel * scale, beta - mean * scale]
        elif isinstance(layer, keras.layers.Dense):
            weights += layer.get_weights()
    return [weight.astype("float16") for weight in weights]


def compute(images: Tensor, weights: Sequence[np.ndarray], strides: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Return features `(n, filters)` and class logits `(n, classes)`.

    It has no variables, so neither the precision policy nor the distribution of a training run that it measures changes it.

    Args:
        images: Floats in [-1, 1], shape `(n, height, width, channels)`.
        weights: Float arrays as `fold` orders them.
        strides: Stride of each convolution.
    """
    from keras import ops

    x = images
    for kernel, bias, stride in zip(weights[:-2:2], weights[1:-2:2], strides, strict=True):
        x = ops.relu(ops.conv(x, kernel, strides=stride, padding="same") + bias)
    features = ops.mean(x, axis=(1, 2))
    return features, ops.matmul(features, weights[-2]) + weights[-1]
