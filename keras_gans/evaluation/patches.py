"""Patches of images that a model has made of others: where the look of its detail can be compared with that of photographs.

A network for features that enlarges or reduces whole images hides the detail that super-resolution adds; the patches are of the
size that `color32` learned from, so that it sees every pixel.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from keras_gans import metrics

SIDE = 32
# As many patches as there are features: the covariance of fewer says little.
FEWEST = 256


def patches_of(images: Iterable[np.ndarray]) -> np.ndarray:
    """Cut images into patches of 32x32 pixels next to each other, from the upper left corner on.

    Args:
        images: uint8 images of shape `(height, width, 3)`, of any sizes of at least 32 pixels.

    Returns:
        uint8 array of shape `(n, 32, 32, 3)`: the patches of the first image row by row, then those of the next.
    """
    return np.concatenate([_cut(image) for image in images])


def _cut(image: np.ndarray) -> np.ndarray:
    rows, columns = (side // SIDE for side in image.shape[:2])
    cut = image[: rows * SIDE, : columns * SIDE].reshape(rows, SIDE, columns, SIDE, -1)
    return cut.transpose(0, 2, 1, 3, 4).reshape(-1, SIDE, SIDE, image.shape[-1])


def patches_around(images: Sequence[np.ndarray] | np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Cut a patch of 32x32 pixels out of each image, around the middle of its hole.

    Args:
        images: uint8 images of shape `(n, height, width, 3)`, of at least 32 pixels in height and width.
        masks: uint8 masks of shape `(n, height, width, 1)`, white (at least 128) in the hole.

    Returns:
        uint8 array of shape `(n, 32, 32, 3)`. A patch is in the image as a whole, also where the hole is at its edge.
    """
    found = []
    for image, mask in zip(images, masks, strict=True):
        places = np.argwhere(mask[..., 0] >= 128)
        middle = places.mean(axis=0) if len(places) else np.array(image.shape[:2]) / 2
        top, left = np.clip(np.rint(middle - SIDE / 2), 0, np.array(image.shape[:2]) - SIDE).astype(int)
        found.append(image[top : top + SIDE, left : left + SIDE])
    return np.stack(found)


def patch_distance(real: np.ndarray, made: np.ndarray) -> float | None:
    """Return the FID (`color32`) between two sets of patches; None if one has fewer than 256, or patches are not in colour."""
    from keras_gans.evaluation.extractors import get_extractor

    if min(len(real), len(made)) < FEWEST or real.shape[-1] != 3:
        return None
    extract = get_extractor("color32")
    return metrics.frechet_distance(extract(real).values, extract(made).values)
