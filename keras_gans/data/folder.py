"""Samples from a folder of images."""

import collections
import hashlib
import os
from pathlib import Path
from typing import NamedTuple, NoReturn

import numpy as np
from PIL import Image

from keras_gans.data.data import Data
from keras_gans.data.decoded import FORMATS, Croppable, DecodedSamples, decode_if_small, decoding_threads, open_picture, reason
from keras_gans.data.file_names import SUFFIXES, Names, find_pictures
from keras_gans.data.paths import check_folder
from keras_gans.data.registry import SOURCES, Loader, Request
from keras_gans.data.resize import ImageOptions, complete_shape, describe_fitting, is_deep, is_transparent
from keras_gans.data.skipped import Skipped

# Sizes and channels of at most this many images, evenly spread, determine the shape of the samples.
_LOOKED_AT = 10_000

# Sizes that the models of the zoo make.
_SIDES = (32, 64, 128, 256)

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
        looks = _looks(names, options, skipped)
        if not looks:
            _refuse_unreadable(root, names, skipped, strict)
        shape = _target_shape(root, looks, request.image_shape)
        pictures = Pictures(names, shape, options, skipped, strict)
        labels, class_names = _classes(root, names)
        samples, kept = decode_if_small(pictures, _mean_size(looks, shape, options))
        if len(samples) == 0:
            _refuse_unreadable(root, names, skipped, strict)
        skipped.warn(stacklevel=3)
        labels = labels if labels is None or kept is None else labels[kept]
        notes = _describe(looks, shape, options, len(samples)) + _copies(samples) + _others(names)
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

    def __init__(self, names: Names, shape: tuple[int, ...], options: ImageOptions, skipped: Skipped, strict: bool = False):
        super().__init__((len(names), *shape), options, skipped, strict)
        self.names = names

    def decode(self, position: int) -> np.ndarray:
        return self.options.prepare(open_picture(self.names[position], self.shape[1:]), self.shape[1:])

    def name(self, position: int) -> str:
        return self.names[position]


class _Look(NamedTuple):
    """What the header of an image file says."""

    height: int
    width: int
    channels: int
    transparent: bool
    deep: bool


def _looks(names: Names, options: ImageOptions, skipped: Skipped) -> list[_Look]:
    """Return what the headers of images say.

    If no header can be read, the files are added to `skipped`; otherwise, decoding them later does that.
    """

    def look(position: int) -> tuple[_Look | None, str]:
        try:
            return _look(names[position], options), ""
        except Exception as error:  # decoders raise whatever damaged bytes lead them to
            return None, reason(error)

    positions = np.arange(len(names))
    if len(names) > _LOOKED_AT:
        positions = np.linspace(0, len(names) - 1, _LOOKED_AT).astype(int)
    found = list(decoding_threads().map(look, positions.tolist()))
    looks = [size for size, _ in found if size is not None]
    if not looks:
        for position, (_, why) in zip(positions.tolist(), found, strict=True):
            skipped.add(names[position], why)
    return looks


def _look(file: str, options: ImageOptions) -> _Look:
    with Image.open(file, formats=FORMATS) as picture:
        width, height = picture.size
        # If a PNG has no EXIF before its pixels, Pillow would decode it to look for EXIF behind them.
        has_exif = picture.format != "PNG" or "exif" in picture.info
        swapped = has_exif and picture.getexif().get(0x0112, 1) >= 5  # EXIF orientations 5 to 8 lie on their side
        size = (width, height) if swapped else (height, width)
        return _Look(*size, options.channels(picture), is_transparent(picture), is_deep(picture))


def _describe(looks: list[_Look], shape: tuple[int, ...], options: ImageOptions, count: int) -> list[str]:
    """Return notes of what bringing images to a shape changes, a line each."""
    transparent, deep = (sum(getattr(look, name) for look in looks) for name in ("transparent", "deep"))
    own_shapes = {(*look[:2], 4 if look.transparent and shape[2] == 4 else look.channels) for look in looks}
    notes = describe_fitting(own_shapes, shape, count)

    def images_with(number: int) -> str:
        of = f" of {len(looks):,}" if len(looks) < count else ""
        return f"{number:,}{of} images have" if number > 1 or of else "1 image has"

    if transparent and shape[2] < 4:
        size = "x".join(map(str, shape[:2]))
        notes.append(
            f"{images_with(transparent)} transparency: laid over {options.background} (--image_size={size}x4 keeps it)"
        )
    if deep:
        notes.append(f"{images_with(deep)} more than 8 bits a channel: reduced to 8")
    return notes


def _target_shape(root: Path, looks: list[_Look], image_shape: tuple[int, ...] | None) -> tuple[int, ...]:
    own = collections.Counter(look[:2] for look in looks)
    channels = max(look.channels for look in looks)
    if image_shape is None and len(own) > 1:
        (height, width), count = own.most_common(1)[0]
        short = sorted(min(size) for size in own.elements())[len(looks) // 2]
        side = max((size for size in _SIDES if size <= short), default=_SIDES[0])
        raise ValueError(
            f"{root} contains images of {len(own)} sizes ({height}x{width} is the most common: {count} of {len(looks)}). "
            f"Choose the size to resize them to: image_shape=({side}, {side}) or --image_size={side} suits them."
        )
    return complete_shape(image_shape, (*looks[0][:2], channels))


def _mean_size(looks: list[_Look], shape: tuple[int, ...], options: ImageOptions) -> float:
    """Return the mean size of a prepared image, in bytes."""
    if not options.random_numbers:
        return float(np.prod(shape))
    height, width, channels = shape
    units = [min(look[0] / height, look[1] / width) for look in looks]
    areas = [look[0] / unit * look[1] / unit for look, unit in zip(looks, units, strict=True)]
    return float(np.mean(areas)) * channels


def _classes(root: Path, names: Names) -> tuple[np.ndarray | None, list[str] | None]:
    """Return a label for each image and the class names; None and None if an image is in no sub-folder."""
    firsts = [(Path(folder).relative_to(root).parts[:1], count) for folder, count in names.folders()]
    if not all(first for first, _ in firsts):
        return None, None
    class_names = sorted({first[0] for first, _ in firsts})
    number = {name: index for index, name in enumerate(class_names)}
    labels = [number[first[0]] for first, _ in firsts]
    return np.repeat(np.array(labels, "int32"), [count for _, count in firsts]), class_names


def _copies(samples: np.ndarray | Croppable | DecodedSamples) -> list[str]:
    """Return a note of how many images are copies of others, if samples are held in memory, and some are."""
    if not isinstance(samples, np.ndarray):
        return []
    digests = {hashlib.blake2b(image.tobytes(), digest_size=16).digest() for image in samples}
    copies = len(samples) - len(digests)
    return [f"{copies:,} of {len(samples):,} images are copies of others"] if copies else []


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
