"""The small convolutional networks behind the bundled feature extractors: how they are trained, and how they compute.

A network is a chain of 3x3 convolutions with ReLU, a mean over all positions (the features) and a dense layer (class logits).
While it is trained each convolution is followed by BatchNorm; for use that is folded into kernel and bias.
"""

import dataclasses

import numpy as np

_BATCH_NORM_EPSILON = 1e-3


@dataclasses.dataclass(frozen=True)
class Architecture:
    """The shape of a network.

    Attributes:
        image_shape: Height, width and channels of the images it takes.
        filters: Filters of each convolution.
        strides: Stride of each convolution.
        classes: How many classes it tells apart.
    """

    image_shape: tuple[int, int, int]
    filters: tuple[int, ...]
    strides: tuple[int, ...]
    classes: int = 10


ARCHITECTURES = {
    "digits28": Architecture((28, 28, 1), (32, 64, 64, 128, 128), (1, 2, 1, 2, 1)),
    "color32": Architecture((32, 32, 3), (32, 64, 64, 128, 128, 128, 256), (1, 2, 1, 2, 1, 1, 2)),
}


def build(architecture: Architecture):
    """Returns a Keras model for training: from floats in [-1, 1] to class logits."""
    import keras

    inputs = x = keras.Input(architecture.image_shape)
    for filters, strides in zip(architecture.filters, architecture.strides, strict=True):
        x = keras.layers.Conv2D(filters, 3, strides, "same", use_bias=False, kernel_initializer="he_normal")(x)
        x = keras.layers.BatchNormalization(momentum=0.9, epsilon=_BATCH_NORM_EPSILON)(x)
        x = keras.layers.ReLU()(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(architecture.classes)(x))


def fold(model) -> list[np.ndarray]:
    """Returns a trained model's weights in float16: kernel and bias of each convolution with its BatchNorm, then the dense."""
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


def compute(images, weights, strides):
    """Returns features `(n, filters)` and class logits `(n, classes)`.

    Written in plain operations on arrays: no variables, so that a precision policy or a distribution of the training that it
    watches do not change it.

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
