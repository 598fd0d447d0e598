"""The images of a data set that TensorFlow Datasets has prepared, each found by its position."""

from __future__ import annotations

import dataclasses
import io
import itertools
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from keras_gans.data.decoded import FORMATS, DecodedSamples, reason
from keras_gans.data.record_files import Record, find_records, parse_example
from keras_gans.data.resize import ImageOptions
from keras_gans.data.skipped import Skipped, UnreadableError
from keras_gans.data.tfrecords import read_payload
from keras_gans.media.pictures import MODES, as_pillow

# How TensorFlow Datasets reads several files: this many at a time, this many records of each in turn.
_AT_A_TIME, _IN_A_ROW = 16, 16


@dataclasses.dataclass
class PreparedFile:
    """A file of records, of which `range(first, last)` are read, of `count`."""

    path: Path
    count: int
    first: int
    last: int


@dataclasses.dataclass
class Places:
    """Where records are, and what is known of each: arrays of shape `(n,)`."""

    file: np.ndarray
    record: np.ndarray
    start: np.ndarray
    size: np.ndarray
    crc32: np.ndarray
    label: np.ndarray
    jpeg: np.ndarray
    intact: np.ndarray

    def take(self, order: np.ndarray) -> Places:
        return Places(**{field.name: getattr(self, field.name)[order] for field in dataclasses.fields(self)})


def find_places(files: Sequence[PreparedFile], labelled: bool, in_turn: bool = True) -> Places:
    """Return where the images of files are, in the order in which TensorFlow Datasets reads them.

    Args:
        files: The files.
        labelled: Whether there are labels.
        in_turn: Whether the files are read in turn, as they are unless the order of the data set matters.

    Raises:
        ValueError: If a file is missing, damaged, or has another number of records.
    """
    rows: list[tuple[int, ...]] = []
    for number, file in enumerate(files):
        try:
            content, records = find_records(file.path)
        except OSError as error:
            raise ValueError(f"{file.path} cannot be read ({error.strerror}): copy or prepare the data set again.") from error
        if len(records) != file.count:
            raise ValueError(
                f"{file.path} holds {len(records)} records and not {file.count}: copy or prepare the data set again."
            )
        data = memoryview(content)
        rows += [(number, each, *_find_image(data, records[each], labelled)) for each in range(file.first, file.last)]
    columns = np.array(rows, "int64").reshape(len(rows), 8).T
    file, record, start, size, crc32 = columns[:5]
    places = Places(
        file, record, start, size, crc32, columns[5].astype("int32"), columns[6].astype(bool), columns[7].astype(bool)
    )
    return places.take(interleaved([file.last - file.first for file in files], _AT_A_TIME if in_turn else 1))


def _find_image(data: memoryview, record: Record, labelled: bool) -> tuple[int, int, int, int, bool, bool]:
    """Return start, size and CRC-32 of a record's image, its label, whether it is a JPEG, and whether the record is intact."""
    start, size = record.start, record.size
    try:
        features = parse_example(data, start, start + size) if record.intact else {}
        first, last = features["image"]
        label = features["label"][0] if labelled else 0
    except (ValueError, KeyError, IndexError):
        return start, size, 0, 0, False, False
    return first, last - first, zlib.crc32(data[first:last]), label, bytes(data[first : first + 2]) == b"\xff\xd8", True


def interleaved(counts: Sequence[int], at_a_time: int = _AT_A_TIME, in_a_row: int = _IN_A_ROW) -> np.ndarray:
    """Return the order in which records of several files are read: `tf.data.Dataset.interleave`'s.

    Args:
        counts: Number of records of each file.
        at_a_time: Files that are read in turn.
        in_a_row: Records that are read of one before the next.

    Returns:
        Positions in the files one after the other, int64 of shape `(sum(counts),)`.
    """
    ends = list(itertools.accumulate(counts))
    waiting = iter([range(end - count, end) for count, end in zip(counts, ends, strict=True)])
    order: list[int] = []
    lanes: list[Iterator[int] | None] = [iter(each) for each in itertools.islice(waiting, at_a_time)]
    while any(lane is not None for lane in lanes):
        for place, lane in enumerate(lanes):
            if lane is None:
                continue
            some = list(itertools.islice(lane, in_a_row))
            order += some
            if len(some) < in_a_row:
                following = next(waiting, None)
                lanes[place] = None if following is None else iter(following)
    return np.array(order, "int64")


class PreparedImages(DecodedSamples):
    """Images of a prepared data set.

    Args:
        own_shape: Height, width and channels that the images have; None where they differ.
        shape: Height, width and channels of a sample.
        options: How images are brought to that shape.
        skipped: Where damaged records are listed.
        strict: Whether a damaged record is an error.
        files: The files.
        places: Where in them the images are.
    """

    options: ImageOptions

    def __init__(
        self,
        own_shape: tuple[int | None, ...],
        shape: tuple[int, ...],
        options: ImageOptions,
        skipped: Skipped,
        strict: bool,
        files: Sequence[Path],
        places: Places,
    ):
        super().__init__((len(places.start), *shape), options, skipped, strict)
        self.own_shape, self.files, self.places = own_shape, files, places

    def decode(self, position: int) -> np.ndarray:
        if not self.places.intact[position]:
            raise UnreadableError("it does not contain an image, or its bytes are not those that were written (CRC-32C)")
        file, start, size = self.files[self.places.file[position]], self.places.start[position], self.places.size[position]
        content = read_payload(file, int(start), int(size), int(self.places.crc32[position]))
        image = self._pixels(content)
        fixed = zip(image.shape, self.own_shape, strict=True)
        if any(own is not None and side != own for side, own in fixed):
            raise UnreadableError(f"its shape is {image.shape} and not {self.own_shape}")
        if image.shape == self.shape[1:]:
            return image
        return self.options.prepare(as_pillow(image), self.shape[1:])

    def name(self, position: int) -> str:
        return f"{self.files[self.places.file[position]]}, record {self.places.record[position]}"

    def _pixels(self, content: bytes) -> np.ndarray:
        """Return the pixels as TensorFlow does: not turned upright, without transparency, and 16 bits cut to 8."""
        try:
            with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
                opened.load()
                picture: Image.Image = opened
                if picture.mode.startswith("I"):
                    picture = Image.fromarray((np.asarray(picture) >> 8).astype("uint8"))
                pixels = np.asarray(picture.convert(MODES.get(self.own_shape[-1] or 0)))
        except Exception as error:  # decoders raise whatever damaged bytes lead them to
            raise UnreadableError(reason(error)) from error
        return pixels.reshape(*pixels.shape[:2], -1)
