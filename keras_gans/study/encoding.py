"""How items are encoded: real and generated samples alike, by one encoder with fixed settings and without metadata."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_gans._typing import Array
from keras_gans.audio.files import as_wav
from keras_gans.media import Medium
from keras_gans.media.pictures import as_pillow, opaque

SUFFIXES = {"images": ".png", "audio": ".wav", "text": ""}
_TILES = 8  # along the shorter side of an image, for scrambled images
_NOISE = 0.25  # loudness of noise that stands for a bad recording


def encode(medium: Medium, samples: Any) -> list[bytes]:
    """Return the files of samples: PNG for images, WAV of 16 bits for sounds, UTF-8 for text.

    Args:
        medium: The medium, images, audio or text.
        samples: Floats in [-1, 1], or samples as files hold them; sentences if the medium is text.

    Raises:
        ValueError: If samples of this medium cannot be shown one at a time.
    """
    if medium.name == "images":
        return [_as_png(image) for image in opaque(medium.tiles(np.asarray(samples)))]
    if medium.name == "audio":
        return [as_wav(sound, medium.sample_rate) for sound in medium.to_file(np.asarray(samples))]  # type: ignore[attr-defined]
    if medium.name == "text":
        return [sentence.encode() for sentence in samples]
    raise ValueError(f"Studies show images, sounds or text one at a time; {medium.name} cannot be shown so.")


def _as_png(image: Array) -> bytes:
    """Return a PNG whose colour type does not depend on the pixels: grey images of one source are grey images of all."""
    content = io.BytesIO()
    as_pillow(np.ascontiguousarray(image)).save(content, "PNG", compress_level=6)
    return content.getvalue()


def spoil(medium: Medium, samples: Any, rng: np.random.Generator) -> Any:
    """Return samples that nobody takes for real, for trials that show whether a rater looks.

    Tiles of images change places, sounds become noise, the words of sentences change places.

    Args:
        medium: The medium, images, audio or text.
        samples: Real samples as `encode` takes them.
        rng: Generator of the random numbers.
    """
    if medium.name == "images":
        return np.stack([scramble(image, rng) for image in opaque(medium.tiles(np.asarray(samples)))])
    if medium.name == "audio":
        sounds = medium.to_float(np.asarray(samples))
        return np.clip(rng.normal(0, _NOISE, sounds.shape), -1, 1).astype("float32")
    return [_shuffled(sentence, rng) for sentence in samples]


def scramble(image: Array, rng: np.random.Generator, tiles: int = _TILES) -> Array:
    """Return an image whose square tiles change places.

    Args:
        image: uint8 of shape `(height, width, channels)`.
        rng: Generator of the random numbers.
        tiles: Tiles along the shorter side.
    """
    side = max(1, min(image.shape[:2]) // tiles)
    rows, columns = image.shape[0] // side, image.shape[1] // side
    whole = image[: rows * side, : columns * side].reshape(rows, side, columns, side, -1).swapaxes(1, 2)
    moved = rng.permutation(whole.reshape(rows * columns, side, side, -1)).reshape(rows, columns, side, side, -1)
    result = image.copy()
    result[: rows * side, : columns * side] = moved.swapaxes(1, 2).reshape(rows * side, columns * side, -1)
    return result


def _shuffled(sentence: str, rng: np.random.Generator) -> str:
    words: Sequence[str] = sentence.split()
    if len(words) < 3:
        return "".join(sorted(sentence.replace(" ", ""), reverse=True))
    moved = list(rng.permutation(list(words)))
    return " ".join(moved if moved != list(words) else reversed(list(words)))
