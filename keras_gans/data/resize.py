"""Resizing images to the size and channels of a model, with antialiasing."""

import dataclasses
import functools
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageColor, ImageFile

from keras_gans.data.skipped import UnreadableError
from keras_gans.errors import no_such
from keras_gans.media import infer
from keras_gans.media.pictures import MODES, as_pillow

CROPS = ("centre", "random", "pad", "patch")

_ALPHA_MODES = ("LA", "PA", "RGBA", "La", "RGBa")
_GREY_MODES = ("1", "L", "I", "I;16", "I;16B", "I;16L")

# An image to be cropped at random keeps at most this many times the length of its target: panoramas lose their ends.
_LONGEST = 8


@dataclasses.dataclass(frozen=True)
class ImageOptions:
    """How images of any size and mode become arrays of one shape.

    Attributes:
        crop: How proportions are changed. `centre` and `random` crop the largest part with the target's proportions, from the
            centre or from a random place each time; `pad` keeps the whole image and fills the rest; `patch` crops a part of the
            target's size from a random place each time, without resizing.
        background: Colour of transparent and padded areas: a name or `#rrggbb`.
        step: Random places are multiples of this number of pixels.

    Raises:
        ValueError: If a value is unknown.
    """

    crop: str = "centre"
    background: str = "white"
    step: int = 1

    def __post_init__(self) -> None:
        if self.crop not in CROPS:
            raise ValueError(no_such("crop", str(self.crop), list(CROPS)))
        try:
            ImageColor.getrgb(self.background)
        except (ValueError, TypeError) as error:
            raise ValueError(
                f"background must be a colour such as white, black or #40a0ff; received {self.background!r}."
            ) from error

    @functools.cached_property
    def colour(self) -> tuple[int, int, int]:
        """The background's red, green and blue, 0 to 255."""
        return ImageColor.getrgb(self.background)[:3]

    @property
    def random_numbers(self) -> int:
        """How many random numbers `cut` takes for each image."""
        return 2 if self.crop in ("random", "patch") else 0

    @property
    def keeps_size(self) -> bool:
        """Whether samples are parts of images that are not resized."""
        return self.crop == "patch"

    def channels(self, picture: Image.Image) -> int:
        """Return 1 for an image that is grey once it is laid over the background, else 3."""
        if is_transparent(picture) and len(set(self.colour)) > 1:
            return 3
        return 1 if picture.mode in (*_GREY_MODES, "LA", "La") else 3

    def prepare(self, picture: Image.Image, shape: tuple[int, ...]) -> np.ndarray:
        """Do the part of resizing that is the same each time an image is used.

        Args:
            picture: Any Pillow image.
            shape: Target height, width and channels (1, 3 or 4).

        Returns:
            uint8 array of that shape, or higher or wider if it is to be cropped at random.

        Raises:
            UnreadableError: If the image is smaller than a patch.
        """
        height, width, channels = shape
        if picture.mode.startswith("I"):
            picture = _eight_bits(picture)
        if channels < 4:
            picture = self._opaque(picture)
        picture = self.resize(picture.convert(MODES[channels]), width, height)
        return np.asarray(picture).reshape(picture.height, picture.width, channels)

    def cut(self, image: np.ndarray, shape: tuple[int, ...], numbers: Sequence[float] | np.ndarray = (0.5, 0.5)) -> np.ndarray:
        """Crop the target from what `prepare` returned.

        Args:
            image: Array of shape `(height, width, channels)`, at least as high and wide as the target.
            shape: Target height, width and channels.
            numbers: Vertical and horizontal position of the crop, in [0, 1); for random crops only.
        """
        height, width = shape[:2]
        top = self.step * int(float(numbers[0]) * ((image.shape[0] - height) // self.step + 1))
        left = self.step * int(float(numbers[1]) * ((image.shape[1] - width) // self.step + 1))
        return image[top : top + height, left : left + width]

    def resize(self, picture: Image.Image, width: int, height: int) -> Image.Image:
        """Resize an image (Lanczos, antialiased): to the target, or larger if random crops follow."""
        if picture.size == (width, height):
            return picture
        if self.keeps_size:
            if picture.height < height or picture.width < width:
                raise UnreadableError(f"{picture.height}x{picture.width} pixels are fewer than the {height}x{width} of a patch")
            return picture
        if self.crop == "pad":
            return self._pad(picture, width, height)
        longest = _LONGEST if self.crop == "random" else 1
        # The kept part has the target's proportions, or is up to `longest` times as high or wide.
        unit = min(picture.width / width, picture.height / height)
        cut_width, cut_height = min(picture.width, longest * unit * width), min(picture.height, longest * unit * height)
        left, top = (picture.width - cut_width) / 2, (picture.height - cut_height) / 2
        size = (max(width, round(cut_width / unit)), max(height, round(cut_height / unit)))
        return picture.resize(size, Image.Resampling.LANCZOS, box=(left, top, left + cut_width, top + cut_height))

    def _pad(self, picture: Image.Image, width: int, height: int) -> Image.Image:
        unit = max(picture.width / width, picture.height / height)
        size = (max(1, round(picture.width / unit)), max(1, round(picture.height / unit)))
        colour = {"RGB": self.colour, "RGBA": (*self.colour, 0)}.get(picture.mode, _luma(self.colour))
        canvas = Image.new(picture.mode, (width, height), colour)
        canvas.paste(picture.resize(size, Image.Resampling.LANCZOS), ((width - size[0]) // 2, (height - size[1]) // 2))
        return canvas

    def _opaque(self, picture: Image.Image) -> Image.Image:
        if is_transparent(picture):
            picture = picture.convert("RGBA")
            return Image.alpha_composite(Image.new("RGBA", picture.size, self.colour), picture)
        return picture


def is_transparent(picture: Image.Image) -> bool:
    """Whether an image says of its pixels how opaque they are."""
    return picture.mode in _ALPHA_MODES or "transparency" in picture.info


def is_deep(picture: ImageFile.ImageFile) -> bool:
    """Whether an image that has not been decoded has more than 8 bits a channel, which decoding or `prepare` reduces to 8."""
    decoders = [tile.args for tile in picture.tile]
    kinds = [args[0] if isinstance(args, tuple) else args for args in decoders]
    return picture.mode[0] in "IF" or any("16" in str(kind) for kind in kinds)


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Convert 16-bit grey, which Pillow would clip, to 8-bit grey; a transparent colour becomes alpha."""
    values = np.asarray(picture).astype("uint32")
    grey = Image.fromarray(((values + 128) // 257).clip(0, 255).astype("uint8"))
    transparent = picture.info.get("transparency")
    if isinstance(transparent, int):
        grey.putalpha(Image.fromarray(np.where(values == transparent, 0, 255).astype("uint8")))
    return grey


def _luma(colour: tuple[int, int, int]) -> Any:
    return Image.new("RGB", (1, 1), colour).convert("L").getpixel((0, 0))


def describe_fitting(own_shapes: Collection[tuple[int, ...]], shape: tuple[int, ...], count: int) -> list[str]:
    """Return a note of what bringing images to a shape changes, such as `"resized to 28x28, made grey"`, if anything.

    Args:
        own_shapes: The images' own heights, widths and channels.
        shape: Height, width and channels of the samples.
        count: Number of images.
    """
    words = []
    if any(own[:2] != shape[:2] for own in own_shapes):
        words.append(f"resized to {shape[0]}x{shape[1]}")
    if any(own[2] != shape[2] for own in own_shapes):
        words.append(f"made {'grey' if shape[2] == 1 else MODES[shape[2]]}")
    return [f"{count:,} images: {', '.join(words)}"] if words else []


def fit_images(images: np.ndarray, shape: tuple[int, ...], options: ImageOptions) -> np.ndarray:
    """Apply `ImageOptions.prepare` to a uint8 array `(n, height, width, 1, 3 or 4)`, unless it has that shape already."""
    if images.shape[1:] == shape:
        return images
    return np.stack([options.prepare(as_pillow(image), shape) for image in images])


def complete_shape(image_shape: Sequence[int] | None, own_shape: Sequence[int]) -> tuple[int, ...]:
    """Return the height, width and channels to bring images of `own_shape` to.

    Args:
        image_shape: None, `(height, width)` or `(height, width, channels)`.
        own_shape: Height, width and channels.
    """
    if image_shape is None:
        return tuple(own_shape)
    given = tuple(image_shape) if isinstance(image_shape, list | tuple) else (image_shape,)
    shape = given if len(given) == 3 else (*given, own_shape[-1])
    if not (all(isinstance(number, int) and number >= 1 for number in shape) and infer(shape).pixels):
        raise ValueError(f"image_shape must be a height, a width and 1, 3 or 4 channels; received {image_shape!r}.")
    return shape
