"""What the measures on images accept."""

import numpy as np

from keras_gans.media import infer


def are_images(images) -> bool:
    """Whether an array has the shape of images: `(n, height, width, 1 or 3)`."""
    return infer(images.shape[1:]).pixels


def as_images(images, name: str, smallest: int = 1, least: int = 1) -> np.ndarray:
    """Returns uint8 images as an array; arrays mapped from files stay there.

    Args:
        images: uint8 of shape `(n, height, width, 1 or 3)`.
        name: What the caller calls them.
        smallest: Pixels that either side must have.
        least: Images that there must be.

    Raises:
        ValueError: If they are anything else.
    """
    images = np.asanyarray(images)
    if not are_images(images):
        raise ValueError(
            f"{name} must be images of shape (n, height, width, 1 or 3); received an array of shape {images.shape}."
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
    return images


def check_alike(first, second, names: tuple[str, str]) -> None:
    """Raises ValueError if two sets of images differ in height, width or channels."""
    if first.shape[1:] != second.shape[1:]:
        described = ["x".join(map(str, images.shape[1:])) for images in (first, second)]
        raise ValueError(
            f"{names[0]} are {described[0]} images and {names[1]} are {described[1]} (height x width x channels): bring both "
            "to one size and one number of channels."
        )
