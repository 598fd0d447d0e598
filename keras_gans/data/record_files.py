"""TFRecord files of `tf.train.Example`s, read without TensorFlow.

Reference: the framing of records in https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details, and the
messages `Example`, `Features` and `Feature` in TensorFlow's tensorflow/core/example/.
"""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

# Around each record: its length and the length's checksum before it, the checksum of its content after it.
BEFORE, AFTER = 12, 4

_BLOCK = 64  # bytes of a content that are checked together
_POLYNOMIAL = 0x82F63B78  # of CRC-32C, reflected


@dataclasses.dataclass
class RecordFile:
    """What `find_records` finds in a file.

    Attributes:
        content: All bytes of the file.
        starts: Where the content of each record begins, int64 of shape `(n,)`.
        sizes: How long it is.
        intact: Whether its checksum is right, bool of shape `(n,)`.
    """

    content: np.ndarray
    starts: np.ndarray
    sizes: np.ndarray
    intact: np.ndarray


def find_records(path: Path) -> RecordFile:
    """Find the records of a file and check each.

    Raises:
        OSError: If the file cannot be read.
        ValueError: If records cannot be told apart, because the file was cut off or a length is damaged.
    """
    content = np.fromfile(path, "uint8")
    data = memoryview(content)  # type: ignore[arg-type]
    lengths: list[int] = []
    sizes: list[int] = []
    at = 0
    while at + BEFORE <= len(data):
        lengths.append(at)
        sizes.append(struct.unpack_from("<Q", data, at)[0])
        at += BEFORE + sizes[-1] + AFTER
    right = _are_intact(content, np.array(lengths, "int64"), np.full(len(lengths), 8))
    if not right.all():  # all that follows was found by it
        raise ValueError(f"{path} is damaged at the length of record {int(np.argmin(right))}. {_AGAIN}")
    if at != len(data):
        raise ValueError(f"{path} is cut off in record {len(lengths) - (at > len(data))}. {_AGAIN}")
    starts = np.array(lengths, "int64") + BEFORE
    return RecordFile(content, starts, np.array(sizes, "int64"), _are_intact(content, starts, np.array(sizes, "int64")))


_AGAIN = "Copy or prepare the file again."


def _are_intact(content: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Whether each range of bytes is followed by its masked CRC-32C."""
    if not len(starts):
        return np.zeros(0, bool)
    crc = crc32c(content, starts, sizes)
    masked = ((crc >> 15) | (crc << 17)) + np.uint32(0xA282EAD8)
    following = content[(starts + sizes)[:, None] + np.arange(4)].astype("<u4")
    return masked == (following << np.array([0, 8, 16, 24], "<u4")).sum(axis=1, dtype="<u4")


def _table() -> np.ndarray:
    values = np.arange(256, dtype="uint32")
    for _ in range(8):
        values = np.where(values & 1, (values >> 1) ^ np.uint32(_POLYNOMIAL), values >> 1)
    return values


_TABLE = _table()


def _after_zeros(count: int) -> np.ndarray:
    """Return what `count` zero bytes make of a checksum: tables for each of its four bytes, uint32 of shape `(4, 256)`."""
    values = np.arange(256, dtype="uint32") << np.array([[0], [8], [16], [24]], "uint32")
    for _ in range(count):
        values = (values >> 8) ^ _TABLE[values & 0xFF]
    return values


_AFTER_BLOCK = _after_zeros(_BLOCK)


def crc32c(content: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return the CRC-32C of many ranges of bytes.

    Python computes a few million steps a second, so each step serves many bytes: those at the same place of all blocks of 64
    bytes, then the blocks at the same place of all ranges. Checksums of blocks are put together by the linearity of a CRC.

    Args:
        content: uint8 array of shape `(bytes,)`.
        starts: Where the ranges begin, integers of shape `(n,)`.
        sizes: How long they are.

    Returns:
        uint32 array of shape `(n,)`.
    """
    result = np.full(len(starts), 0xFFFFFFFF, "uint32")
    blocks = sizes // _BLOCK
    firsts = np.concatenate([[0], np.cumsum(blocks)])
    # Of each block, where it begins.
    where = np.repeat(starts - firsts[:-1] * _BLOCK, blocks) + np.arange(firsts[-1]) * _BLOCK
    of_blocks = np.zeros(len(where), "uint32")
    for place in range(_BLOCK):
        of_blocks = (of_blocks >> 8) ^ _TABLE[(of_blocks ^ content[where + place]) & 0xFF]
    for place in range(int(blocks.max(initial=0))):
        some = np.flatnonzero(blocks > place)
        old = result[some]
        moved = _AFTER_BLOCK[0, old & 0xFF] ^ _AFTER_BLOCK[1, (old >> 8) & 0xFF]
        moved ^= _AFTER_BLOCK[2, (old >> 16) & 0xFF] ^ _AFTER_BLOCK[3, old >> 24]
        result[some] = moved ^ of_blocks[firsts[some] + place]
    for place in range(_BLOCK - 1):  # what is left
        some = np.flatnonzero(sizes % _BLOCK > place)
        old = result[some]
        at = starts[some] + blocks[some] * _BLOCK + place
        result[some] = (old >> 8) ^ _TABLE[(old ^ content[at]) & 0xFF]
    return result ^ np.uint32(0xFFFFFFFF)


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
