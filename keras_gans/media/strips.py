"""Drawing what a model makes of images: input, output and target side by side."""

from collections.abc import Sequence

import numpy as np

from keras_gans.media.pictures import SIDE, eight_bits, grid


def strips(images: Sequence[np.ndarray]) -> np.ndarray:
    """Draw several images of the same thing side by side, for each of many things.

    Args:
        images: Arrays of as many images, such as inputs, outputs and targets; each uint8 or floats in [-1, 1] of shape
            `(n, height, width, channels)`. The smaller ones are enlarged to the size of the largest by repeating pixels, and
            grey ones become colour images if others are.

    Returns:
        A uint8 picture `(height, width, channels)`: the `n` strips in a grid of about equal sides.
    """
    side = max(each.shape[1] for each in images)
    channels = max(each.shape[-1] for each in images)
    drawn = [_alike(eight_bits(each), side, channels) for each in images]
    count = len(drawn[0])
    # A grid of `columns` strips is about as wide as high.
    columns = max(1, round((count / len(drawn)) ** 0.5))
    tiles = np.stack(drawn, axis=1).reshape(-1, *drawn[0].shape[1:])
    return grid(tiles, columns * len(drawn), scale=max(1, SIDE // side))


def _alike(images: np.ndarray, side: int, channels: int) -> np.ndarray:
    factor = max(1, side // images.shape[1])
    images = images.repeat(factor, axis=1).repeat(factor, axis=2)
    return images.repeat(channels, axis=-1) if images.shape[-1] == 1 else images
