"""XMP packets in files, which Pillow and `wave` read as well."""

import io
import struct
import wave
import zlib

import numpy as np
import pytest
from PIL import Image

from keras_gans.audio import as_wav
from keras_gans.declaration import Declaration, embed, extract

PACKET = Declaration(model="digits", weights="ab" * 32, recipe={"seed": 3}).to_xmp()
OTHER = Declaration(model="another").to_xmp()
# Format and mode, and the options with which Pillow writes them.
PICTURES = {
    "png": ("PNG", "RGB", {}),
    "grey png": ("PNG", "L", {}),
    "jpeg": ("JPEG", "RGB", {}),
    "jpeg with exif": ("JPEG", "RGB", {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0", "icc_profile": b"profile"}),
    "webp": ("WEBP", "RGB", {"quality": 80}),
    "webp without losses": ("WEBP", "RGB", {"lossless": True}),
    "webp with alpha": ("WEBP", "RGBA", {"lossless": True}),
    "webp with losses and alpha": ("WEBP", "RGBA", {"quality": 80}),
    "gif": ("GIF", "P", {}),
}


def picture(kind):
    name, mode, options = PICTURES[kind]
    values = np.random.default_rng(0).integers(0, 256, (30, 41, 4), "uint8")
    content = io.BytesIO()
    image = Image.fromarray(values) if mode == "RGBA" else Image.fromarray(values[..., :3]).convert(mode)
    image.save(content, name, **options)
    return content.getvalue()


def animation(name):
    frames = [Image.fromarray(np.full((20, 20), level, "uint8")) for level in (10, 100, 200)]
    content = io.BytesIO()
    frames[0].save(content, name, save_all=True, append_images=frames[1:], duration=[40, 50, 60], loop=0)
    return content.getvalue()


def opened(content):
    """The pixels of all frames, how long each is shown, and what else Pillow finds, without the packet."""
    image, frames = Image.open(io.BytesIO(content)), []
    for index in range(getattr(image, "n_frames", 1)):
        image.seek(index)
        frames.append((np.asarray(image.convert("RGBA")), image.info.get("duration")))
    return frames, {name: image.info.get(name) for name in ("exif", "icc_profile", "loop", "transparency")}


def assert_same(content, other):
    (frames, facts), (others, other_facts) = opened(content), opened(other)
    assert facts == other_facts
    assert len(frames) == len(others)
    for (pixels, shown), (same, as_long) in zip(frames, others, strict=True):
        np.testing.assert_array_equal(pixels, same)
        assert shown == as_long


@pytest.mark.parametrize("kind", PICTURES)
def test_pictures_keep_their_pixels_and_a_packet_replaces_another(kind):
    plain = picture(kind)
    assert extract(plain) is None
    marked = embed(plain, PACKET)
    assert extract(marked) == PACKET
    assert_same(marked, plain)
    if "gif" not in kind:
        info = Image.open(io.BytesIO(marked)).info
        found = info.get("XML:com.adobe.xmp") or info["xmp"]
        assert (found.encode() if isinstance(found, str) else found) == PACKET
    again = embed(marked, OTHER)
    assert extract(again) == OTHER
    assert b"digits" not in again
    assert embed(again, PACKET) == marked


@pytest.mark.parametrize("name", ["GIF", "WEBP"])
def test_animations(name):
    plain = animation(name)
    marked = embed(plain, PACKET)
    assert extract(marked) == PACKET
    assert_same(marked, plain)
    assert embed(embed(marked, OTHER), PACKET) == marked


@pytest.mark.parametrize("count", [999, 1000])
def test_sounds_keep_their_samples(count):
    samples = np.random.default_rng(0).integers(-(2**15), 2**15, count).astype("int16")
    plain = as_wav(samples, 8000)
    marked = embed(plain, PACKET)
    assert extract(plain) is None
    assert extract(marked) == PACKET
    assert struct.unpack("<I", marked[4:8])[0] == len(marked) - 8
    with wave.open(io.BytesIO(marked)) as file:
        assert file.getframerate() == 8000
        np.testing.assert_array_equal(np.frombuffer(file.readframes(count), "int16"), samples)
    assert embed(embed(marked, OTHER), PACKET) == marked


def test_other_files_stay_as_they_are():
    for content in (b"", b"text", b"RIFF\0\0\0\0AVI ", b"BM" + bytes(60)):
        assert embed(content, PACKET) == content
        assert extract(content) is None


def test_a_compressed_packet_is_read_and_one_that_grows_without_end_is_not():
    plain = picture("png")

    def with_text(text):
        data = b"iTXt" + b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(text)
        return plain[:33] + struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data)) + plain[33:]

    assert extract(with_text(PACKET)) == PACKET
    with pytest.raises(ValueError, match="bytes of XMP data, more than"):
        extract(with_text(bytes(2**28)))


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "gif", "wav"])
def test_damaged_files_are_an_error_or_read_never_worse(kind):
    marked = embed(as_wav(np.zeros(200, "int16"), 8000) if kind == "wav" else picture(kind), PACKET)
    rng = np.random.default_rng(0)
    for _ in range(400):
        damaged = bytearray(marked[: rng.integers(1, len(marked) + 1)])
        for place in rng.integers(0, min(len(damaged), 600), 3):
            damaged[place] = rng.integers(0, 256)
        for act in (extract, lambda content: embed(content, OTHER)):
            try:
                act(bytes(damaged))
            except ValueError as error:
                assert "\n" not in str(error)


def test_a_packet_may_not_be_of_any_length():
    with pytest.raises(ValueError, match="XMP data may have"):
        embed(picture("png"), bytes(70_000))
