"""Reading and writing sound files."""

from __future__ import annotations

import dataclasses
import io
import os
import wave
from pathlib import Path
from typing import Any

import numpy as np

from keras_gans.audio.pcm import look_at_pcm, read_pcm
from keras_gans.audio.resampling import resample
from keras_gans.audio.sample_values import to_int16
from keras_gans.declaration import Declaration
from keras_gans.errors import check_count
from keras_gans.files import replacing

# First bytes of the formats that soundfile reads; MP3 files may also begin with eleven bits of 1.
_HEADS = (b"RIFF", b"RIFX", b"RF64", b"FORM", b"fLaC", b"OggS", b"ID3", b".snd", b"caff")


def read(path: str | os.PathLike, sample_rate: int | None = None) -> tuple[np.ndarray, int]:
    """Read a recording, with several channels mixed into one.

    WAV files of 8, 16, 24 and 32 bits are read by Python's own `wave`; WAV files of floats, FLAC, Ogg, MP3 and what else
    libsndfile reads by `soundfile` (`pip install "keras-gans[audio]"`). The contents of a file tell its format, not its suffix.

    Args:
        path: The file.
        sample_rate: Samples per second to resample to; None for those of the file.

    Returns:
        `(samples, sample_rate)`: float32 of shape `(length, 1)`, in [-1, 1] unless the file holds floats beyond that range, and
        the samples per second.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it cannot be read, is truncated, contains no samples, or contains NaN.
        ImportError: If reading or resampling it needs the extra `audio`.

    Example:

        samples, rate = keras_gans.audio.read("four.wav", sample_rate=8000)
    """
    samples, rate = read_channels(path)
    mono = samples.mean(axis=1, dtype="float32") if samples.shape[1] > 1 else samples[:, 0]
    if sample_rate is not None and sample_rate != rate:
        mono, rate = resample(mono, rate, sample_rate), check_count("sample_rate", sample_rate)
    return mono[:, None], rate


@dataclasses.dataclass(frozen=True)
class Look:
    """What the header of a sound file says.

    Attributes:
        length: Samples of each channel.
        channels: Number of channels.
        sample_rate: Samples per second.
    """

    length: int
    channels: int
    sample_rate: int


def look(path: str | os.PathLike) -> Look:
    """Return what the header of a file says, without reading the samples.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it cannot be read as audio, or contains no samples.
        ImportError: If reading it needs the extra `audio`.
    """
    path = _there(path)
    try:
        found = Look(*(look_at_pcm(path) or _look_by_soundfile(path)))
    except ValueError as error:
        raise ValueError(f"{path} {error}.") from error
    if not found.length:
        raise ValueError(f"{path} contains no samples.")
    return found


def read_channels(path: str | os.PathLike) -> tuple[np.ndarray, int]:
    """Return a recording with all its channels, float32 `(length, channels)`, and its sample rate: see `read`."""
    path = _there(path)
    try:
        samples, rate = read_pcm(path) or _read_by_soundfile(path)
    except ValueError as error:
        raise ValueError(f"{path} {error}.") from error
    if not len(samples):
        raise ValueError(f"{path} contains no samples.")
    if not np.isfinite(samples).all():
        raise ValueError(f"{path} contains NaN or infinity.")
    return samples, rate


def _there(path: str | os.PathLike) -> Path:
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}.")
    if path.stat().st_size == 0:
        raise ValueError(f"{path} is empty.")
    return path


def _read_by_soundfile(path: Path) -> tuple[np.ndarray, int]:
    soundfile = _soundfile(path)
    try:
        return soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise ValueError(f"cannot be read as audio: {error.error_string.rstrip('.')}") from error


def _look_by_soundfile(path: Path) -> tuple[int, int, int]:
    soundfile = _soundfile(path)
    try:
        found = soundfile.info(path)
    except soundfile.LibsndfileError as error:
        raise ValueError(f"cannot be read as audio: {error.error_string.rstrip('.')}") from error
    return found.frames, found.channels, found.samplerate


def _soundfile(path: Path) -> Any:
    try:
        import soundfile
    except ImportError as error:
        with path.open("rb") as file:
            head = file.read(4)
        if not head.startswith(_HEADS) and not (head[:1] == b"\xff" and head[1:2] >= b"\xe0"):
            raise ValueError("cannot be read as audio: it begins like no known format") from None
        raise ImportError(
            f"{path} is not a WAV file of 8 to 32 bits: reading other formats needs soundfile: pip install 'keras-gans[audio]'."
        ) from error
    return soundfile


def as_wav(samples: Any, sample_rate: int) -> bytes:
    """Return the bytes of a WAV file of 16 bits and one channel.

    Args:
        samples: int16, or floats in [-1, 1], of shape `(length,)` or `(length, 1)`. Floats beyond are clipped.
        sample_rate: Samples per second.
    """
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(check_count("sample_rate", sample_rate))
        file.writeframes(_one_channel(samples).astype("<i2").tobytes())
    return content.getvalue()


def write(path: str | os.PathLike, samples: Any, sample_rate: int, declaration: Declaration | None = None) -> None:
    """Write a WAV file of 16 bits and one channel.

    Args:
        path: The file, with the suffix `.wav`. It is replaced if it exists.
        samples: int16, or floats in [-1, 1], of shape `(length,)` or `(length, 1)`. Floats beyond are clipped.
        sample_rate: Samples per second.
        declaration: What the file declares of its origin; None for nothing.

    Raises:
        ValueError: If the suffix or the shape is another, or samples contain NaN.
    """
    if Path(path).suffix.lower() != ".wav":
        raise ValueError(f"{path} must end in .wav: only WAV files are written.")
    content = as_wav(samples, sample_rate)
    with replacing(path) as temporary:
        temporary.write_bytes(content if declaration is None else declaration.into(content))


def _one_channel(samples: Any) -> np.ndarray:
    samples = np.asarray(samples)
    if samples.ndim == 2 and samples.shape[1] == 1:
        samples = samples[:, 0]
    if samples.ndim != 1:
        raise ValueError(f"A sound has the shape (length,) or (length, 1); received {samples.shape}.")
    if samples.dtype != np.int16 and not np.issubdtype(samples.dtype, np.floating):
        raise ValueError(f"A sound is int16 or floats in [-1, 1]; received {samples.dtype}.")
    if not np.isfinite(samples).all():
        raise ValueError("The sound contains NaN or infinity.")
    return to_int16(samples)
