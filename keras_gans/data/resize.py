"""Bringing images to the size and the channels a model wants, with antialiasing."""

import numpy as np
from PIL import Image

from keras_gans.images import is_image_shape


def fit_picture(picture: Image.Image, shape: tuple[int, int, int]) -> np.ndarray:
    """Cuts the largest centred part with the target's proportions from a picture and resizes it (Lanczos, antialiased).

    Args:
        picture: Any Pillow image.
        shape: Target height, width and channels (1 or 3).

    Returns:
        uint8 array of that shape.
    """
    height, width, channels = shape
    picture = picture.convert("L" if channels == 1 else "RGB")
    if picture.size != (width, height):
        scale = min(picture.width / width, picture.height / height)
        cut_width, cut_height = scale * width, scale * height
        left, top = (picture.width - cut_width) / 2, (picture.height - cut_height) / 2
        box = (left, top, left + cut_width, top + cut_height)
        picture = picture.resize((width, height), Image.Resampling.LANCZOS, box=box)
    return np.asarray(picture).reshape(shape)


def fit_images(images: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Applies `fit_picture` to a uint8 array of shape `(n, height, width, 1 or 3)`; returns it as it is where it fits."""
    if images.shape[1:] == shape:
        return images
    planes = images[..., 0] if images.shape[-1] == 1 else images
    result = np.empty((len(images), *shape), "uint8")
    for index, plane in enumerate(planes):
        result[index] = fit_picture(Image.fromarray(plane), shape)
    return result


def complete_shape(image_shape, own_shape) -> tuple[int, int, int]:
    """Returns the height, width and channels to bring images of `own_shape` to.

    Args:
        image_shape: None, `(height, width)` or `(height, width, channels)`.
        own_shape: Height, width and channels.
    """
    if image_shape is None:
        return tuple(own_shape)
    shape = tuple(image_shape) if len(image_shape) == 3 else (*image_shape, own_shape[-1])
    if not is_image_shape(shape) or min(shape) < 1:
        raise ValueError(f"image_shape must be a height, a width and 1 or 3 channels; received {tuple(image_shape)}.")
    return shape
