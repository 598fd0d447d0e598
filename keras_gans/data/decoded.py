"""Samples decoded from files: while they are used, or once into memory."""

from __future__ import annotations

import concurrent.futures
import functools
import os
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Protocol

import numpy as np
from PIL import Image, ImageOps

from keras_gans.data import memory_limit
from keras_gans.data.resize import ImageOptions
from keras_gans.data.skipped import Skipped, UnreadableError
from keras_gans.data.source import Source

# Accepted formats, whatever a file's suffix. Pillow knows more, such as EPS, which it would let Ghostscript execute.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")

# A JPEG is decoded at a half, a quarter or an eighth of its size where that leaves this many times the target's side, from
# which no difference is seen (Pillow's documentation of `reducing_gap`).
_GAP = 3

# So many unreadable samples in a row have another cause, such as a disk that is gone.
_GIVE_UP = 1000

_CHUNK = 64  # samples decoded together on the way to memory


@functools.cache
def decoding_threads() -> concurrent.futures.ThreadPoolExecutor:
    """Return the threads in which samples are decoded before training: one per core."""
    return concurrent.futures.ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="decode")


def open_picture(file: str | os.PathLike | BinaryIO, shape: tuple[int, ...] | None) -> Image.Image:
    """Decode an image and turns it upright.

    Args:
        file: Path, or a file opened for reading bytes.
        shape: Height and width that it will be resized to. A JPEG is decoded at a fraction of its size if that is enough. None
            decodes it at its full size.

    Raises:
        UnreadableError: If the file is not a complete image.
    """
    try:
        with Image.open(file, formats=FORMATS) as picture:
            if shape is not None:
                side = _GAP * max(shape[:2])
                picture.draft(None, (side, side))
            picture.load()
            return ImageOps.exif_transpose(picture)
    except Exception as error:  # decoders raise whatever damaged bytes lead them to
        raise UnreadableError(reason(error)) from error


def reason(error: Exception) -> str:
    """Return a short reason why a file could not be read."""
    if isinstance(error, Image.UnidentifiedImageError):
        return "not a PNG, JPEG, GIF, WebP, BMP or TIFF file"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return (str(error) or type(error).__name__).splitlines()[0][:160]


class Cropping(Protocol):
    """How what was decoded is cropped to samples of one shape: `ImageOptions`, or what another kind of sample needs."""

    @property
    def random_numbers(self) -> int:
        """How many random numbers `cut` takes for each sample."""

    def cut(self, sample: np.ndarray, shape: tuple[int, ...], numbers: Sequence[float] | np.ndarray) -> np.ndarray:
        """Return a part of that shape; the numbers, in [0, 1), say which."""


