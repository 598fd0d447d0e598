"""Whether the parts of a signed file that no signature covers are as this library writes them.

A signature can cover neither itself nor the boxes around it: their lengths and names, and the padding that is reserved for
larger signatures. In a small file these are a quarter of all bytes, and readers accept any there. In files of this library they
are always the same, so a changed one shows.

References: ISO/IEC 19566-5 (JUMBF boxes); C2PA Technical Specification 2.2, sections 11.1 (boxes) and A.3 (how they are
embedded).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from keras_gans.declaration import containers

_UUID = bytes.fromhex("00110010800000aa00389b71")
_SALTED = b"\0\0\0\x18c2sh"
# The boxes of a manifest, by their labels.
_PARTS = {b"c2pa.assertions": b"c2as", b"c2pa.claim.v2": b"c2cl", b"c2pa.signature": b"c2cs"}


class _UnusualError(Exception):
    """Something is not as this library writes it."""


def is_canonical(content: bytes, label: str) -> bool:
    """Return whether a file of this library has the boxes that it wrote.

    Args:
        content: A PNG, JPEG, WebP or WAV file with a manifest of this library.
        label: The label of the manifest.
    """
    try:
        _check_store(_store(content), label.encode())
    except (_UnusualError, ValueError, struct.error):
        return False
    return True


def _store(content: bytes) -> bytes:
    """Return the manifest store of a file."""
    if content.startswith(b"\x89PNG"):
        chunks = [chunk for chunk, _ in containers.png_chunks(content)]
        _require(all(struct.unpack(">I", chunk[-4:])[0] == zlib.crc32(chunk[4:-4]) for chunk in chunks))
        found = [chunk[8:-4] for chunk in chunks if chunk[4:8] == b"caBX"]
    elif content.startswith(b"\xff\xd8"):
        segments = [data for marker, data in containers.jpeg_segments(content) if marker == 0xEB]
        _require(all(data.startswith(b"JP\x02\x11\0\0\0\x01") for data in segments))
        found = [data[8:] for data in segments]
    else:
        found = [data for name, data in containers.riff_chunks(content) if name == b"C2PA"]
    _require(len(found) == 1)
    return found[0]


def _check_store(store: bytes, label: bytes) -> None:
    (whole,) = _superboxes(store)
    description, *manifests = whole
    _check_description(description, b"c2pa", b"c2pa")
    _require(len(manifests) == 1)
    description, *parts = _boxes(manifests[0][1])
    _check_description(description, b"c2ma", label)
    seen = set()
    for kind, body in parts:
        _require(kind == b"jumb")
        description, *inside = _boxes(body)
        name = description[1][17:-1]
        _require(name in _PARTS and name not in seen)
        seen.add(name)
        _check_description(description, _PARTS[name], name)
        if name == b"c2pa.assertions":
            for kind, assertion in inside:
                _require(kind == b"jumb")
                _check_assertion(_boxes(assertion))
        else:
            _require([kind for kind, _ in inside] == [b"cbor"])
            if name == b"c2pa.signature":
                _check_signature(inside[0][1])
    _require(seen == set(_PARTS))


def _superboxes(content: bytes) -> list[list[tuple[bytes, bytes]]]:
    found = _boxes(content)
    _require([kind for kind, _ in found] == [b"jumb"])
    return [_boxes(body) for _, body in found]


def _boxes(content: bytes) -> list[tuple[bytes, bytes]]:
    return list(_read_boxes(content))


def _read_boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the kinds and contents of boxes, which must fill what contains them."""
    at = 0
    while at < len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        _require(8 <= length <= len(content) - at)
        yield kind, content[at + 8 : at + length]
        at += length


def _check_description(box: tuple[bytes, bytes], kind: bytes, label: bytes) -> None:
    _require(box == (b"jumd", kind + _UUID + b"\x03" + label + b"\0"))


def _check_assertion(boxes: list[tuple[bytes, bytes]]) -> None:
    """Check what the hash of an assertion leaves open; its salt is covered."""
    (kind, description), *contents = boxes
    _require(kind == b"jumd" and description[:16] == b"cbor" + _UUID and description[16] == 0x13)
    _require(description[-24:-16] == _SALTED and description[-25] == 0)
    _require([kind for kind, _ in contents] == [b"cbor"])


def _check_signature(content: bytes) -> None:
    """Check a COSE_Sign1 structure: a protected header, padding of zeros, no payload, and a signature of 64 bytes."""
    _require(content.startswith(b"\xd2\x84\x59"))
    rest = content[5 + struct.unpack(">H", content[3:5])[0] :]
    _require(rest.startswith(b"\xa1\x63pad"))
    padding, rest = rest[5:-67], rest[-67:]
    _require(rest.startswith(b"\xf6\x58\x40"))
    head = 3 if padding[:1] == b"\x59" else 2
    _require(len(padding) > head and not any(padding[head:]))
    lengths = {2: b"\x58" + bytes([(len(padding) - 2) % 256]), 3: b"\x59" + struct.pack(">H", (len(padding) - 3) % 65536)}
    _require(padding[:head] == lengths[head])


def _require(holds: bool) -> None:
    if not holds:
        raise _UnusualError
