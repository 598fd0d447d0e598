"""The network of `edsr`, and how it enlarges feature maps.

Reference: Lim et al. 2017, "Enhanced Deep Residual Networks for Single Image Super-Resolution", section 3 and table 1.
"""

from collections.abc import Callable

import keras
from keras import layers

from keras_gans._typing import Tensor
from keras_gans.errors import check_count
from keras_gans.layers import ClippedOutput, PixelShuffle


def build_generator(channels: int, scale: int, width: int, blocks: int, residual_scale: float) -> keras.Model:
    """Images `(batch, height, width, channels)` of any size -> images `scale` times as high and wide.

    Raises:
        ValueError: If a number is out of range.
    """
    images = keras.Input((None, None, channels), name="images")
    width, blocks = check_count("width", width, 1), check_count("blocks", blocks, 1)
    first = x = layers.Conv2D(width, 3, padding="same")(images)
    for _ in range(blocks):
        residual = layers.Conv2D(width, 3, padding="same", activation="relu")(x)
        residual = layers.Conv2D(width, 3, padding="same")(residual)
        if residual_scale != 1.0:
            residual = layers.Rescaling(residual_scale)(residual)
        x = layers.Add()([x, residual])
    x = layers.Add()([first, layers.Conv2D(width, 3, padding="same")(x)])
    x = enlarge(x, scale)
    return keras.Model(images, ClippedOutput()(layers.Conv2D(channels, 3, padding="same")(x)), name="generator")


def enlarge(x: Tensor, scale: int, activate: Callable[[], layers.Layer] | None = None) -> Tensor:
    """Enlarge feature maps by convolutions and pixel shuffles, twice or three times at a time.

    Args:
        x: Feature maps.
        scale: 2, 3, 4 or 8.
        activate: Makes the layer that follows each shuffle, if any.
    """
    for factor in _steps(scale):
        x = PixelShuffle(factor)(layers.Conv2D(factor**2 * x.shape[-1], 3, padding="same")(x))
        x = x if activate is None else activate()(x)
    return x


def _steps(scale: int) -> list[int]:
    """Return the factors by which images are enlarged one after the other.

    Raises:
        ValueError: If there are none for this scale.
    """
    steps = {2: [2], 3: [3], 4: [2, 2], 8: [2, 2, 2]}
    if scale not in steps:
        raise ValueError(f"scale must be 2, 3, 4 or 8; received {scale!r}.")
    return steps[scale]
