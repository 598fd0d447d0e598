"""The networks of `cyclegan`: residual generators, and discriminators of patches.

Reference: Zhu et al. 2017, "Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks", appendix 7.2. The
generator is that of Johnson et al. 2016, "Perceptual Losses for Real-Time Style Transfer and Super-Resolution".
"""

import keras
from keras import layers

from keras_gans._typing import Tensor
from keras_gans.errors import check_count
from keras_gans.layers import ReflectionPadding2D

from ..pix2pix.networks import judge_patches, normalise

# Standard deviation of initial weights: outputs begin near grey, so that colours are not inverted from the start.
_INITIAL = 0.02


def build_generator(input_channels: int, channels: int, width: int, blocks: int, name: str) -> keras.Model:
    """Images `(batch, height, width, input_channels)`, sides multiples of 4 -> images of the same size.

    Raises:
        ValueError: If a number is out of range.
    """
    images = keras.Input((None, None, input_channels), name="images")
    width, blocks = check_count("width", width, 1), check_count("blocks", blocks, 1)
    x = ReflectionPadding2D(3)(images)
    x = encode(x, width)[-1]
    for _ in range(blocks):
        x = residual_block(x)
    return keras.Model(images, decode(x, channels, width), name=name)


def encode(padded: Tensor, width: int) -> list[Tensor]:
    """Return features of padded images: both convolutions that halve, before their normalisation, and the end of the second."""
    x = _active(_conv(padded, width, 7, padding="valid"))
    half = _conv(x, 2 * width, 3, strides=2)
    quarter = _conv(_active(half), 4 * width, 3, strides=2)
    return [half, quarter, _active(quarter)]


def residual_block(x: Tensor) -> Tensor:
    """Return features plus a correction by two convolutions."""
    filters = x.shape[-1]
    y = _active(_conv(ReflectionPadding2D(1)(x), filters, 3, padding="valid"))
    y = normalise(_conv(ReflectionPadding2D(1)(y), filters, 3, padding="valid"))
    return layers.Add()([x, y])


def decode(x: Tensor, channels: int, width: int) -> Tensor:
    """Return images made from features of a quarter of their size."""
    for factor in (2, 1):
        x = layers.Conv2DTranspose(factor * width, 3, 2, "same", use_bias=False, kernel_initializer=_initializer())(x)
        x = _active(x)
    x = layers.Conv2D(channels, 7, kernel_initializer=_initializer())(ReflectionPadding2D(3)(x))
    return layers.Activation("tanh", dtype="float32")(x)


def build_discriminator(channels: int, width: int, depth: int, name: str) -> keras.Model:
    """Images -> a map of logits, one for each patch: of 70x70 pixels with a depth of 3, 34x34 with 2, 16x16 with 1.

    Raises:
        ValueError: If a number is out of range.
    """
    samples = keras.Input((None, None, channels), name="samples")
    return keras.Model(samples, judge_patches(samples, width, depth), name=name)


def _active(x: Tensor) -> Tensor:
    return layers.ReLU()(normalise(x))


def _conv(x: Tensor, filters: int, size: int, strides: int = 1, padding: str = "same") -> Tensor:
    return layers.Conv2D(filters, size, strides, padding, use_bias=False, kernel_initializer=_initializer())(x)


def _initializer() -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(0.0, _INITIAL)