class DecodedSamples(Source):
    """Samples that are decoded each time they are read.

    A sample that cannot be read is replaced by the next one that can, and added to `skipped`.

    Args:
        shape: Shape of all samples: `(n, height, width, channels)`, or `(n, ...)` for samples that are not images.
        options: How images are brought to that shape.
        skipped: List to which unreadable samples are added.
        strict: Whether an unreadable sample is an error.
        dtype: dtype of the samples.
    """

    options: Cropping

    def __init__(self, shape: tuple[int, ...], options: Cropping, skipped: Skipped, strict: bool = False, dtype: str = "uint8"):
        self.shape = tuple(shape)
        self.options = options
        self.skipped = skipped
        self.strict = strict
        self.dtype = np.dtype(dtype)
        self._unreadable: set[int] = set()

    @property
    def random_numbers(self) -> int:
        return self.options.random_numbers

    def decode(self, position: int) -> np.ndarray:
        """Return a sample as `ImageOptions.prepare` does. Called by many threads at a time.

        Raises:
            UnreadableError: If it cannot be read.
        """
        raise NotImplementedError

    def name(self, position: int) -> str:
        """Return what a sample is called in `skipped`."""
        raise NotImplementedError

    def read(self, positions: np.ndarray, numbers: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        result, found = np.empty((len(positions), *self.shape[1:]), self.dtype), np.array(positions)
        for row, position in enumerate(positions):
            sample, found[row] = self._nearest(int(position))
            result[row] = self._cut(sample, numbers[row] if numbers is not None else (0.5, 0.5))
        return result, found

    def readable(self, positions: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
        """Return the samples at some positions that can be read, not yet cropped, and their positions."""

        def try_one(position: int) -> np.ndarray | UnreadableError:
            try:
                return self.decode(int(position))
            except UnreadableError as error:
                return error

        found = list(decoding_threads().map(try_one, positions))
        good = [index for index, sample in enumerate(found) if not isinstance(sample, UnreadableError)]
        for index, sample in enumerate(found):
            if isinstance(sample, UnreadableError):
                self.skipped.add(self.name(int(positions[index])), str(sample))
        return [sample for sample in found if not isinstance(sample, UnreadableError)], np.asarray(positions)[good]

    def all_readable(self) -> Iterator[tuple[list[np.ndarray], np.ndarray]]:
        """Yield all samples that can be read, not yet cropped, and their positions, some at a time."""
        for start in range(0, len(self), _CHUNK):
            yield self.readable(np.arange(start, min(start + _CHUNK, len(self))))

    def in_order(self) -> Iterator[tuple[Sequence[np.ndarray], np.ndarray, None]]:
        """Yield all readable samples, not yet cropped: see `Source.in_order`."""
        for samples, positions in self.all_readable():
            yield samples, positions, None

    def _cut(self, sample: np.ndarray, numbers: Sequence[float] | np.ndarray) -> np.ndarray:
        return self.options.cut(sample, self.shape[1:], numbers) if self.random_numbers else sample

    def _nearest(self, position: int) -> tuple[np.ndarray, int]:
        for further in range(min(len(self), _GIVE_UP)):
            nearby = (position + further) % len(self)
            if nearby in self._unreadable:
                continue
            try:
                return self.decode(nearby), nearby
            except UnreadableError as error:
                why = str(error)
            first = self.skipped.add(self.name(nearby), why)
            if self.strict:
                raise ValueError(f"{self.name(nearby)} cannot be read ({why}), which strict forbids.")
            self._unreadable.add(nearby)
            if first:
                self.skipped.warn(stacklevel=3)
        raise ValueError(f"None of the {min(len(self), _GIVE_UP):,} samples from {self.name(position)} on can be read.")


def decode_if_small(
    samples: DecodedSamples, mean_size: float
) -> tuple[np.ndarray | Croppable | DecodedSamples, np.ndarray | None]:
    """Decode samples into memory if they fit; otherwise leaves them to be decoded while they are used.

    Args:
        samples: The samples.
        mean_size: Approximate size of one sample before it is cropped, in bytes.

    Returns:
        The samples to use, and which of the given positions they come from; None if from all.

    Raises:
        ValueError: If a sample cannot be read and `samples.strict` is set.
    """
    if not memory_limit.fits((len(samples), round(mean_size))):
        if samples.strict:
            for _ in samples.all_readable():
                pass
            samples.skipped.refuse()
        return samples, None
    kept: list[np.ndarray] = []
    held: np.ndarray | Croppable
    if samples.random_numbers:
        pictures: list[np.ndarray] = []
        for some, positions in samples.all_readable():
            pictures += some
            kept.append(positions)
        held = Croppable(pictures, samples.shape[1:], samples.options)
    else:
        array, end = np.empty(samples.shape, samples.dtype), 0
        for some, positions in samples.all_readable():
            for sample in some:
                array[end] = sample
                end += 1
            kept.append(positions)
        held = array[:end]
    if samples.strict:
        samples.skipped.refuse()
    return held, np.concatenate(kept)


def decode_pairs_if_small(
    inputs: DecodedSamples, targets: DecodedSamples, input_size: float, target_size: float
) -> tuple[np.ndarray | Croppable | DecodedSamples, np.ndarray | Croppable | DecodedSamples, np.ndarray | None]:
    """Decode pairs into memory if both sides fit, as `decode_if_small` does.

    Args:
        inputs: One side of the pairs.
        targets: The other one.
        input_size: Approximate size of an input before it is cropped, in bytes.
        target_size: That of a target.

    Returns:
        Inputs and targets, without those whose partner cannot be read, and their positions; None if they are not in memory,
        where an unreadable one is skipped together with its partner.

    Raises:
        ValueError: If one cannot be read and `strict` is set.
    """
    held_inputs, inputs_kept = decode_if_small(inputs, input_size)
    held_targets, targets_kept = decode_if_small(targets, target_size)
    if inputs_kept is None or targets_kept is None:
        return inputs, targets, None
    common = np.intersect1d(inputs_kept, targets_kept)
    return (
        _take(held_inputs, np.flatnonzero(np.isin(inputs_kept, common))),
        _take(held_targets, np.flatnonzero(np.isin(targets_kept, common))),
        common,
    )


def _take(samples: np.ndarray | Croppable | DecodedSamples, rows: np.ndarray) -> np.ndarray | Croppable | DecodedSamples:
    if isinstance(samples, Croppable):
        return Croppable([samples.pictures[row] for row in rows], samples.shape[1:], samples.options)
    return samples if len(rows) == len(samples) else samples[rows]


class Croppable(Source):
    """Images or recordings in memory that are larger than the samples cropped from them.

    Args:
        pictures: Arrays of one dtype, such as uint8 images of shape `(height, width, channels)`.
        shape: Shape of one sample, such as height, width and channels.
        options: How they are cropped.
    """

    in_memory = True

    def __init__(self, pictures: Sequence[np.ndarray] | np.ndarray, shape: tuple[int, ...], options: Cropping):
        self.pictures = pictures
        self.dtype = pictures[0].dtype if len(pictures) else np.dtype("uint8")
        self.shape = (len(pictures), *shape)
        self.options = options
        self.random_numbers = options.random_numbers

    def read(self, positions: np.ndarray, numbers: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        result = np.empty((len(positions), *self.shape[1:]), self.dtype)
        for row, position in enumerate(positions):
            where = numbers[row] if numbers is not None else (0.5, 0.5)
            result[row] = self.options.cut(self.pictures[position], self.shape[1:], where)
        return result, positions


def as_samples(images: np.ndarray, shape: tuple[int, ...], options: ImageOptions) -> np.ndarray | Croppable:
    """Return prepared images of one size as samples of a shape: themselves, or random crops of them."""
    return images if images.shape[1:] == tuple(shape) else Croppable(images, shape, options)
