"""XMP packets in PNG, JPEG, WebP, GIF and WAV files.

References: PNG specification, section 11.3.3.4 (iTXt); Adobe XMP specification, part 3, "Storage in files", sections 1.1 (JPEG,
GIF, PNG) and 2 (WAV); Google's WebP container specification (extended file format).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEYWORD = b"XML:com.adobe.xmp"
_JPEG_HEAD = b"http://ns.adobe.com/xap/1.0/\0"
_GIF_HEAD = b"\x21\xff\x0bXMP DataXMP"
# What follows the packet in a GIF: wherever a reader of blocks begins within the packet, it ends at the last byte.
_GIF_TRAILER = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
_VP8X_XMP, _VP8X_ALPHA = 0x04, 0x10
# Longer packets are refused, so that hostile files cost little; JPEG holds no more than this anyway.
LONGEST = 2**16 - 3 - len(_JPEG_HEAD)


def embed(content: bytes, packet: bytes) -> bytes:
    """Return the bytes of a file with an XMP packet, in place of another. Formats that are not known stay as they are.

    Args:
        content: The file.
        packet: The packet.

    Raises:
        ValueError: If the file is damaged, or the packet is too long.
    """
    if len(packet) > LONGEST:
        raise ValueError(f"XMP data may have {LONGEST:,} bytes; received {len(packet):,}.")
    if content.startswith(_PNG):
        return _into_png(content, packet)
    if content.startswith(b"\xff\xd8"):
        return _into_jpeg(content, packet)
    if content[:3] == b"GIF":
        return _into_gif(content, packet)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _into_webp(content, packet)
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        chunks = [(name, data) for name, data in riff_chunks(content) if name != b"_PMX"]
        return _as_riff(b"WAVE", [*chunks, (b"_PMX", packet)])
    return content


def extract(content: bytes) -> bytes | None:
    """Return the XMP packet of a file; None if there is none, or the format is not known.

    Raises:
        ValueError: If the file is damaged, or the packet longer than 65,000 bytes.
    """
    if content.startswith(_PNG):
        found = next((packet for _, packet in png_chunks(content) if packet is not None), None)
    elif content.startswith(b"\xff\xd8"):
        segments = (data for marker, data in jpeg_segments(content) if marker == 0xE1)
        found = next((data[len(_JPEG_HEAD) :] for data in segments if data.startswith(_JPEG_HEAD)), None)
    elif content[:3] == b"GIF":
        found = next((packet for _, packet in _gif(content) if packet is not None), None)
    elif content[:4] == b"RIFF" and content[8:12] in (b"WEBP", b"WAVE"):
        name = b"XMP " if content[8:12] == b"WEBP" else b"_PMX"
        found = next((data for other, data in riff_chunks(content) if other == name), None)
    else:
        return None
    if found is not None and len(found) > LONGEST:
        raise ValueError(f"The file has {len(found):,} bytes of XMP data, more than {LONGEST:,}.")
    return found


# PNG.


def png_chunk(packet: bytes) -> bytes:
    """Return the iTXt chunk of a packet, which belongs after the first 33 bytes of a PNG file."""
    data = b"iTXt" + _PNG_KEYWORD + b"\0\0\0\0\0" + packet
    return struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))


def _into_png(content: bytes, packet: bytes) -> bytes:
    chunks = [chunk for chunk, other in png_chunks(content) if other is None]
    return b"".join([_PNG, chunks[0], png_chunk(packet), *chunks[1:]])


def png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes | None]]:
    """Yield the chunks of a PNG file, each with the XMP packet that it holds or None."""
    at = len(_PNG)
    while at < len(content):
        length, name = struct.unpack(">I4s", _part(content, at, 8))
        chunk = _part(content, at, 12 + length)
        yield chunk, _png_packet(chunk[8:-4]) if name == b"iTXt" else None
        at += len(chunk)
        if name == b"IEND":
            return
    raise ValueError("The PNG file is cut off.")


def _png_packet(data: bytes) -> bytes | None:
    keyword, _, rest = data.partition(b"\0")
    if keyword != _PNG_KEYWORD or len(rest) < 4:
        return None
    text = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    if not rest[0]:
        return text
    inflated = zlib.decompressobj()
    try:
        return inflated.decompress(text, LONGEST + 1)
    except zlib.error as error:
        raise ValueError(f"The XMP data of the PNG file are damaged: {error}.") from error


# JPEG.


def _into_jpeg(content: bytes, packet: bytes) -> bytes:
    segments = [
        (marker, data) for marker, data in jpeg_segments(content) if not (marker == 0xE1 and data.startswith(_JPEG_HEAD))
    ]
    rest = content[_jpeg_end(content) :]
    # JFIF's own segment must be the first.
    first = 1 if segments and segments[0][0] == 0xE0 else 0
    segments.insert(first, (0xE1, _JPEG_HEAD + packet))
    written = [struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data for marker, data in segments]
    return b"".join([b"\xff\xd8", *written, rest])


def jpeg_segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield markers and data of the segments before the image."""
    at = 2
    while True:
        start, marker, length = struct.unpack(">BBH", _part(content, at, 4))
        if start != 0xFF or length < 2:
            raise ValueError("The JPEG file is damaged.")
        if marker == 0xDA:
            return
        yield marker, _part(content, at + 4, length - 2)
        at += 2 + length


