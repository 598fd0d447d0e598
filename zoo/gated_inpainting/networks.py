"""The networks of `gated_inpainting`: a U-Net of gated convolutions, and a discriminator of patches with spectral norm.

Reference: Yu et al. 2019, "Free-Form Image Inpainting with Gated Convolution", sections 3.1 and 3.3 and figure 3.
"""

from collections.abc import Sequence

import keras
from keras import layers

from keras_gans._typing import Tensor
from keras_gans.errors import check_count
from keras_gans.layers import Composite, GatedLinearUnit, SpectralConv2D

# Sides are halved twice.
STEP = 4
# Feature maps of the discriminator, as multiples of its width, have at most this factor.
_WIDEST = 4


def build_generator(channels: int, width: int, dilations: Sequence[int]) -> keras.Model:
    """Images `(batch, height, width, channels)` and masks, sides multiples of 4 -> images of the same size.

    The network does not see what is inside the masks. It has no layer that looks at the whole image.

    Raises:
        ValueError: If a number is out of range.
    """
    images = keras.Input((None, None, channels), name="images")
    masks = keras.Input((None, None, 1), name="masks")
    width = check_count("width", width, 1)
    known = layers.Multiply(name="known")([images, layers.Rescaling(-1.0, 1.0, name="outside")(masks)])
    skips = []
    x = _gated(layers.Concatenate()([known, masks]), width, kernel_size=5)
    for factor in (2, 4):
        skips.append(x)
        x = _gated(_gated(x, factor * width, strides=2), factor * width)
    for dilation in dilations:
        x = _gated(x, 4 * width, dilation=check_count("dilations", dilation, 1))
    x = _gated(x, 4 * width)
    for factor, skip in zip((2, 1), skips[::-1], strict=True):
        x = _gated(layers.UpSampling2D()(x), factor * width)
        x = _gated(layers.Concatenate()([x, skip]), factor * width)
    made = layers.Conv2D(channels, 3, padding="same", activation="tanh", dtype="float32", name="made")(x)
    return keras.Model([images, masks], Composite(name="composite")([made, images, masks]), name="generator")


def build_discriminator(channels: int, width: int, depth: int, features: bool) -> keras.Model:
    """Images of any size and masks -> a map of logits, one for each patch; with the inner features if `features`.

    Raises:
        ValueError: If a number is out of range.
    """
    samples = keras.Input((None, None, channels), name="samples")
    masks = keras.Input((None, None, 1), name="masks")
    width = check_count("discriminator_width", width, 1)
    x, inner = layers.Concatenate()([samples, masks]), []
    for level in range(check_count("discriminator_depth", depth, 1)):
        x = layers.LeakyReLU(0.2)(SpectralConv2D(min(2**level, _WIDEST) * width, 5, 2, "same")(x))
        inner.append(x)
    logits = SpectralConv2D(1, 3, padding="same", use_bias=False, dtype="float32", name="logits")(x)
    outputs = {"scores": logits, "features": inner} if features else logits
    return keras.Model([samples, masks], outputs, name="discriminator")


def _gated(x: Tensor, filters: int, kernel_size: int = 3, strides: int = 1, dilation: int = 1) -> Tensor:
    x = layers.Conv2D(2 * filters, kernel_size, strides, "same", dilation_rate=dilation)(x)
    return GatedLinearUnit("elu")(x)
