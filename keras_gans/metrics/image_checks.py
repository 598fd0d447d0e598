"""The checks of images that all measures share."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.media import infer
from keras_gans.media.pictures import opaque


def are_images(images: np.ndarray) -> bool:
    """Return whether an array has the shape of images: `(n, height, width, 1, 3 or 4)`."""
    return infer(images.shape[1:]).pixels


def as_images(images: ArrayLike, name: str, smallest: int = 1, least: int = 1) -> np.ndarray:
    """Return uint8 images as an array after checking them. Memory-mapped arrays stay mapped.

    Images with transparency are laid over a checkerboard: see `keras_gans.media.pictures.opaque`.

    Args:
        images: uint8 of shape `(n, height, width, 1, 3 or 4)`.
        name: Name of the images in error messages.
        smallest: Smallest height and width accepted, in pixels.
        least: Smallest number of images accepted.

    Raises:
        ValueError: If the images have another shape or dtype, or are too small or too few.
    """
    images = np.asanyarray(images)
    if not are_images(images):
        raise ValueError(
            f"{name} must be images of shape (n, height, width, 1, 3 or 4); received an array of shape {images.shape}."
        )
    if images.dtype != np.uint8:
        raise ValueError(
            f"{name} must be uint8 images; received {images.dtype}: keras_gans.media.pictures.to_uint8 maps [-1, 1] to it."
        )
    if len(images) < least:
        raise ValueError(f"{name} must hold at least {least} image(s); received {len(images)}.")
    if min(images.shape[1:3]) < smallest:
        height, width = images.shape[1:3]
        raise ValueError(f"{name} must be at least {smallest} pixels high and wide; received {height}x{width}.")
    return opaque(images)


def check_pairs(outputs: ArrayLike, targets: ArrayLike, smallest: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return outputs and their targets as `as_images` does.

    Args:
        outputs: As in `as_images`.
        targets: As many images of the same shape.
        smallest: As in `as_images`.

    Raises:
        ValueError: As in `as_images`, or if they differ in size or number.
    """
    first, second = as_images(outputs, "outputs", smallest), as_images(targets, "targets", smallest)
    check_alike(first, second, ("outputs", "targets"))
    if len(first) != len(second):
        raise ValueError(f"Each output needs one target; received {len(first)} outputs and {len(second)} targets.")
    return first, second


def check_alike(first: np.ndarray, second: np.ndarray, names: tuple[str, str]) -> None:
    """Raise ValueError if two sets of images differ in height, width or channels."""
    if first.shape[1:] != second.shape[1:]:
        described = ["x".join(map(str, images.shape[1:])) for images in (first, second)]
        raise ValueError(
            f"{names[0]} are {described[0]} images and {names[1]} are {described[1]} (height x width x channels): bring both "
            "to one size and one number of channels."
        )
