"""Writing pictures: formats, and what each of them cannot hold."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from keras_gans._typing import Array
from keras_gans.applying.picture_files import Picture
from keras_gans.declaration import Declaration
from keras_gans.errors import no_such
from keras_gans.files import replacing

# Pillow's names by suffix.
_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF"}
# Suffix by the name that users give.
SUFFIXES = {"png": ".png", "jpg": ".jpg", "webp": ".webp", "tiff": ".tiff"}
_LONGEST_SIDES = {"JPEG": 65_500, "WEBP": 16_383}
# From this quality on, JPEG keeps the resolution of colours.
_FULL_COLOUR = 90

_EXIF_IFD, _WIDTH, _HEIGHT = 0x8769, 0xA002, 0xA003


def output_suffix(wanted: str | None, source: Path) -> str:
    """Return the suffix of an output: the wanted one, or the source's if pictures can be written so, else `.png`.

    Args:
        wanted: A name such as `png` or a suffix such as `.jpeg`; None for the source's.
        source: The file that is read.

    Raises:
        ValueError: If the wanted one is unknown.
    """
    if wanted is None:
        return source.suffix if source.suffix.lower() in _FORMATS else ".png"
    if wanted in SUFFIXES:
        return SUFFIXES[wanted]
    if wanted.lower() in _FORMATS:
        return wanted
    raise ValueError(no_such("output format", wanted.removeprefix("."), list(SUFFIXES)))


def fit_format(picture: Picture, path: Path) -> tuple[Picture, Path]:
    """Return a picture as a file of some suffix can hold it, with notes of what changed, and the path to write it to.

    A picture with transparency is written as PNG instead of JPEG. Values of 16 bits are rounded to 8 where the format does not
    have them.

    Raises:
        ValueError: If a side is too long for the format.
    """
    notes = list(picture.notes)
    if picture.alpha is not None and _FORMATS[path.suffix.lower()] == "JPEG":
        path = path.with_suffix(".png")
        notes.append("written as PNG, because JPEG has no transparency")
    name = _FORMATS[path.suffix.lower()]
    longest, side = _LONGEST_SIDES.get(name), max(picture.size)
    if longest is not None and side > longest:
        raise ValueError(f"{side:,} pixels are too long for {name}, which ends at {longest:,}: choose png")
    deep_grey = picture.alpha is None and picture.colours.shape[-1] == 1
    if picture.colours.dtype == np.uint16 and not (deep_grey and name in ("PNG", "TIFF")):
        reduced = None if picture.alpha is None else to_eight_bits(picture.alpha)
        picture = dataclasses.replace(picture, colours=to_eight_bits(picture.colours), alpha=reduced)
        notes.append("reduced to 8 bits a channel")
    return dataclasses.replace(picture, notes=tuple(notes)), path


def to_eight_bits(values: Array) -> Array:
    """Return uint16 values as uint8, rounded."""
    return ((values.astype("uint32") + 128) // 257).astype("uint8")


def as_pillow(picture: Picture) -> Image.Image:
    """Return a Pillow image of a picture."""
    colours = picture.colours
    if picture.alpha is not None:
        colours = np.concatenate([colours, picture.alpha[..., None]], axis=-1)
    return Image.fromarray(colours[..., 0] if colours.shape[-1] == 1 else colours)


def write_picture(
    path: Path, picture: Picture, quality: int = 95, metadata: bool = False, declaration: Declaration | None = None
) -> None:
    """Write a picture, as `fit_format` returns it, replacing a file whole.

    Args:
        path: The file; its suffix determines the format.
        picture: The picture. Its colour profile is written, too.
        quality: Quality of JPEG and WebP files, 1 to 100.
        metadata: Whether to write EXIF data and the resolution.
        declaration: What it declares of its origin, in formats that can hold it.

    Raises:
        OSError: If it cannot be written.
    """
    name = _FORMATS[path.suffix.lower()]
    options: dict[str, Any] = {"icc_profile": picture.icc_profile} if picture.icc_profile else {}
    if metadata:
        options |= {"exif": _resized_exif(picture)} if picture.exif else {}
        options |= {"dpi": picture.dpi} if picture.dpi else {}
    if name == "JPEG":
        options |= {"quality": quality, "subsampling": 0 if quality >= _FULL_COLOUR else 2}
    elif name == "WEBP":
        options |= {"quality": quality, "alpha_quality": 100}
    elif name == "TIFF" and "exif" not in options:  # libtiff, which compresses, cannot write it
        options |= {"compression": "tiff_adobe_deflate"}
    with replacing(path) as temporary:
        as_pillow(picture).save(temporary, name, **options)
        if declaration is not None:
            temporary.write_bytes(declaration.into(temporary.read_bytes()))


def _resized_exif(picture: Picture) -> bytes:
    """Return a picture's EXIF data with its present size."""
    exif = Image.Exif()
    exif.load(picture.exif or b"")
    detail = exif.get_ifd(_EXIF_IFD)
    for tag, side in ((_WIDTH, picture.size[1]), (_HEIGHT, picture.size[0])):
        if tag in detail:
            detail[tag] = side
    return exif.tobytes()
