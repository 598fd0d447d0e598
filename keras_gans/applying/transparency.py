"""Colours under transparent pixels, which hold anything, usually black: a network would carry it over the edges."""

from __future__ import annotations

import numpy as np

from keras_gans._typing import Array


def bleed(colours: Array, alpha: Array) -> Array:
    """Return colours with those of fully transparent pixels replaced by those of the nearest others, blended smoothly.

    Args:
        colours: Unsigned integers of shape `(height, width, channels)`.
        alpha: Opacity of each pixel, shape `(height, width)`, 0 for transparent.

    Returns:
        An array like `colours`. Pixels that are not fully transparent keep their colours.

    Reference: Gortler et al. 1996, "The Lumigraph", section 3.4.2 (push-pull).
    """
    seen = alpha > 0
    if seen.all() or not seen.any():
        return colours
    filled = _fill(colours.astype("float32"), seen.astype("float32"))
    return np.where(seen[..., None], colours, np.rint(filled)).astype(colours.dtype)


def _fill(colours: Array, weights: Array) -> Array:
    """Return colours where weights are 1, elsewhere those of an image of half the size, in which more pixels have colours."""
    if weights.all():
        return colours
    height, width = weights.shape
    even = ((0, height % 2), (0, width % 2))
    padded = np.pad(colours * weights[..., None], (*even, (0, 0)))
    sums = padded.reshape(padded.shape[0] // 2, 2, padded.shape[1] // 2, 2, -1).sum((1, 3))
    counts = np.pad(weights, even).reshape(sums.shape[0], 2, sums.shape[1], 2).sum((1, 3))
    coarse = _fill(sums / np.maximum(counts, 1.0)[..., None], (counts > 0).astype("float32"))
    larger = coarse.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    return np.where(weights[..., None] > 0, colours, larger)
