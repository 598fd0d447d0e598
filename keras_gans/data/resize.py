"""Bringing images to the size and the channels a model wants, with antialiasing."""

import numpy as np
from PIL import Image

from keras_gans.images import is_image_shape


def fit_picture(picture: Image.Image, shape: tuple[int, int, int]) -> np.ndarray:
    """Brings a picture to a size and to grey or colour, as `resize_centre` does; what is transparent becomes white.

    Args:
        picture: Any Pillow image.
        shape: Target height, width and channels (1 or 3).

    Returns:
        uint8 array of that shape.
    """
    height, width, channels = shape
    if picture.mode.startswith("I"):
        # 16 bits a pixel, which Pillow would clip to 8.
        picture = Image.fromarray((np.asarray(picture) >> 8).astype("uint8"))
    elif "transparency" in picture.info or picture.mode in ("LA", "PA", "RGBA", "La", "RGBa"):
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture.convert("RGBA"))
    picture = picture.convert("L" if channels == 1 else "RGB")
    return np.asarray(resize_centre(picture, width, height)).reshape(shape)


def resize_centre(picture: Image.Image, width: int, height: int) -> Image.Image:
    """Cuts the largest centred part with the target's proportions from a picture and resizes it (Lanczos, antialiased)."""
    if picture.size == (width, height):
        return picture
    scale = min(picture.width / width, picture.height / height)
    cut_width, cut_height = scale * width, scale * height
    left, top = (picture.width - cut_width) / 2, (picture.height - cut_height) / 2
    box = (left, top, left + cut_width, top + cut_height)
    return picture.resize((width, height), Image.Resampling.LANCZOS, box=box)


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
    given = tuple(image_shape) if isinstance(image_shape, list | tuple) else (image_shape,)
    shape = given if len(given) == 3 else (*given, own_shape[-1])
    if not (all(isinstance(number, int) and number >= 1 for number in shape) and is_image_shape(shape)):
        raise ValueError(f"image_shape must be a height, a width and 1 or 3 channels; received {image_shape!r}.")
    return shape
