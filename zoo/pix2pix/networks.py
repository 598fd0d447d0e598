"""The networks of `pix2pix`: a U-Net, and a discriminator of patches.

Reference: Isola et al. 2017, "Image-to-Image Translation with Conditional Adversarial Networks", section 3.2 and appendix 6.1,
and the authors' code (which layers are normalised).
"""

import keras
from keras import layers

from keras_gans._typing import Tensor
from keras_gans.errors import check_count

# Feature maps, as multiples of the width, have at most this factor.
_WIDEST = 8


def build_generator(input_channels: int, channels: int, width: int, depth: int, dropout: float) -> keras.Model:
    """Images `(batch, height, width, input_channels)`, sides multiples of 2^depth -> images of the same size.

    Raises:
        ValueError: If a number is out of range.
    """
    images = keras.Input((None, None, input_channels), name="images")
    width, depth = check_count("width", width, 1), check_count("depth", depth, 1)
    factors = [min(2**level, _WIDEST) for level in range(depth)]
    x, skips = images, []
    for level, factor in enumerate(factors):
        x = x if level == 0 else layers.LeakyReLU(0.2)(x)
        # The innermost map may have a single pixel, which normalisation over pixels would turn into 0.
        x = _halve(x, factor * width, normalised=0 < level < depth - 1)
        skips.append(x)
    for level in range(depth - 2, -1, -1):
        x = layers.Conv2DTranspose(factors[level] * width, 4, 2, "same", use_bias=False)(layers.ReLU()(x))
        x = normalise(x)
        if dropout and level >= depth - 4 and level >= 3:
            x = layers.Dropout(dropout)(x)
        x = layers.Concatenate()([x, skips[level]])
    x = layers.Conv2DTranspose(channels, 4, 2, "same")(layers.ReLU()(x))
    return keras.Model(images, layers.Activation("tanh", dtype="float32")(x), name="generator")


def build_discriminator(input_channels: int, channels: int, width: int, depth: int) -> keras.Model:
    """A sample and the image it was made from -> a map of logits, one for each patch.

    With a depth of 3, a patch has 70x70 pixels; with 2, 34x34; with 1, 16x16.

    Raises:
        ValueError: If a number is out of range.
    """
    samples = keras.Input((None, None, channels), name="samples")
    images = keras.Input((None, None, input_channels), name="images")
    logits = judge_patches(layers.Concatenate()([images, samples]), width, depth)
    return keras.Model([samples, images], logits, name="discriminator")


def judge_patches(x: Tensor, width: int, depth: int) -> Tensor:
    """Return a map of logits of images, one for each patch."""
    width, depth = check_count("discriminator_width", width, 1), check_count("discriminator_depth", depth, 1)
    for level in range(depth):
        x = layers.LeakyReLU(0.2)(_halve(x, min(2**level, _WIDEST) * width, normalised=level > 0))
    x = layers.Conv2D(min(2**depth, _WIDEST) * width, 4, padding="same", use_bias=False)(x)
    x = layers.LeakyReLU(0.2)(normalise(x))
    return layers.Conv2D(1, 4, padding="same", dtype="float32", name="logits")(x)


def normalise(x: Tensor) -> Tensor:
    """Normalise each feature map of each image."""
    return layers.GroupNormalization(groups=-1, epsilon=1e-5)(x)


def _halve(x: Tensor, filters: int, normalised: bool) -> Tensor:
    x = layers.Conv2D(filters, 4, 2, "same", use_bias=not normalised)(x)
    return normalise(x) if normalised else x
