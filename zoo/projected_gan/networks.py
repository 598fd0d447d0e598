"""The discriminators of `projected_gan`: one for each scale of a frozen, randomly mixed feature pyramid.

Reference: Sauer et al. 2021, "Projected GANs Converge Faster", sections 3.2 and 4, and the authors' code.
"""

import itertools
from collections.abc import Sequence

import keras
from keras import layers

from keras_gans._typing import Tensor
from keras_gans.errors import check_count
from keras_gans.imagenet import ImageNetFeatures
from keras_gans.layers import ImageNetInput, RandomProjection, SpectralConv2D

from ..fastgan.networks import logit_map

# Side of the maps at which a discriminator stops to halve them.
_LAST_SIDE = 8
# Channels, as multiples of the width, after all halvings, before the last, ...
_FACTORS = (8, 4, 2, 1, 1)


def build_discriminator(
    image_shape: tuple[int, ...],
    num_classes: int | None,
    feature_size: int,
    mixed_channels: Sequence[int],
    width: int,
    projection_seed: int,
) -> keras.Model:
    """Images `(batch, *image_shape)`, and labels `(batch,)` if there are classes -> a list of four maps of logits.

    Raises:
        ValueError: If a size, a width or a number of channels is out of range.
    """
    images = keras.Input(image_shape, name="samples")
    labels = None if num_classes is None else keras.Input((), dtype="int32", name="labels")
    pyramid = ImageNetFeatures(name="features")(ImageNetInput(feature_size)(images))
    channels = _check_channels(mixed_channels, len(pyramid))
    width = check_count("discriminator_width", width, 1)
    logits = [
        _discriminate(maps, labels, num_classes, width, f"scale{scale}")
        for scale, maps in enumerate(mix(pyramid, channels, check_count("projection_seed", projection_seed, 0)))
    ]
    return keras.Model(images if labels is None else [images, labels], logits, name="discriminator")


def _check_channels(channels: Sequence[int], scales: int) -> list[int]:
    if len(channels) != scales:
        raise ValueError(f"mixed_channels has a number for each of the {scales} scales; received {list(channels)}.")
    return [check_count("mixed_channels", count, 1) for count in channels]


def mix(pyramid: list[Tensor], channels: Sequence[int], seed: int) -> list[Tensor]:
    """Mix the channels of each scale, then scale from the coarsest to the finest, by random maps that are never trained.

    Args:
        pyramid: Feature maps, the finest first.
        channels: Number of channels after the mixing, for each scale.
        seed: Seed of the random maps.

    Returns:
        Feature maps of twice the height and width of `pyramid`.
    """
    seeds = (2 * len(pyramid) * seed + number for number in itertools.count())
    across = [RandomProjection(count, next(seeds))(maps) for maps, count in zip(pyramid, channels, strict=True)]
    mixed: list[Tensor] = []
    for scale in range(len(pyramid) - 1, -1, -1):
        x = across[scale]
        if mixed:
            x = layers.Add()([mixed[0], x])
        # The projection commutes with interpolation, and costs a quarter before it.
        x = RandomProjection(channels[max(0, scale - 1)], next(seeds))(x)
        mixed.insert(0, layers.UpSampling2D(interpolation="bilinear")(x))
    return mixed


def _discriminate(maps: Tensor, labels: Tensor | None, num_classes: int | None, width: int, name: str) -> Tensor:
    """Return a map of logits `(batch, height, width, 1)`."""
    halvings = 0
    while min(maps.shape[1:3]) / 2**halvings > _LAST_SIDE:
        halvings += 1
    x = maps
    for left in range(halvings - 1, -1, -1):
        channels = width * _FACTORS[min(left, len(_FACTORS) - 1)]
        x = layers.LeakyReLU(0.2)(SpectralConv2D(channels, 4, 2, "same", use_bias=False)(x))
    return logit_map(x, labels, num_classes, name)
