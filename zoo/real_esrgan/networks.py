"""The networks of `real_esrgan`: the authors' compact generator, and a discriminator of each pixel.

Reference: Wang et al. 2021, "Real-ESRGAN: Training Real-World Blind Super-Resolution with Pure Synthetic Data", section 3.3 and
figure 6, and the authors' code (the compact generator).
"""

import keras
from keras import layers

from keras_gans._typing import Tensor
from keras_gans.errors import check_count
from keras_gans.layers import ClippedOutput, PixelShuffle, SpectralConv2D


def build_generator(channels: int, scale: int, width: int, blocks: int) -> keras.Model:
    """Images `(batch, height, width, channels)` of any size -> images `scale` times as high and wide.

    All convolutions but the last see the small image, which makes it fast.

    Raises:
        ValueError: If a number is out of range.
    """
    images = keras.Input((None, None, channels), name="images")
    width, scale = check_count("width", width, 1), check_count("scale", scale, 2)
    x = images
    for _ in range(1 + check_count("blocks", blocks, 1)):
        x = layers.Conv2D(width, 3, padding="same")(x)
        x = layers.PReLU(keras.initializers.Constant(0.25), shared_axes=[1, 2])(x)
    x = PixelShuffle(scale)(layers.Conv2D(scale**2 * channels, 3, padding="same")(x))
    enlarged = layers.UpSampling2D(scale)(images)
    return keras.Model(images, ClippedOutput()(layers.Add()([x, enlarged])), name="generator")


def build_discriminator(channels: int, width: int) -> keras.Model:
    """Images `(batch, height, width, channels)`, sides multiples of 8 -> a map of logits of the same size.

    Raises:
        ValueError: If the width is out of range.
    """
    samples = keras.Input((None, None, channels), name="samples")
    width = check_count("discriminator_width", width, 1)
    x = layers.LeakyReLU(0.2)(layers.Conv2D(width, 3, padding="same")(samples))
    larger = [x]
    for factor in (2, 4, 8):
        x = _normalised(x, factor * width, kernel_size=4, strides=2)
        larger.append(x)
    for factor, skip in zip((4, 2, 1), larger[-2::-1], strict=True):
        x = layers.UpSampling2D()(x)
        x = layers.Add()([_normalised(x, factor * width), skip])
    x = _normalised(_normalised(x, width), width)
    logits = layers.Conv2D(1, 3, padding="same", dtype="float32", name="logits")(x)
    return keras.Model(samples, logits, name="discriminator")


def _normalised(x: Tensor, filters: int, kernel_size: int = 3, strides: int = 1) -> Tensor:
    return layers.LeakyReLU(0.2)(SpectralConv2D(filters, kernel_size, strides, "same", use_bias=False)(x))
