"""Picture files as users have them: every mode, orientation, colour profile and depth."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import threading
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageCms, ImageFile, ImageOps

from keras_gans._typing import Array
from keras_gans.data.decoded import FORMATS, reason
from keras_gans.data.resize import is_deep, is_transparent
from keras_gans.data.skipped import UnreadableError

# Pictures with more pixels are refused unless a limit is given.
MAX_PIXELS = 150_000_000

_ANIMATED = ("GIF", "WEBP", "TIFF", "PNG")
# Pillow refuses large pictures by a limit of its own, which is global.
_limit = threading.Lock()


@dataclasses.dataclass(frozen=True)
class Picture:
    """A picture, upright.

    Attributes:
        colours: Array `(height, width, 1 or 3)`, grey or RGB; uint8, or uint16 for deep grey pictures.
        alpha: Opacity, `(height, width)` of the same dtype; None for opaque pictures.
        icc_profile: Colour profile, as it was in the file.
        exif: Metadata in EXIF's format, without the orientation.
        dpi: Resolution in pixels per inch, horizontal and vertical.
        file_format: Pillow's name of the file's format.
        notes: What was changed on reading, such as "first of 12 frames".
    """

    colours: Array
    alpha: Array | None = None
    icc_profile: bytes | None = None
    exif: bytes | None = None
    dpi: tuple[float, float] | None = None
    file_format: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.colours.shape[0], self.colours.shape[1]

    @property
    def largest(self) -> int:
        """Value of white: 255, or 65535 for deep pictures."""
        return int(np.iinfo(self.colours.dtype).max)


def read_picture(path: str | Path, max_pixels: int = MAX_PIXELS) -> Picture:
    """Read a picture file, whatever its format, and turn it upright.

    Pictures in CMYK or LAB become sRGB, by their profile. The first frame of an animation is read. Colours with 16 bits a
    channel are reduced to 8, because Pillow does not read them otherwise; grey with 16 bits is kept.

    Args:
        path: The file.
        max_pixels: Most pixels. A small file can hold an enormous picture.

    Raises:
        UnreadableError: If it cannot be read, or is too large; the message says why.
    """
    try:
        with _open(path) as opened:
            pixels = opened.width * opened.height
            if pixels > max_pixels:
                raise UnreadableError(
                    f"{opened.width}x{opened.height} are {pixels / 1e6:,.3g} million pixels, more than the limit of "
                    f"{max_pixels / 1e6:,g} million (max_pixels)"
                )
            frames = getattr(opened, "n_frames", 1) if opened.format in _ANIMATED else 1
            deep, grey = is_deep(opened), _is_grey(opened)
            if opened.format != "TIFF":
                opened.load()  # Pillow would ignore damage that it finds while it looks for EXIF data
            exif = _exif(opened)  # which Pillow reads from a TIFF file only while that is open
            opened.load()
            picture = _decoded(_upright(opened))
            if grey:
                picture = dataclasses.replace(picture, colours=np.ascontiguousarray(picture.colours[..., :1]))
            notes = [f"first of {frames} frames"] if frames > 1 else []
            if deep and picture.colours.dtype == np.uint8:
                notes.append("reduced to 8 bits a channel")
            notes += picture.notes
            return dataclasses.replace(picture, exif=exif, file_format=opened.format, notes=tuple(notes))
    except UnreadableError:
        raise
    except Exception as error:  # decoders raise whatever damaged bytes lead them to
        raise UnreadableError(reason(error)) from error


def _open(path: str | Path) -> ImageFile.ImageFile:
    with _limit:
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            return Image.open(path, formats=FORMATS)
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _is_grey(opened: ImageFile.ImageFile) -> bool:
    """Whether a file holds grey that Pillow returns as colours: grey and opacity with 16 bits each."""
    return any(part.args == "LA;16B" for part in opened.tile)


def _upright(image: Image.Image) -> Image.Image:
    """Return an image turned by its EXIF orientation; as it is if that is damaged."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # whatever damaged bytes lead Pillow to
        return image


