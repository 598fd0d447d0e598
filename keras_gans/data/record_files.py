"""TFRecord files of `tf.train.Example`s, read without TensorFlow.

Reference: the framing of records in https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details, and the
messages `Example`, `Features` and `Feature` in TensorFlow's tensorflow/core/example/.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import google_crc32c

# Around each record: its length and the length's checksum before it, the checksum of its content after it.
BEFORE, AFTER = 12, 4

_AGAIN = "Copy or prepare the file again."


class Record(NamedTuple):
    """A record of a file.

    Attributes:
        start: Where its content begins.
        size: Number of bytes.
        intact: Whether its checksum is right.
    """

    start: int
    size: int
    intact: bool


def find_records(path: Path) -> tuple[bytes, list[Record]]:
    """Return the content of a file and its records, each checked.

    Raises:
        OSError: If the file cannot be read.
        ValueError: If records cannot be told apart, because the file was cut off or a length is damaged.
    """
    content, at = path.read_bytes(), 0
    records: list[Record] = []
    while at < len(content):
        length, start = content[at : at + 8], at + BEFORE
        if start > len(content):
            raise ValueError(f"{path} is cut off in record {len(records)}. {_AGAIN}")
        if not _is_intact(length, content[at + 8 : start]):
            raise ValueError(f"{path} is damaged at the length of record {len(records)}. {_AGAIN}")
        size = int.from_bytes(length, "little")
        at = start + size + AFTER
        if at > len(content):
            raise ValueError(f"{path} is cut off in record {len(records)}. {_AGAIN}")
        records.append(Record(start, size, _is_intact(content[start : start + size], content[start + size : at])))
    return content, records


def _is_intact(content: bytes, checksum: bytes) -> bool:
    return masked_crc32c(content) == int.from_bytes(checksum, "little")


def masked_crc32c(content: bytes) -> int:
    """Return the CRC-32C of a content as TFRecord files hold it: rotated, and with a constant added."""
    crc = google_crc32c.value(content)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def parse_example(data: memoryview, start: int, end: int) -> dict[str, tuple[int, int] | list[int]]:
    """Return the features of a serialized `tf.train.Example` that hold one string of bytes, or integers.

    Args:
        data: All bytes of a file.
        start: Where the example begins.
        end: Where it ends.

    Returns:
        By name: where the bytes begin and end in `data`, or the integers.

    Raises:
        ValueError: If it is not an example.
    """
    found: dict[str, tuple[int, int] | list[int]] = {}
    try:
        for _, features_start, features_end in _fields(data, start, end):
            for _, entry_start, entry_end in _fields(data, features_start, features_end):
                parts = {number: (first, last) for number, first, last in _fields(data, entry_start, entry_end)}
                name = bytes(data[slice(*parts[1])]).decode()
                for kind, first, last in _fields(data, *parts.get(2, (0, 0))):
                    if kind == 1:
                        values = [(first, last) for _, first, last in _fields(data, first, last)]
                        if len(values) == 1:
                            found[name] = values[0]
                    elif kind == 3:
                        found[name] = list(_integers(data, first, last))
    except (IndexError, KeyError, UnicodeDecodeError) as error:
        raise ValueError("it is not a tf.train.Example") from error
    return found


def _fields(data: memoryview, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield the number of each field of a message that is itself a message or a string, and where its content lies."""
    while at < end:
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == 0:
            first, (_, at) = at, _varint(data, at)
        else:
            size, first = _varint(data, at) if kind == 2 else ({1: 8, 5: 4}[kind], at)
            at = first + size
        if at > end:
            raise IndexError("a field ends behind its message")
        yield tag >> 3, first, at


def _integers(data: memoryview, start: int, end: int) -> Iterator[int]:
    """Yield the values of an `Int64List`, packed or not."""
    for _, at, last in _fields(data, start, end):
        while at < last:
            value, at = _varint(data, at)
            yield value - 2**64 if value >= 2**63 else value


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
