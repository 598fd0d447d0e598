"""How near images that a model has filled in are to what they should be, inside the holes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.metrics.image_checks import check_pairs


def hole_l1(outputs: ArrayLike, targets: ArrayLike, masks: ArrayLike) -> np.ndarray:
    """Return the mean absolute difference of each image from its target inside a mask, of pixels in [0, 1]: lower is better.

    Args:
        outputs: uint8 images of shape `(n, height, width, 1, 3 or 4)`.
        targets: As many images of the same shape.
        masks: uint8 masks of shape `(n, height, width, 1)`, white (at least 128) in the hole.

    Returns:
        float64 array of shape `(n,)`.

    Raises:
        ValueError: If images or masks are not uint8, none, or differ in size or number, or a mask has no white pixel.
    """
    return _in_holes(outputs, targets, masks, np.abs)


def hole_psnr(outputs: ArrayLike, targets: ArrayLike, masks: ArrayLike) -> np.ndarray:
    """Return the peak signal-to-noise ratio of each image with its target inside a mask, in decibels: higher is better.

    Args:
        outputs: As in `hole_l1`.
        targets: As in `hole_l1`.
        masks: As in `hole_l1`.

    Returns:
        float64 array of shape `(n,)`, infinite where both are equal.

    Raises:
        ValueError: As in `hole_l1`.
    """
    with np.errstate(divide="ignore"):
        return -10 * np.log10(_in_holes(outputs, targets, masks, np.square))


def _in_holes(
    outputs: ArrayLike, targets: ArrayLike, masks: ArrayLike, error: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Return the mean error inside each mask; `error` gets the difference of pixels in [0, 1]."""
    first, second = check_pairs(outputs, targets)
    holes = np.asarray(masks)
    if holes.dtype != np.uint8 or holes.shape != (*first.shape[:3], 1):
        raise ValueError(
            f"masks must be uint8 of shape {(*first.shape[:3], 1)}; received {holes.dtype} of shape {holes.shape}."
        )
    holes = holes[..., 0] >= 128
    if not holes.any(axis=(1, 2)).all():
        raise ValueError("A mask has no white pixel: there is nothing to measure.")
    differences = ((one[hole] / 255.0 - two[hole] / 255.0) for one, two, hole in zip(first, second, holes, strict=True))
    return np.array([error(each).mean() for each in differences])