def _decoded(image: Image.Image) -> Picture:
    """Return an upright Pillow image as a picture."""
    info, notes = image.info, []
    profile = info.get("icc_profile") or None
    if image.mode in ("CMYK", "LAB"):
        image, note = _to_srgb(image, profile)
        profile, notes = None, [note] if note else []
    if image.mode[0] in "IF":
        colours, alpha, note = _deep(image)
        notes += [note] if note else []
    else:
        array = np.asarray(image.convert(_mode(image)))
        array = array[..., None] if array.ndim == 2 else array
        colours, alpha = (array, None) if array.shape[-1] in (1, 3) else (array[..., :-1], array[..., -1])
    dpi = info.get("dpi")
    return Picture(
        np.ascontiguousarray(colours),
        None if alpha is None else np.ascontiguousarray(alpha),
        profile,
        dpi=(float(dpi[0]), float(dpi[1])) if dpi and min(dpi) > 0 else None,
        notes=tuple(notes),
    )


def _mode(image: Image.Image) -> str:
    """Return which of L, LA, RGB and RGBA holds an image."""
    if image.mode in ("P", "PA"):
        palette = np.asarray(image.getpalette("RGB") or [0, 0, 0]).reshape(-1, 3)
        used = palette[[index for _, index in image.getcolors(256) or () if isinstance(index, int) and index < len(palette)]]
        grey = image.mode == "P" and len(used) > 0 and (used == used[:, :1]).all()
    else:
        grey = image.mode in ("1", "L", "LA", "La")
    return ("L" if grey else "RGB") + ("A" if is_transparent(image) else "")


def _to_srgb(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, str | None]:
    """Return an image in RGB by its profile; without one, about, and a note that says so."""
    try:
        given: Any
        if image.mode == "LAB":
            given = ImageCms.createProfile("LAB")
        elif profile is None:
            return image.convert("RGB"), "CMYK without a colour profile: colours are approximate"
        else:
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        made = ImageCms.profileToProfile(image, given, ImageCms.createProfile("sRGB"), outputMode="RGB")
        return made or image, None
    except ImageCms.PyCMSError:
        return image.convert("RGB"), "a colour profile that cannot be used: colours are approximate"


def _deep(image: Image.Image) -> tuple[Array, Array | None, str | None]:
    """Return grey with more than 8 bits as uint16, its opacity, and a note if its range had to be guessed.

    Raises:
        UnreadableError: If values do not fit.
    """
    values, note = np.asarray(image), None
    lowest, highest = values.min(), values.max()
    if image.mode == "F":
        if not (lowest >= 0 and highest <= 255):
            raise UnreadableError(f"its values, {lowest:g} to {highest:g}, lie in neither [0, 1] nor [0, 255]")
        white = 1 if highest <= 1 else 255
        values, note = np.rint(values * (65535 / white)), f"numbers in [0, {white}] became 16 bits"
    elif not (lowest >= 0 and highest <= 65535):
        raise UnreadableError(f"its values, {lowest} to {highest}, do not fit 16 bits")
    transparent = image.info.get("transparency")
    alpha = np.where(values == transparent, 0, 65535).astype("uint16") if isinstance(transparent, int) else None
    return values.astype("uint16")[..., None], alpha, note


# Tags that say how a TIFF file is laid out, the picture's size and orientation among them.
_LAYOUT = {*range(254, 260), 262, 266, *range(273, 281), 284, 297, 317, *range(320, 326), 330, 338, 339, 347, 34675, 37724}


def _exif(opened: ImageFile.ImageFile) -> bytes | None:
    """Return an image's EXIF data without tags about its layout; None if there are none. Damaged ones are left out."""
    with contextlib.suppress(Exception):  # whatever damaged bytes lead Pillow to
        exif = Image.Exif()
        exif.load(opened.getexif().tobytes())
        for tag in [tag for tag in exif if tag in _LAYOUT]:
            del exif[tag]
        return exif.tobytes() if len(exif) else None
    return None
