"""The perceptual distance of pairs of images."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.metrics.image_checks import as_images, check_alike

_PIXELS = 2**19  # of either images at a time, few enough for the cache


def perceptual_distance(first: ArrayLike, second: ArrayLike, taps: Sequence[int] | None = None) -> np.ndarray:
    """Return the perceptual distance of each image from its partner: 0 for equal images.

    It is that of `keras_gans.losses.PerceptualDistance`: the formula of LPIPS on the layers of another network, EfficientNet-
    Lite0, without learned weights. Values cannot be compared with LPIPS, nor between sizes of images.

    Args:
        first: uint8 images of shape `(n, height, width, 1, 3 or 4)`.
        second: As many images of the same shape.
        taps: Stages of the network, as for `keras_gans.losses.PerceptualDistance`; None (default) for its default.

    Returns:
        float64 array of shape `(n,)`.

    Raises:
        ValueError: If the images are not uint8, none, or differ in size or number, or the stages do not exist.

    Reference: Zhang et al. 2018, "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric", equation 1 with
    w = 1.
    """
    first, second = as_images(first, "first"), as_images(second, "second")
    check_alike(first, second, ("first", "second"))
    if len(first) != len(second):
        raise ValueError(f"Each image needs one partner; received {len(first)} first and {len(second)} second images.")
    distance = _compiled(None if taps is None else tuple(taps))
    step = min(len(first), max(1, _PIXELS // first[0, ..., 0].size))
    distances = np.empty(len(first))
    for start in range(0, len(first), step):
        block = slice(start, start + step)
        parts = [images[block] for images in (first, second)]
        # The last part is filled up, because the function is compiled for each size.
        full = [np.resize(part, (step, *part.shape[1:])).astype("float32") / 127.5 - 1 for part in parts]
        distances[block] = np.asarray(distance(*full))[: len(parts[0])]
    return distances


@functools.cache
def _compiled(taps: tuple[int, ...] | None) -> Callable[..., Any]:
    from keras_gans.backend import compiled
    from keras_gans.losses.perceptual import PerceptualDistance

    loss = PerceptualDistance(reduction="none") if taps is None else PerceptualDistance(taps, reduction="none")
    return compiled(loss.call)
