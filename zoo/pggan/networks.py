"""The networks of `pggan`: the generator returns an image for each resolution, and the discriminator takes all of them.

Reference: Karras et al. 2018, figure 2, table 2, section 4 (equalized learning rate, pixelwise normalisation), appendix A.1.
"""

import itertools
import math

import keras
from keras import layers

from keras_gans._typing import Tensor
from keras_gans.layers import (
    ClippedOutput,
    EqualizedConv2D,
    EqualizedDense,
    Fade,
    MinibatchStdDev,
    PixelNormalization,
)
from keras_gans.media import is_image_shape

_BASES = (4, 7)


def resolutions(image_shape: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return the heights and widths that a progressive GAN grows through, the lowest first.

    Raises:
        ValueError: If the size is not 4 or 7 times a power of two; the message names the nearest one that is.
    """
    if not is_image_shape(image_shape):
        raise ValueError(
            f"pggan generates images of shape (height, width, channels) with 1, 3 or 4 channels; received {tuple(image_shape)}."
        )
    height, width, _ = image_shape
    sizes = [base << doublings for base in _BASES for doublings in range(1, 9)]
    doublings = _doublings(min(height, width))
    if doublings is None or height % (1 << doublings) or width % (1 << doublings):
        nearest = min(sizes, key=lambda size: abs(size - height) + abs(size - width))
        raise ValueError(
            f"pggan cannot grow to {height}x{width} images: the shorter side must be 4 or 7 times a power of two (16, 28, 32, "
            f"56, 64, 128, ...) and the longer side a multiple of that power. The nearest square is {nearest}x{nearest}."
        )
    return [(height >> down, width >> down) for down in range(doublings, -1, -1)]


def _doublings(side: int) -> int | None:
    for base in _BASES:
        times = side // base
        if side % base == 0 and times > 1 and times & (times - 1) == 0:
            return times.bit_length() - 1
    return None


def _channels(stage: int, stages: int, width: int, most: int) -> int:
    """Return the number of feature maps of a resolution: halved from each to the next, down to `width` for the last."""
    return min(most, width << (stages - 1 - stage))


def build_generator(image_shape: tuple[int, ...], latent_dim: int, width: int, most_channels: int) -> keras.Model:
    """Latents `(batch, latent_dim)` -> an image for each resolution, the last one `(batch, *image_shape)`, about [-1, 1]."""
    sizes = resolutions(image_shape)
    channels = [_channels(stage, len(sizes), width, most_channels) for stage in range(len(sizes))]
    height, base_width = sizes[0]
    latents = keras.Input((latent_dim,), name="latents")
    x = PixelNormalization()(latents)
    # A quarter of the usual gain, as in the authors' code.
    x = EqualizedDense(height * base_width * channels[0], gain=math.sqrt(2) / 4)(x)
    x = layers.Reshape((height, base_width, channels[0]))(x)
    x = PixelNormalization()(layers.LeakyReLU(0.2)(x))
    x = _generator_layer(x, channels[0])
    before = _to_image(x, image_shape[-1])
    images = [_output(before, sizes[0])]
    for stage, size in enumerate(sizes[1:], start=1):
        x = layers.UpSampling2D()(x)
        x = _generator_layer(_generator_layer(x, channels[stage]), channels[stage])
        image = _to_image(x, image_shape[-1])
        images.append(_output(Fade()([layers.UpSampling2D()(before), image]), size))
        before = image
    return keras.Model(latents, images, name="generator")


def _generator_layer(x: Tensor, filters: int) -> Tensor:
    return PixelNormalization()(layers.LeakyReLU(0.2)(EqualizedConv2D(filters, 3, padding="same")(x)))


def _to_image(x: Tensor, channels: int) -> Tensor:
    return EqualizedConv2D(channels, 1, gain=1.0)(x)


def _output(image: Tensor, size: tuple[int, int]) -> Tensor:
    return ClippedOutput(name=f"images_{size[0]}x{size[1]}")(image)


def build_discriminator(image_shape: tuple[int, ...], width: int, most_channels: int, group_size: int) -> keras.Model:
    """An image for each resolution -> a score `(batch, 1)` for each."""
    sizes = resolutions(image_shape)
    channels = [_channels(stage, len(sizes), width, most_channels) for stage in range(len(sizes))]
    images = [keras.Input((*size, image_shape[-1]), name=f"images_{size[0]}x{size[1]}") for size in sizes]
    from_image = [[EqualizedConv2D(filters, 1), layers.LeakyReLU(0.2)] for filters in channels]
    last = [
        MinibatchStdDev(group_size),
        EqualizedConv2D(channels[0], 3, padding="same"),
        layers.LeakyReLU(0.2),
        layers.Flatten(),
        EqualizedDense(channels[0]),
        layers.LeakyReLU(0.2),
        EqualizedDense(1, gain=1.0, dtype="float32", name="logits"),
    ]
    blocks = [last, *(_discriminator_block(*pair) for pair in itertools.pairwise(channels))]
    logits = []
    for stage, image in enumerate(images):
        x = _through(blocks[stage], _through(from_image[stage], image))
        if stage:
            x = Fade()([_through(from_image[stage - 1], layers.AveragePooling2D(2)(image)), x])
        for lower in range(stage - 1, -1, -1):
            x = _through(blocks[lower], x)
        logits.append(x)
    return keras.Model(images, logits, name="discriminator")


def _discriminator_block(filters_below: int, filters: int) -> list[layers.Layer]:
    return [
        EqualizedConv2D(filters, 3, padding="same"),
        layers.LeakyReLU(0.2),
        EqualizedConv2D(filters_below, 3, padding="same"),
        layers.LeakyReLU(0.2),
        layers.AveragePooling2D(2),
    ]


def _through(block: list[layers.Layer], x: Tensor) -> Tensor:
    for layer in block:
        x = layer(x)
    return x
