"""Masks for inpainting: what `load_data(..., mask=...)` adds to a data set of images.

Samples stay the whole images. The condition `masks` says what is to be filled in (white, 255), and the condition `images` holds
the images with mid grey in its place.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from keras_gans.conditions import IMAGES, MASKS
from keras_gans.data.data import Data
from keras_gans.data.decoded import decoding_threads, open_picture
from keras_gans.data.file_names import find_pictures
from keras_gans.data.made_inputs import check_images
from keras_gans.data.mask_shapes import SHAPES, Draw
from keras_gans.data.paths import check_folder
from keras_gans.data.random_numbers import generators
from keras_gans.data.resize import ImageOptions
from keras_gans.data.skipped import Skipped, UnreadableError
from keras_gans.data.source import Source
from keras_gans.errors import no_such

_FOLDER = "folder:"
_COLUMN = 2  # of the random numbers: the first two say where a sample is cut
_LOOKED_AT = 256  # masks from which the share of pixels is estimated


def check_mask(mask: str) -> None:
    """Check the option `mask` of `load_data` without reading any file.

    Raises:
        ValueError: If there are no such masks.
        FileNotFoundError: If the folder of masks does not exist.
    """
    if str(mask).startswith(_FOLDER):
        check_folder(_path(mask))
    elif mask not in SHAPES:
        raise ValueError(no_such("mask", str(mask), [*SHAPES, "folder:PATH"]))


def add_masks(data: Data, mask: str) -> None:
    """Add the conditions `images` and `masks` to images.

    Args:
        data: Images, read by position.
        mask: `strokes`, `boxes`, `mixed` (either), `centre`, or `folder:PATH` with masks to choose from.

    Raises:
        ValueError: If they are not images, or pairs already, or come in the order of a stream; if the folder holds no mask.
    """
    source = check_images(data, "mask", floats=True)
    height, width = data.shape[:2]
    draw = _draw_from(_path(mask), height, width) if mask.startswith(_FOLDER) else SHAPES[mask]
    masks = Masks(len(data), (height, width), draw)
    data.conditions |= {IMAGES: MaskedImages(source, masks), MASKS: masks}
    share = masks.read(np.arange(min(len(data), _LOOKED_AT)))[0].mean() / 255
    data.notes.append(f"masks ({mask}) cover {share:.0%} of the pixels on average")


class Masks(Source):
    """Masks that are drawn when they are read: uint8, 255 where the image is to be filled in, else 0.

    In training, a mask is a function of the random numbers of its sample, hence of (seed, epoch, step). Without random numbers,
    as in evaluation, it is a fixed function of the sample's position.

    Args:
        count: Number of samples.
        size: Height and width.
        draw: Maps a random generator, height and width to a bool array of that size.
    """

    dtype = np.dtype("uint8")
    random_numbers = _COLUMN + 1

    def __init__(self, count: int, size: tuple[int, int], draw: Draw):
        self.shape = (count, *size, 1)
        self._draw = draw
        # Evaluations read the same masks again and again. By position, as bits.
        self._fixed: dict[int, np.ndarray] = {}

    def read(self, positions: np.ndarray, numbers: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        if numbers is None:
            holes = [self._fixed_hole(int(position)) for position in positions]
        else:
            holes = [self._draw(rng, *self.shape[1:3]) for rng in generators(positions, numbers[:, _COLUMN])]
        masks = np.zeros((len(positions), *self.shape[1:]), "uint8")
        for mask, hole in zip(masks, holes, strict=True):
            mask[hole] = 255
        return masks, positions

    def _fixed_hole(self, position: int) -> np.ndarray:
        if position not in self._fixed:
            [rng] = generators(np.array([position]), None)
            self._fixed[position] = np.packbits(self._draw(rng, *self.shape[1:3]))
        return _unpacked(self._fixed[position], *self.shape[1:3])


class MaskedImages(Source):
    """Images with mid grey where masks are white.

    Args:
        images: The images, uint8 or floats in [-1, 1].
        masks: As many masks of their size.
    """

    def __init__(self, images: Source, masks: Masks):
        self.shape, self.dtype = tuple(images.shape), images.dtype
        self.random_numbers = max(images.random_numbers, masks.random_numbers)
        self._images, self._masks = images, masks

    def read(self, positions: np.ndarray, numbers: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        images, found = self._images.read(positions, numbers)
        masks, _ = self._masks.read(found, numbers)
        grey = np.array(128 if self.dtype == np.uint8 else 0, self.dtype)
        return np.where(masks > 0, grey, images), found


def _path(mask: str) -> Path:
    return Path(mask.removeprefix(_FOLDER)).expanduser()


def _draw_from(folder: Path, height: int, width: int) -> Draw:
    """Return a function that chooses one of the masks in a folder, brought to a size, at random.

    Raises:
        ValueError: If none can be used.
    """
    skipped = Skipped("mask")
    names = find_pictures(folder, skipped)
    files = [names[number] for number in range(len(names))]

    def read_or_skip(file: str) -> np.ndarray | None:
        try:
            return np.packbits(_read_mask(file, height, width))
        except UnreadableError as error:
            skipped.add(file, str(error))
            return None

    packed = [mask for mask in decoding_threads().map(read_or_skip, files) if mask is not None]
    skipped.warn(stacklevel=5)
    if not packed:
        raise ValueError(f"{folder} contains no mask: grey images, white where pictures are to be filled in.")

    def draw(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
        return _unpacked(packed[rng.integers(len(packed))], height, width)

    return draw


def _unpacked(bits: np.ndarray, height: int, width: int) -> np.ndarray:
    return np.unpackbits(bits, count=height * width).reshape(height, width).astype(bool)


def _read_mask(file: str, height: int, width: int) -> np.ndarray:
    """Return a mask file in a size: bool of shape `(height, width)`, True where it is white rather than black.

    Raises:
        UnreadableError: If it is not an image, or black everywhere.
    """
    picture = open_picture(file, None)
    grey = ImageOptions(background="black").prepare(picture, (picture.height, picture.width, 1))[..., 0]
    hole = np.asarray(Image.fromarray(grey).resize((width, height), Image.Resampling.NEAREST)) >= 128
    if not hole.any():
        raise UnreadableError("black everywhere: nothing is to be filled in")
    return hole