def _jpeg_end(content: bytes) -> int:
    return 2 + sum(4 + len(data) for _, data in jpeg_segments(content))


# GIF.


def _into_gif(content: bytes, packet: bytes) -> bytes:
    blocks = [block for block, other in _gif(content) if other is None]
    head = b"GIF89a" + blocks[0][6:]
    return b"".join([head, _GIF_HEAD, packet, _GIF_TRAILER, *blocks[1:]])


def _gif(content: bytes) -> Iterator[tuple[bytes, bytes | None]]:
    """Yield the head with the colours, and each block of a GIF file, with the XMP packet that it holds or None."""
    flags = _part(content, 10, 1)[0]
    at = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    yield _part(content, 0, at), None
    while True:
        kind, start, packet = _part(content, at, 1)[0], at, None
        if kind == 0x3B:
            yield content[at:], None
            return
        if content[at : at + len(_GIF_HEAD)] == _GIF_HEAD:
            begin = at + len(_GIF_HEAD)
            end = content.find(_GIF_TRAILER, begin)
            if end < 0:
                raise ValueError("The XMP data of the GIF file are cut off.")
            packet, at = content[begin:end], end + len(_GIF_TRAILER)
        elif kind == 0x21:
            at = _after_blocks(content, at + 2)
        elif kind == 0x2C:
            local = _part(content, at + 9, 1)[0]
            at = _after_blocks(content, at + 11 + (3 << (local & 7) + 1 if local & 0x80 else 0))
        else:
            raise ValueError("The GIF file is damaged.")
        yield content[start:at], packet


def _after_blocks(content: bytes, at: int) -> int:
    while length := _part(content, at, 1)[0]:
        at += 1 + length
    return at + 1


# WebP and WAV.


def _into_webp(content: bytes, packet: bytes) -> bytes:
    chunks = [(name, data) for name, data in riff_chunks(content) if name != b"XMP "]
    if not chunks:
        raise ValueError("The WebP file is empty.")
    if chunks[0][0] != b"VP8X":
        chunks.insert(0, (b"VP8X", _vp8x(*chunks[0])))
    flags = chunks[0][1][:1]
    if not flags:
        raise ValueError("The WebP file is damaged.")
    chunks[0] = (b"VP8X", bytes([flags[0] | _VP8X_XMP]) + chunks[0][1][1:])
    return _as_riff(b"WEBP", [*chunks, (b"XMP ", packet)])


def _vp8x(name: bytes, data: bytes) -> bytes:
    """Return the data of the chunk that describes a simple file."""
    if name == b"VP8L":
        bits = struct.unpack("<I", _part(data, 1, 4))[0]
        width, height, alpha = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bits >> 28 & 1
    elif name == b"VP8 ":
        (width, height), alpha = (side & 0x3FFF for side in struct.unpack("<HH", _part(data, 6, 4))), 0
    else:
        raise ValueError("The WebP file is damaged.")
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes([_VP8X_ALPHA if alpha else 0, 0, 0, 0]) + sides


def riff_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the names and data of the chunks of a RIFF file."""
    at, end = 12, min(len(content), 8 + struct.unpack("<I", _part(content, 4, 4))[0])
    while at + 8 <= end:
        name, length = struct.unpack("<4sI", _part(content, at, 8))
        yield name, _part(content, at + 8, length)
        at += 8 + length + length % 2


def _as_riff(kind: bytes, chunks: list[tuple[bytes, bytes]]) -> bytes:
    body = b"".join(name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for name, data in chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + kind + body


def _part(content: bytes, start: int, length: int) -> bytes:
    found = content[start : start + length]
    if len(found) < length:
        raise ValueError("The file is cut off.")
    return found
