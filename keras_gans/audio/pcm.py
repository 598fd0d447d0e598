"""Reading WAV files of whole numbers by Python's `wave`."""

from __future__ import annotations

import contextlib
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np

# Programs that write to a pipe do not know how long a recording becomes, and put the largest length into the header.
_UNKNOWN_LENGTH = 2**31 - 2**16


def read_pcm(path: Path) -> tuple[np.ndarray, int] | None:
    """Return the samples, float32 `(length, channels)` in [-1, 1), and the sample rate of a WAV file of 8, 16, 24 or 32 bits.

    Args:
        path: The file.

    Returns:
        None if it is in another format, such as floats, or not a WAV file.

    Raises:
        ValueError: If the file is damaged or truncated. The message is the rest of a sentence that starts with its name.
    """
    with _opened(path) as recording:
        if recording is None:
            return None
        channels, width, rate, frames = recording.getparams()[:4]
        content = recording.readframes(frames)
    frame = width * channels
    there = len(content) // frame
    if there < frames and frames * frame < _UNKNOWN_LENGTH:
        raise ValueError(f"is a truncated WAV file: it contains {there:,} of {frames:,} samples")
    if width not in _BITS:
        raise ValueError(f"has {8 * width} bits per sample: WAV files of 8, 16, 24 and 32 bits are read")
    return _BITS[width](content[: there * frame]).reshape(-1, channels), rate


def look_at_pcm(path: Path) -> tuple[int, int, int] | None:
    """Return the length, the number of channels and the sample rate that the header of such a file says: see `read_pcm`."""
    with _opened(path) as recording:
        if recording is None:
            return None
        channels, width, rate, frames = recording.getparams()[:4]
    # No more than the file can contain.
    return min(frames, path.stat().st_size // (width * channels)), channels, rate


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[wave.Wave_read | None]:
    """Open a WAV file of whole numbers; None if it is another file."""
    with open(path, "rb") as file:
        beginning = file.read(12)
    if beginning[:4] != b"RIFF" or beginning[8:] != b"WAVE":
        yield None
        return
    try:
        recording = wave.Wave_read(str(path))
    except wave.Error as error:
        if "unknown format" not in str(error):
            raise ValueError(f"is a damaged WAV file: {error}") from error
        recording = None
    except EOFError as error:
        raise ValueError("is a truncated WAV file: its header is incomplete") from error
    try:
        yield recording
    finally:
        if recording is not None:
            recording.close()


def _read_8_bits(content: bytes) -> np.ndarray:
    return (np.frombuffer(content, "u1").astype("float32") - 128) / 128


def _read_16_bits(content: bytes) -> np.ndarray:
    return np.frombuffer(content, "<i2").astype("float32") / 2**15


def _read_24_bits(content: bytes) -> np.ndarray:
    # Each number becomes the upper three bytes of one of 32 bits.
    padded = np.zeros((len(content) // 3, 4), "u1")
    padded[:, 1:] = np.frombuffer(content, "u1").reshape(-1, 3)
    return _read_32_bits(padded.tobytes())


def _read_32_bits(content: bytes) -> np.ndarray:
    return (np.frombuffer(content, "<i4") / 2**31).astype("float32")


_BITS = {1: _read_8_bits, 2: _read_16_bits, 3: _read_24_bits, 4: _read_32_bits}
