"""Samples from a folder of images."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from PIL import Image

from keras_gans.audio.folders import SUFFIXES as SOUND_SUFFIXES
from keras_gans.data.data import Data
from keras_gans.data.decoded import DecodedSamples, decode_if_small, decode_pairs_if_small, open_picture
from keras_gans.data.file_names import SUFFIXES, Names, classes_by_folder, describe_others, find_pictures
from keras_gans.data.looks import describe_changes, describe_copies, look_at, mean_size, target_shape
from keras_gans.data.paths import check_folder
from keras_gans.data.registry import SOURCES, Loader, Request
from keras_gans.data.resize import ImageOptions
from keras_gans.data.skipped import Skipped
from keras_gans.errors import check_count
from keras_gans.media.pictures import as_pillow


@SOURCES.register("folder")
class PictureFolder(Loader):
    """The images below a folder, with a label for each first-level sub-folder if all images are in one.

    Images are turned upright (EXIF), brought to the target's proportions, and resized. Files without the suffix of an image are
    ignored and counted in a note. Images that fit in memory are decoded once, and unreadable ones are left out with a warning.
    A larger folder is decoded while it is used, and an unreadable image is replaced by the next one. With `strict`, all images
    are decoded once before that.

    With the option `scale`, for super-resolution, the condition `images` holds the images reduced so many times.
    """

    argument = "PATH"
    options = ("scale",)

    def check_path(self, path: Path) -> None:
        check_folder(path)

    def load(self, request: Request) -> Data:
        root, options, strict, skipped = Path(request.rest).expanduser(), request.image_options, request.strict, Skipped()
        scale = check_count("scale", request.options.get("scale", 1))
        names = find_pictures(root, skipped)
        looks = look_at(names, options, skipped)
        if not looks:
            _refuse_unreadable(root, names, skipped, strict)
        shape = target_shape(root, looks, request.image_shape)
        if shape[0] % scale or shape[1] % scale:
            raise ValueError(f"scale={scale} must divide the height and width of images, {shape[0]}x{shape[1]}.")
        pictures = Pictures(names, shape, dataclasses.replace(options, step=scale), skipped, strict)
        labels, class_names = classes_by_folder(root, names)
        size = mean_size(looks, shape, options)
        conditions: dict[str, Any] = {}
        if scale > 1:
            conditions["images"], samples, kept = decode_pairs_if_small(
                Reduced(pictures, scale), pictures, size / scale**2, size
            )
        else:
            samples, kept = decode_if_small(pictures, size)
        if len(samples) == 0:
            _refuse_unreadable(root, names, skipped, strict)
        skipped.warn(stacklevel=3)
        if labels is not None:
            conditions["labels"] = labels if kept is None else labels[kept]
        notes = describe_changes(looks, shape, options, len(samples)) + describe_copies(samples) + describe_others(names)
        notes += [f"inputs are {scale} times smaller (Pillow's antialiased bicubic filter)"] if scale > 1 else []
        return Data(request.name, samples, class_names=class_names, skipped=skipped, notes=notes, conditions=conditions)


class Reduced(DecodedSamples):
    """Images at a fraction of their size, from which super-resolution starts: reduced by Pillow's antialiased bicubic filter.

    Where images are cropped at random, they are reduced as a whole, and cropped at the same place.

    Args:
        pictures: The images. The places of their random crops are multiples of `scale`.
        scale: How many times smaller the results are. It divides the height and width of samples.
    """

    def __init__(self, pictures: Pictures, scale: int):
        n, height, width, channels = pictures.shape
        options = dataclasses.replace(pictures.options, step=1)
        super().__init__((n, height // scale, width // scale, channels), options, pictures.skipped, pictures.strict)
        self._pictures, self._scale = pictures, scale

    def decode(self, position: int) -> np.ndarray:
        image = self._pictures.decode(position)
        height, width = (side // self._scale for side in image.shape[:2])
        whole = as_pillow(image[: height * self._scale, : width * self._scale])
        return np.asarray(whole.resize((width, height), Image.Resampling.BICUBIC)).reshape(height, width, -1)

    def name(self, position: int) -> str:
        return self._pictures.name(position)


class Pictures(DecodedSamples):
    """Image files as samples.

    Args:
        names: The files.
        shape: Height, width and channels of a sample.
        options: How images are brought to that shape.
        skipped: List to which unreadable images are added.
        strict: Whether an unreadable image is an error.
    """

    options: ImageOptions

    def __init__(
        self,
        names: Names | Sequence[str],
        shape: tuple[int, ...],
        options: ImageOptions,
        skipped: Skipped,
        strict: bool = False,
    ):
        super().__init__((len(names), *shape), options, skipped, strict)
        self.names = names
        self._decoded_for = None if options.keeps_size else shape

    def decode(self, position: int) -> np.ndarray:
        return self.options.prepare(open_picture(self.names[position], self._decoded_for), self.shape[1:])

    def name(self, position: int) -> str:
        return self.names[position]


def _refuse_unreadable(root: Path, names: Names, skipped: Skipped, strict: bool) -> NoReturn:
    if strict:
        skipped.refuse()
    skipped.warn(stacklevel=4)
    why = f" ({skipped[0][1]})" if len({reason for _, reason in skipped}) == 1 else ""
    tried = f": none of {len(names):,} can be read{why}" if len(names) else ""
    suffixes = ", ".join(sorted(os.fsdecode(suffix) for suffix in SUFFIXES))
    sounds = f" Did you mean wav:{root}?" if set(names.others) & set(SOUND_SUFFIXES) else ""
    raise ValueError(f"{root} contains no readable image ({suffixes}){tried}.{sounds}")
