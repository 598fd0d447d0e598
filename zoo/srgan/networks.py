"""The networks of `srgan`.

Reference: Ledig et al. 2017, "Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial Network", figure 4.
"""

import functools

import keras
from keras import layers

from keras_gans._typing import Tensor
from keras_gans.errors import check_count
from keras_gans.layers import BatchNormalization, ClippedOutput

from ..edsr.networks import enlarge

# One slope for each feature map, so that images may have any size.
_PReLU = functools.partial(layers.PReLU, alpha_initializer=keras.initializers.Constant(0.25), shared_axes=[1, 2])


def build_generator(channels: int, scale: int, width: int, blocks: int) -> keras.Model:
    """Images `(batch, height, width, channels)` of any size -> images `scale` times as high and wide.

    Raises:
        ValueError: If a number is out of range.
    """
    images = keras.Input((None, None, channels), name="images")
    width, blocks = check_count("width", width, 1), check_count("blocks", blocks, 1)
    first = x = _PReLU()(layers.Conv2D(width, 9, padding="same")(images))
    for _ in range(blocks):
        residual = _PReLU()(_normalised(x, width))
        x = layers.Add()([x, _normalised(residual, width)])
    x = layers.Add()([first, _normalised(x, width)])
    x = enlarge(x, scale, _PReLU)
    return keras.Model(images, ClippedOutput()(layers.Conv2D(channels, 9, padding="same")(x)), name="generator")


def _normalised(x: Tensor, width: int) -> Tensor:
    return BatchNormalization()(layers.Conv2D(width, 3, padding="same", use_bias=False)(x))


def build_discriminator(channels: int, width: int, dense: int) -> keras.Model:
    """Images `(batch, height, width, channels)`, at least 16 pixels high and wide -> logits `(batch, 1)`.

    Raises:
        ValueError: If a number is out of range.
    """
    samples = keras.Input((None, None, channels), name="samples")
    width = check_count("discriminator_width", width, 1)
    x = layers.LeakyReLU(0.2)(layers.Conv2D(width, 3, padding="same")(samples))
    for number in range(1, 8):
        filters = width * 2 ** (number // 2)
        x = layers.Conv2D(filters, 3, 1 + number % 2, "same", use_bias=False)(x)
        x = layers.LeakyReLU(0.2)(BatchNormalization()(x))
    x = layers.LeakyReLU(0.2)(layers.Dense(check_count("dense", dense, 1))(layers.GlobalAveragePooling2D()(x)))
    return keras.Model(samples, layers.Dense(1, dtype="float32", name="logits")(x), name="discriminator")
