"""The networks of `r3gan`: residual blocks with a grouped convolution between two 1x1 convolutions, without normalisation.

Reference: Huang et al. 2024, section 3 and the authors' code; Zhang et al. 2019, "Fixup Initialization".
"""

import math

import keras
from keras import layers

from keras_gans._typing import Tensor
from keras_gans.layers import ClippedOutput, Downsample2D, GenerativeBasis, GroupedConv2D, Upsample2D

_BASES = (4, 7)
_SLOPE = 0.2
# The gain that preserves the variance through a leaky ReLU of this slope.
_GAIN = math.sqrt(2 / (1 + _SLOPE**2))
_EXPANSION = 2


def count_halvings(image_shape: tuple[int, ...]) -> int:
    """Return the number of times both sides can be halved until the shorter one is 4 or 7.

    Raises:
        ValueError: If they cannot; the message names the nearest square that can be built.
    """
    height, width, _ = image_shape
    for base in _BASES:
        for halvings in range(1, 9):
            if min(height, width) == base << halvings and height % (1 << halvings) == width % (1 << halvings) == 0:
                return halvings
    sides = sorted(base << halvings for base in _BASES for halvings in range(1, 9))
    nearest = min(sides, key=lambda side: abs(side - height) + abs(side - width))
    raise ValueError(
        f"r3gan cannot build {height}x{width} images: the shorter side must be 4 or 7 times a power of two (16, 28, 32, 56, "
        f"64, ...) and the longer side a multiple of that power. The nearest square is {nearest}x{nearest}."
    )


def build_generator(image_shape: tuple[int, ...], latent_dim: int, width: int, blocks: int, group_width: int) -> keras.Model:
    """Latents `(batch, latent_dim)` -> images `(batch, *image_shape)`, about [-1, 1]."""
    halvings = count_halvings(image_shape)
    latents = keras.Input((latent_dim,), name="latents")
    base = image_shape[0] >> halvings, image_shape[1] >> halvings
    x = GenerativeBasis((*base, _channels(0, halvings, width)))(latents)
    for stage in range(halvings + 1):
        if stage:
            x = Upsample2D()(_with_channels(x, _channels(stage, halvings, width)))
        for _ in range(blocks):
            x = _residual_block(x, blocks * (halvings + 1), group_width)
    x = layers.Conv2D(image_shape[-1], 1, use_bias=False, kernel_initializer=_scaled(1.0))(x)
    return keras.Model(latents, ClippedOutput(name="images")(x), name="generator")


def build_discriminator(image_shape: tuple[int, ...], width: int, blocks: int, group_width: int) -> keras.Model:
    """Images `(batch, *image_shape)` -> logits `(batch, 1)`."""
    halvings = count_halvings(image_shape)
    images = keras.Input(image_shape, name="images")
    x = layers.Conv2D(_channels(halvings, halvings, width), 1, use_bias=False, kernel_initializer=_scaled(1.0))(images)
    for stage in range(halvings, -1, -1):
        for _ in range(blocks):
            x = _residual_block(x, blocks * (halvings + 1), group_width)
        if stage:
            x = _with_channels(Downsample2D()(x), _channels(stage - 1, halvings, width))
    # Each feature map is reduced to one number: its product with a learned map.
    x = layers.DepthwiseConv2D(x.shape[1:3], use_bias=False, depthwise_initializer=_scaled(1.0, math.prod(x.shape[1:3])))(x)
    x = layers.Dense(1, use_bias=False, kernel_initializer=_scaled(1.0), dtype="float32", name="logits")(layers.Flatten()(x))
    return keras.Model(images, x, name="discriminator")


def _channels(stage: int, halvings: int, width: int) -> int:
    return width * min(4, 1 << (halvings - stage))


def _residual_block(x: Tensor, count: int, group_width: int) -> Tensor:
    """Apply a block, initially the identity: its last convolution starts at 0. The network has `count` blocks."""
    channels, wide = x.shape[-1], _EXPANSION * x.shape[-1]
    gain = _GAIN * count ** (-1 / 4)  # -1 / (2 m - 2) for m = 3 layers in a block
    y = layers.LeakyReLU(_SLOPE)(layers.Conv2D(wide, 1, kernel_initializer=_scaled(gain))(x))
    groups = max(1, wide // group_width)
    fan_in = 9 * wide // groups
    grouped = GroupedConv2D(wide, 3, groups, padding="same", kernel_initializer=_scaled(gain, fan_in))
    y = layers.LeakyReLU(_SLOPE)(grouped(y))
    y = layers.Conv2D(channels, 1, use_bias=False, kernel_initializer="zeros")(y)
    return layers.Add()([x, y])


def _with_channels(x: Tensor, channels: int) -> Tensor:
    if x.shape[-1] == channels:
        return x
    return layers.Conv2D(channels, 1, use_bias=False, kernel_initializer=_scaled(1.0))(x)


def _scaled(gain: float, fan_in: int | None = None) -> keras.initializers.Initializer:
    if fan_in is not None:
        return keras.initializers.RandomNormal(0.0, gain / math.sqrt(fan_in))
    return keras.initializers.VarianceScaling(gain**2, "fan_in", "untruncated_normal")
