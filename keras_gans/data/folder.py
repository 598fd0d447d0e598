"""Samples from a folder of images."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import numpy as np

from keras_gans.data.data import Data
from keras_gans.data.decoded import DecodedSamples, decode_if_small, open_picture
from keras_gans.data.file_names import SUFFIXES, Names, find_pictures
from keras_gans.data.looks import describe_changes, describe_copies, look_at, mean_size, target_shape
from keras_gans.data.paths import check_folder
from keras_gans.data.registry import SOURCES, Loader, Request
from keras_gans.data.resize import ImageOptions
from keras_gans.data.skipped import Skipped

_NAMED_SUFFIXES = 5  # of ignored files, in a note


@SOURCES.register("folder")
class PictureFolder(Loader):
    """The images below a folder, with a label for each first-level sub-folder if all images are in one.

    Images are turned upright (EXIF), brought to the target's proportions, and resized. Files without the suffix of an image are
    ignored and counted in a note. Images that fit in memory are decoded once, and unreadable ones are left out with a warning.
    A larger folder is decoded while it is used, and an unreadable image is replaced by the next one. With `strict`, all images
    are decoded once before that.
    """

    argument = "PATH"

    def check_path(self, path: Path) -> None:
        check_folder(path)

    def load(self, request: Request) -> Data:
        root, options, strict, skipped = Path(request.rest).expanduser(), request.image_options, request.strict, Skipped()
        names = find_pictures(root, skipped)
        looks = look_at(names, options, skipped)
        if not looks:
            _refuse_unreadable(root, names, skipped, strict)
        shape = target_shape(root, looks, request.image_shape)
        pictures = Pictures(names, shape, options, skipped, strict)
        labels, class_names = _classes(root, names)
        samples, kept = decode_if_small(pictures, mean_size(looks, shape, options))
        if len(samples) == 0:
            _refuse_unreadable(root, names, skipped, strict)
        skipped.warn(stacklevel=3)
        labels = labels if labels is None or kept is None else labels[kept]
        notes = describe_changes(looks, shape, options, len(samples)) + describe_copies(samples) + _others(names)
        return Data(request.name, samples, labels, class_names, skipped=skipped, notes=notes)


class Pictures(DecodedSamples):
    """Image files as samples.

    Args:
        names: The files.
        shape: Height, width and channels of a sample.
        options: How images are brought to that shape.
        skipped: List to which unreadable images are added.
        strict: Whether an unreadable image is an error.
    """

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

    def decode(self, position: int) -> np.ndarray:
        return self.options.prepare(open_picture(self.names[position], self.shape[1:]), self.shape[1:])

    def name(self, position: int) -> str:
        return self.names[position]


def _classes(root: Path, names: Names) -> tuple[np.ndarray | None, list[str] | None]:
    """Return a label for each image and the class names; None and None if an image is in no sub-folder."""
    firsts = [(Path(folder).relative_to(root).parts[:1], count) for folder, count in names.folders()]
    if not all(first for first, _ in firsts):
        return None, None
    class_names = sorted({first[0] for first, _ in firsts})
    number = {name: index for index, name in enumerate(class_names)}
    labels = [number[first[0]] for first, _ in firsts]
    return np.repeat(np.array(labels, "int32"), [count for _, count in firsts]), class_names


def _others(names: Names) -> list[str]:
    """Return a note of the files that were ignored, if there are any."""
    if not names.others:
        return []
    kinds = [f"{count:,} {suffix}" for suffix, count in names.others.most_common(_NAMED_SUFFIXES)]
    more = ", ..." if len(names.others) > _NAMED_SUFFIXES else ""
    return [f"{names.others.total():,} other files were ignored: {', '.join(kinds)}{more}"]


def _refuse_unreadable(root: Path, names: Names, skipped: Skipped, strict: bool) -> NoReturn:
    if strict:
        skipped.refuse()
    skipped.warn(stacklevel=4)
    tried = f": none of {len(names):,} can be read" if len(names) else ""
    suffixes = ", ".join(sorted(os.fsdecode(suffix) for suffix in SUFFIXES))
    raise ValueError(f"{root} contains no readable image ({suffixes}){tried}.")
