"""Sizes of outputs, and resizing by a filter."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from keras_gans._typing import Array
from keras_gans.applying.options import Options

LANCZOS = Image.Resampling.LANCZOS


def target_size(size: tuple[int, int], factor: float, options: Options) -> tuple[int, int]:
    """Return the height and width of an output.

    Args:
        size: Height and width of the picture.
        factor: How much larger the model makes it.
        options: `scale`, `width`, `height`, `max_side` and `max_pixels`.

    Raises:
        ValueError: If the output would have too many pixels.
    """
    height, width = size
    if options.width is None and options.height is None:
        factor = factor if options.scale is None else options.scale
        exact = height * factor, width * factor
    elif options.width is None or options.height is None:
        factor = (options.width or 0) / width or (options.height or 0) / height
        exact = options.height or height * factor, options.width or width * factor
    else:
        exact = options.height, options.width
    if options.max_side is not None and max(exact) > options.max_side:
        smaller = options.max_side / max(exact)
        exact = exact[0] * smaller, exact[1] * smaller
    # Half a pixel more where a model's own output ends with a pixel that is only partly covered.
    whole = max(1, _rounded(exact[0])), max(1, _rounded(exact[1]))
    if whole[0] * whole[1] > options.max_pixels:
        raise ValueError(
            f"its output would have {whole[1]:,}x{whole[0]:,} pixels, more than the limit of {options.max_pixels / 1e6:,g} "
            "million (max_pixels)"
        )
    return whole


def _rounded(side: float) -> int:
    return math.floor(side + 0.5)


def passes(factor: float, size: tuple[int, int], target: tuple[int, int]) -> int:
    """Return how often a model is applied to come nearest to a size, at least once; a filter does the rest.

    A model that doubles sides is applied once for 2.5 times the size, and twice for 3 times.
    """
    if factor <= 1:
        return 1
    ratio = max(target[0] / size[0], target[1] / size[1])
    return max(1, math.ceil(math.log(ratio) / math.log(factor) - 0.5 - 1e-9))


def resize(values: Array, size: tuple[int, int], resampling: Image.Resampling = LANCZOS) -> Array:
    """Resize unsigned integers `(height, width, channels)` to a height and width, with antialiasing.

    Values of 16 bits are computed in floating point.
    """
    if values.shape[:2] == size:
        return values
    if values.dtype == np.uint8 and values.shape[-1] in (1, 3):
        image = Image.fromarray(values[..., 0] if values.shape[-1] == 1 else values)
        return np.asarray(image.resize(size[::-1], resampling)).reshape(*size, values.shape[-1])
    made = np.empty((*size, values.shape[-1]), values.dtype)
    largest = np.iinfo(values.dtype).max
    for channel in range(values.shape[-1]):
        plane = Image.fromarray(values[..., channel].astype("float32")).resize(size[::-1], resampling)
        made[..., channel] = np.clip(np.rint(np.asarray(plane)), 0, largest)
    return made
