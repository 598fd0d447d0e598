"""The discriminator of `fastgan`, which also reconstructs its images.

Reference: Liu et al. 2021, section 3.2, figure 4, and the authors' code.
"""

import keras
from keras import layers

from keras_gans._typing import Tensor
from keras_gans.errors import check_count
from keras_gans.layers import BatchNormalization, GatedLinearUnit, ImageQuarter, SpectralConv2D, UpsampledConv2D

from .networks import count_doublings, excited, logit_map

# Channels, as multiples of the width, of the smallest maps and of those twice as large, four times, ...
_FACTORS = (16, 8, 4, 2, 1)
# How many halvings lie between features and those that they excite.
_SKIP = 3


def build_discriminator(image_shape: tuple[int, ...], width: int, num_classes: int | None) -> keras.Model:
    """Images, and labels if there are classes -> maps of logits (`scores`) and reconstructed images (`reconstructions`).

    Raises:
        ValueError: If the images are smaller than 16 pixels, or the width is not an integer above 0.
    """
    halvings = count_doublings("fastgan", image_shape) - 1
    if not halvings:
        raise ValueError(
            f"The discriminator of fastgan needs images of at least 16x16 pixels; received {image_shape[0]}x{image_shape[1]}."
        )
    width = check_count("discriminator_width", width, 1)
    samples = keras.Input(image_shape, name="samples")
    labels = None if num_classes is None else keras.Input((), dtype="int32", name="labels")
    x = layers.LeakyReLU(0.2)(SpectralConv2D(_channels(halvings, width), 3, padding="same", use_bias=False)(samples))
    maps = [x]
    for left in range(halvings - 1, -1, -1):
        x = _halved_twice(maps[-1], _channels(left, width))
        maps.append(excited(x, maps[-_SKIP]) if len(maps) >= _SKIP else x)
    x = layers.LeakyReLU(0.2)(_normalized(SpectralConv2D(_channels(0, width), 1, use_bias=False)(maps[-1])))
    # A second discriminator, of images half as large.
    small = layers.AveragePooling2D(2)(samples)
    small = layers.LeakyReLU(0.2)(SpectralConv2D(_channels(halvings - 1, width), 3, padding="same", use_bias=False)(small))
    for left in range(halvings - 2, -1, -1):
        small = _halved(small, _channels(left, width))
    outputs = {
        "scores": [logit_map(x, labels, num_classes, "whole"), logit_map(small, labels, num_classes, "small")],
        "reconstructions": {
            "whole": [
                _decoded(maps[-1], halvings - 1, width, image_shape[-1], "whole"),
                _decoded(small, halvings - 1, width, image_shape[-1], "small"),
            ],
            "quarter": [_decoded(ImageQuarter()(maps[-2]), halvings - 1, width, image_shape[-1], "quarter")],
        },
    }
    return keras.Model(samples if labels is None else [samples, labels], outputs, name="discriminator")


def _channels(halvings: int, width: int) -> int:
    """Return the number of feature maps that are yet to be halved some times."""
    return width * _FACTORS[min(halvings, len(_FACTORS) - 1)]


def _normalized(x: Tensor) -> Tensor:
    return BatchNormalization(momentum=0.9, epsilon=1e-5)(x)


def _halved(x: Tensor, channels: int) -> Tensor:
    return layers.LeakyReLU(0.2)(_normalized(SpectralConv2D(channels, 4, 2, "same", use_bias=False)(x)))


def _halved_twice(x: Tensor, channels: int) -> Tensor:
    """Return the mean of two branches that halve the maps: of two convolutions, and of a mean of pixels."""
    main = SpectralConv2D(channels, 3, padding="same", use_bias=False)(_halved(x, channels))
    direct = SpectralConv2D(channels, 1, use_bias=False)(layers.AveragePooling2D(2)(x))
    return layers.Average()([layers.LeakyReLU(0.2)(_normalized(each)) for each in (main, direct)])


def _decoded(x: Tensor, doublings: int, width: int, channels: int, name: str) -> Tensor:
    """Return an image, reconstructed from feature maps. There is no normalisation: see the model card."""
    for left in range(doublings - 1, -1, -1):
        x = GatedLinearUnit()(UpsampledConv2D(2 * width * max(1, 2**left))(x))
    x = layers.Conv2D(channels, 3, padding="same")(x)
    return layers.Activation("tanh", dtype="float32", name=f"{name}_reconstruction")(x)
