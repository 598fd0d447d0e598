"""How far a file is from what a model makes: not at all, by encoding, or in a part of it."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
from PIL import Image

from keras_gans.audio.files import read
from keras_gans.audio.sample_values import to_int16
from keras_gans.media.pictures import save_picture

# Backends may round a value to either side.
_ROUNDING = 1
# Encoding with losses changes all of a picture a little. In a part that was changed, differences are so many times those of
# most parts, and so large (root mean squares of blocks, of 255 levels).
_BLOCK, _TIMES, _LEVELS = 8, 6.0, 25.0
# Of a file without losses, if most values differ, it was encoded with losses on its way.
_MOST = 0.25
# Encoding leaves more than so many dB.
_LEAST = 18.0
_LOSSLESS = (".png", ".wav")


@dataclasses.dataclass(frozen=True)
class Difference:
    """How a file differs from what a model makes.

    Attributes:
        psnr: Peak signal-to-noise ratio in dB; infinite if nothing differs.
        changed: Whether a part was changed, or all of it by more than encoding does.
        where: The part: pixels `(left, top, right, bottom)`, or seconds `(start, end)`; None for all of it.
    """

    psnr: float = math.inf
    changed: bool = False
    where: tuple[float, ...] | None = None


def compare_pictures(path: Path, again: Path) -> Difference:
    """Compare a picture with the PNG file of what it should show.

    Raises:
        OSError: If it cannot be read.
    """
    if _size(path) != _size(again):
        return Difference(0.0, True)
    found, made = _pixels(path), _pixels(again)
    if _near(found, made, _ROUNDING) or _near(found, _encoded(again, path.suffix), _ROUNDING):
        return Difference()
    errors = np.abs(found - made).max(axis=-1)
    psnr = _psnr(found - made, 255.0)
    if path.suffix.lower() in _LOSSLESS and (errors > _ROUNDING).mean() <= _MOST:
        rows, columns = np.nonzero(errors > _ROUNDING)
        return Difference(psnr, True, (*_range(columns)[:1], *_range(rows)[:1], *_range(columns)[1:], *_range(rows)[1:]))
    rows, columns = _outliers(errors)
    if psnr < _LEAST:
        return Difference(psnr, True)
    if not len(rows):
        return Difference(psnr)
    (left, right), (top, bottom) = _range(columns), _range(rows)
    height, width = errors.shape
    box = (left * _BLOCK, top * _BLOCK, min(width, right * _BLOCK), min(height, bottom * _BLOCK))
    return Difference(psnr, True, None if box == (0, 0, width, height) else box)


def compare_sounds(path: Path, again: Path) -> Difference:
    """Compare a WAV file with that of what it should be.

    Raises:
        ValueError: If it cannot be read.
    """
    (found, rate), (made, made_rate) = read(path), read(again)
    if rate != made_rate or len(found) != len(made):
        return Difference(0.0, True)
    errors = np.abs(to_int16(found[:, 0]).astype(float) - to_int16(made[:, 0]))
    if errors.max(initial=0) <= _ROUNDING:
        return Difference()
    psnr = _psnr(errors, 32767.0)
    if (errors > _ROUNDING).mean() > _MOST:
        return Difference(psnr, psnr < _LEAST)
    start, end = _range(np.nonzero(errors > _ROUNDING)[0])
    return Difference(psnr, True, (start / rate, end / rate))


def _size(path: Path) -> tuple[int, int]:
    try:
        with Image.open(path) as opened:
            return opened.size
    except Image.DecompressionBombError:
        return (-1, -1)  # larger than any sample


def _pixels(path: Path) -> np.ndarray:
    with Image.open(path) as opened:
        return np.asarray(opened.convert("RGBA"), float)


def _encoded(again: Path, suffix: str) -> np.ndarray:
    """Return the pixels of a PNG file in another format, as the library writes it."""
    with Image.open(again) as opened:
        pixels = np.asarray(opened)
    other = again.with_name(f"encoded{suffix}")
    save_picture(other, pixels if pixels.ndim == 3 else pixels[..., None])
    return _pixels(other)


def _near(found: np.ndarray, made: np.ndarray, most: float) -> bool:
    return found.shape == made.shape and bool((np.abs(found - made) <= most).all())


def _psnr(errors: np.ndarray, peak: float) -> float:
    return 10 * math.log10(peak**2 / float(np.square(errors).mean()))


def _outliers(errors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns of the blocks that differ much more than most."""
    height, width = (-(-side // _BLOCK) * _BLOCK for side in errors.shape)
    padded = np.pad(errors, [(0, height - errors.shape[0]), (0, width - errors.shape[1])])
    blocks = padded.reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK)
    size = np.sqrt(np.square(blocks).mean(axis=(1, 3)))
    return np.nonzero(size > max(_LEVELS, _TIMES * float(np.median(size))))  # type: ignore[return-value]


def _range(values: np.ndarray) -> tuple[int, int]:
    """Return the smallest value, and one more than the largest."""
    return int(values.min()), int(values.max()) + 1
