"""What the headers of image files say, and what follows for samples made of them."""

from __future__ import annotations

import collections
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from keras_gans.data.decoded import FORMATS, Croppable, DecodedSamples, decoding_threads, reason
from keras_gans.data.file_names import Names
from keras_gans.data.resize import ImageOptions, complete_shape, describe_fitting, is_deep, is_transparent
from keras_gans.data.skipped import Skipped

# Sizes and channels of at most this many images, evenly spread, determine the shape of the samples.
_LOOKED_AT = 10_000

# Sizes that the models of the zoo make.
_SIDES = (32, 64, 128, 256)


class Look(NamedTuple):
    """What the header of an image file says."""

    height: int
    width: int
    channels: int
    transparent: bool
    deep: bool


def look_at(names: Names | Sequence[str], options: ImageOptions, skipped: Skipped) -> list[Look]:
    """Return what the headers of images say, in parallel; of 10,000 of them if there are more.

    If no header can be read, the files are added to `skipped`; otherwise, decoding them later does that.
    """

    def look_or_say_why(position: int) -> tuple[Look | None, str]:
        try:
            return look(names[position], options), ""
        except Exception as error:  # decoders raise whatever damaged bytes lead them to
            return None, reason(error)

    positions = np.arange(len(names))
    if len(names) > _LOOKED_AT:
        positions = np.linspace(0, len(names) - 1, _LOOKED_AT).astype(int)
    found = list(decoding_threads().map(look_or_say_why, positions.tolist()))
    looks = [size for size, _ in found if size is not None]
    if not looks:
        for position, (_, why) in zip(positions.tolist(), found, strict=True):
            skipped.add(names[position], why)
    return looks


def look(file: str, options: ImageOptions) -> Look:
    """Return what the header of an image says. Any error means that it is none."""
    with Image.open(file, formats=FORMATS) as picture:
        width, height = picture.size
        # If a PNG has no EXIF before its pixels, Pillow would decode it to look for EXIF behind them.
        has_exif = picture.format != "PNG" or "exif" in picture.info
        swapped = has_exif and picture.getexif().get(0x0112, 1) >= 5  # EXIF orientations 5 to 8 lie on their side
        size = (width, height) if swapped else (height, width)
        return Look(*size, options.channels(picture), is_transparent(picture), is_deep(picture))


def describe_changes(looks: list[Look], shape: tuple[int, ...], options: ImageOptions, count: int) -> list[str]:
    """Return notes of what bringing images to a shape changes, a line each."""
    transparent, deep = (sum(getattr(look, name) for look in looks) for name in ("transparent", "deep"))
    # Patches are cut out, not resized.
    own_sizes = {shape[:2] if options.keeps_size else look[:2] for look in looks}
    own_channels = {4 if look.transparent and shape[2] == 4 else look.channels for look in looks}
    own_shapes = {(*size, channels) for size in own_sizes for channels in own_channels}
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


def target_shape(root: Path, looks: list[Look], image_shape: tuple[int, ...] | None) -> tuple[int, ...]:
    """Return height, width and channels of the samples to make of images.

    Args:
        root: Their folder, for messages.
        looks: What their headers say.
        image_shape: What was asked for, or None for the images' own size.

    Raises:
        ValueError: If nothing was asked for and sizes differ.
    """
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


def mean_size(looks: list[Look], shape: tuple[int, ...], options: ImageOptions) -> float:
    """Return the mean size of a prepared image, in bytes."""
    if not options.random_numbers:
        return float(np.prod(shape))
    height, width, channels = shape
    if options.keeps_size:
        return float(np.mean([look.height * look.width for look in looks])) * channels
    units = [min(look[0] / height, look[1] / width) for look in looks]
    areas = [look[0] / unit * look[1] / unit for look, unit in zip(looks, units, strict=True)]
    return float(np.mean(areas)) * channels


def describe_copies(samples: np.ndarray | Croppable | DecodedSamples) -> list[str]:
    """Return a note of how many images are copies of others, if samples are held in memory, and some are."""
    if not isinstance(samples, np.ndarray):
        return []
    digests = {hashlib.blake2b(image.tobytes(), digest_size=16).digest() for image in samples}
    copies = len(samples) - len(digests)
    return [f"{copies:,} of {len(samples):,} images are copies of others"] if copies else []
