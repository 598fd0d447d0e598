"""Inputs that are made from images: what `load_data(..., make_pairs=...)` and `degrade=...` add to a data set of images.

Samples stay the whole images. The condition `images` holds what a model is to make them from.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from keras_gans.conditions import IMAGES
from keras_gans.data.data import Data
from keras_gans.data.degradation import Degradation
from keras_gans.data.random_numbers import generators
from keras_gans.data.source import Source
from keras_gans.errors import check_count, no_such
from keras_gans.media.pictures import as_pillow

# From an image, uint8 `(height, width, channels)`, and a source of random numbers to an input.
Make = Callable[[np.ndarray, np.random.Generator], np.ndarray]

_COLUMN = 2  # of the random numbers: the first two say where a sample is cut
# R, G and B in luma, as Pillow converts to grey.
_LUMA = np.array([0.299, 0.587, 0.114])
# Standard deviation of noise, in levels; share of pixels that are edges; and qualities of JPEG.
_NOISE, _EDGES, _QUALITIES = 25.0, 0.1, (10, 40)
BICUBIC, REAL = "bicubic", "real"


def grey(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the luma of an image: one channel."""
    luma = image[..., :3] @ _LUMA if image.shape[-1] > 1 else image[..., 0]
    return np.rint(luma).astype("uint8")[..., None]


def edges(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return white lines on black, one channel: the tenth of the pixels where luma changes most (Sobel's operator)."""
    luma = np.pad(grey(image, rng)[..., 0].astype("float32"), 1, mode="edge")
    smooth = luma[:-2] + 2 * luma[1:-1] + luma[2:], luma[:, :-2] + 2 * luma[:, 1:-1] + luma[:, 2:]
    steepness = np.hypot(smooth[0][:, 2:] - smooth[0][:, :-2], smooth[1][2:] - smooth[1][:-2])
    lines = (steepness > np.quantile(steepness, 1 - _EDGES)) & (steepness > 0)
    return (255 * lines).astype("uint8")[..., None]


def noise(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return an image with Gaussian noise of a standard deviation of 25 levels."""
    return np.clip(np.rint(image + rng.normal(0.0, _NOISE, image.shape)), 0, 255).astype("uint8")


def jpeg(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return an image after JPEG compression with a random quality from 10 to 40."""
    file = io.BytesIO()
    as_pillow(image).save(file, "JPEG", quality=int(rng.integers(_QUALITIES[0], _QUALITIES[1] + 1)))
    with Image.open(file) as picture:
        return np.asarray(picture).reshape(image.shape)


KINDS: dict[str, Make] = {"grey": grey, "edges": edges, "noise": noise, "jpeg": jpeg}


def check_make_pairs(kind: str) -> None:
    """Check the option `make_pairs` of `load_data`.

    Raises:
        ValueError: If there is no such kind.
    """
    if kind not in KINDS:
        raise ValueError(no_such("kind of made pairs", str(kind), list(KINDS)))


def read_degradation(degrade: str) -> Degradation:
    """Return what the option `degrade` of `load_data` names: `real`, or a TOML file.

    Raises:
        ValueError: If it is neither.
        FileNotFoundError: If the file does not exist.
    """
    if degrade == REAL:
        return Degradation()
    if not str(degrade).endswith(".toml"):
        raise ValueError(no_such("degradation", str(degrade), [BICUBIC, REAL, "FILE.toml"]))
    return Degradation.read(Path(degrade).expanduser())


def add_pairs(data: Data, kind: str) -> None:
    """Add the condition `images`, made from each sample.

    Raises:
        ValueError: If the data are not images that are read by position, or are pairs already, or if there is no such kind.
    """
    check_make_pairs(kind)
    source = check_images(data, "make_pairs")
    shape = data.shape if kind in ("noise", "jpeg") else (*data.shape[:2], 1)
    data.conditions[IMAGES] = MadeInputs(source, shape, KINDS[kind])
    data.notes.append(f"inputs are made of the images: {kind}")


def add_degraded(data: Data, degrade: str, scale: int = 1) -> None:
    """Add the condition `images`: each sample after a degradation, at a fraction of its size.

    Raises:
        ValueError: If the data are not images that are read by position, or are pairs already; if the scale does not
            divide the size, or there is no such degradation.
    """
    degradation, scale = read_degradation(degrade), check_count("scale", scale)
    source = check_images(data, "degrade")
    height, width, channels = data.shape
    if height % scale or width % scale:
        raise ValueError(f"scale={scale} must divide the height and width of images, {height}x{width}.")
    if channels == 4:
        raise ValueError("degrade works on grey and colour images, not on images with transparency.")
    shape = (height // scale, width // scale, channels)
    data.conditions[IMAGES] = MadeInputs(source, shape, functools.partial(_degraded, degradation, scale))
    data.notes.append(f"inputs are {scale} times smaller, after a degradation ({degrade})")


def check_images(data: Data, option: str, *, floats: bool = False) -> Source:
    """Return the images that an option of `load_data` makes inputs of.

    Args:
        data: The data set.
        option: Name of the option, for messages.
        floats: Whether images in floating point will do.

    Raises:
        ValueError: If the data are not images (of 8 bits) that are read by position, or are pairs already.
    """
    source = data.source
    if not data.medium.pixels:
        raise ValueError(f"{option} makes inputs of images, and {data.name} holds {data.medium.name}.")
    if source.dtype != np.uint8 and not floats:
        raise ValueError(f"{option} makes inputs of images of 8 bits, and those of {data.name} are {source.dtype}.")
    if IMAGES in data.conditions:
        raise ValueError(f"{data.name} holds pairs already: leave {option} or its other option out.")
    if source.streamed or source.labelled or source.training_only:
        raise ValueError(f"{option} needs images that are read by position, and {data.name} is a stream: use folder:PATH.")
    return source


def _degraded(degradation: Degradation, scale: int, image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return degradation.degrade(image, scale, rng)


class MadeInputs(Source):
    """What is made of images when they are read.

    In training, an input is a function of its image and the random numbers of its sample, hence of (seed, epoch, step). Without
    random numbers, as in evaluation, it is a fixed function of the image and its position.

    Args:
        images: The images, uint8.
        shape: Shape of an input.
        make: Makes an input from an image.
    """

    dtype = np.dtype("uint8")

    def __init__(self, images: Source, shape: tuple[int, ...], make: Make):
        self.shape = (len(images), *shape)
        self.random_numbers = max(images.random_numbers, _COLUMN + 1)
        self._images, self._make = images, make

    def read(self, positions: np.ndarray, numbers: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        images, found = self._images.read(positions, numbers)
        random = generators(found, None if numbers is None else numbers[:, _COLUMN])
        return np.stack([self._make(*each) for each in zip(images, random, strict=True)]), found
