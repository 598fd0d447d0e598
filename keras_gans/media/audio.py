"""Audio: sounds of one length and sample rate, in [-1, 1] inside models and 16 bits in files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from keras_gans._typing import Shape
from keras_gans.audio.faults import HUM_SHARE, are_clipped, are_silent, hum_shares
from keras_gans.audio.files import as_wav
from keras_gans.audio.folders import read_folder, read_one
from keras_gans.audio.sample_values import FULL_SCALE, to_float, to_int16
from keras_gans.errors import check_count
from keras_gans.media.base import MEDIA, Medium, Recording
from keras_gans.media.pictures import grid
from keras_gans.media.ranges import check_range
from keras_gans.media.sound_page import PageWriter
from keras_gans.media.sounds import ArchiveWriter, WAVFolderWriter, WAVWriter, join
from keras_gans.media.spectrograms import coarse_spectrograms, draw_spectrograms
from keras_gans.media.writers import ArrayWriter, PictureWriter, Writer

SOUNDS = "samples.wav"
_SOUNDS = 10  # in a preset's folder


def _read_folder(path: Path) -> tuple[np.ndarray, Medium]:
    samples, rate = read_folder(path)
    return samples, Audio(samples.shape[1:], rate)


def _read_one(path: Path) -> tuple[np.ndarray, Medium]:
    samples, rate = read_one(path)
    return samples, Audio(samples.shape[1:], rate)


@MEDIA.register("audio")
class Audio(Medium):
    """Sounds of one length, with one channel. They are drawn as mel spectrograms.

    Args:
        sample_shape: The shape of one sound, `(length, 1)`.
        sample_rate: Samples per second.

    Raises:
        ValueError: If the shape or the sample rate is another.
    """

    name = "audio"
    one = "sound"
    many = "sounds"
    writers: ClassVar[Mapping[str, type[Writer]]] = {
        ".wav": WAVWriter,
        "/": WAVFolderWriter,
        ".html": PageWriter,
        ".npy": ArrayWriter,
        ".npz": ArchiveWriter,
        ".png": PictureWriter,
        ".jpg": PictureWriter,
        ".jpeg": PictureWriter,
        ".webp": PictureWriter,
    }
    default_output = SOUNDS
    fault_names = ("silence", "clipping", "hum")
    tiled = True
    readers: ClassVar[Mapping[str, Callable[[Path], Any]]] = {"/": _read_folder, ".wav": _read_one}

    def __init__(self, sample_shape: Shape, sample_rate: int):
        if len(sample_shape) != 2 or sample_shape[1] != 1:
            raise ValueError(f"Sounds have the shape (length, 1); received {tuple(sample_shape)}.")
        super().__init__(sample_shape)
        self.sample_rate = check_count("sample_rate", sample_rate)

    @property
    def length(self) -> int | None:
        """Samples of a sound; None if it is free."""
        return self.sample_shape[0]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "sample_rate": self.sample_rate}

    def builder_arguments(self) -> dict[str, Any]:
        return {"length": self.length, "sample_rate": self.sample_rate}

    def source_options(self) -> dict[str, Any]:
        return {"sample_rate": self.sample_rate, "length": self.length}

    def check(self, samples: np.ndarray) -> None:
        super().check(samples)
        self._check_dtype(str(samples.dtype))
        check_range(samples, "Sounds", "Divide whole numbers by 32768, or pass them as int16.")

    def _check_dtype(self, dtype: str) -> None:
        if dtype != "int16" and "float" not in dtype:
            raise ValueError(f"Sounds must be int16 or floats in [-1, 1]; these are {dtype}.")

    def to_network(self, samples: Any) -> Any:
        """Return a batch as networks take it: float32 in [-1, 1]. Runs in a step's graph.

        Args:
            samples: A tensor of shape `(batch, length, 1)`: floats in [-1, 1], or int16.

        Raises:
            ValueError: If the dtype is another.
        """
        import keras
        from keras import ops

        dtype = keras.backend.standardize_dtype(samples.dtype)
        self._check_dtype(dtype)
        samples = ops.cast(samples, "float32")
        return samples / FULL_SCALE if dtype == "int16" else samples

    def to_float(self, samples: np.ndarray) -> np.ndarray:
        """Return an array of sounds as `to_network` does, but with NumPy."""
        return to_float(samples)

    def to_file(self, samples: np.ndarray) -> np.ndarray:
        """Return sounds as int16. Values beyond [-1, 1] are clipped; int16 is returned unchanged."""
        return to_int16(samples)

    @property
    def drawable(self) -> bool:
        return True

    def describe_difference(self, other: Medium) -> str | None:
        if isinstance(other, Audio) and other.sample_rate != self.sample_rate:
            return f"audio of {other.sample_rate:,} Hz, not {self.sample_rate:,} Hz"
        return super().describe_difference(other)

    def picture(self, samples: np.ndarray, columns: int | None = None) -> np.ndarray:
        """Draw the mel spectrogram of each sound, low frequencies at the bottom."""
        return grid(self.tiles(samples), columns)

    def tiles(self, samples: np.ndarray) -> np.ndarray:
        return draw_spectrograms(self.to_float(np.asarray(samples)), self.sample_rate)

    def shrink(self, samples: np.ndarray) -> np.ndarray:
        """Return coarse mel spectrograms: sounds that seem alike differ in the values of their samples."""
        return coarse_spectrograms(self.to_float(np.asarray(samples)), self.sample_rate)

    def fault_shares(self, samples: np.ndarray) -> dict[str, float]:
        """Return the shares of sounds that are silent, clipped, or mostly a hum: see `keras_gans.audio.faults`."""
        found = are_silent(samples), are_clipped(samples), hum_shares(samples) > HUM_SHARE
        return {name: float(each.mean()) for name, each in zip(self.fault_names, found, strict=True)}

    def record(self, model: Any, n: int = 10, seed: int | None = 0, labels: Any = None) -> Recording:
        conditions = model.conditions_for(n, labels)
        sounds = self.to_file(model.generate(n, seed, conditions=conditions))
        return Recording(as_wav(join(sounds, self.sample_rate), self.sample_rate), self.sample_rate)

    @classmethod
    def usage(cls, labelled: bool = False) -> str:
        return f"{super().usage(labelled)}, at model.medium.sample_rate"

    def preset_files(self, model: Any) -> dict[str, Callable[[Path], None]]:
        def write(path: Path) -> None:
            self.writer(str(path)).write(model, n=_SOUNDS, seed=0)

        return {"samples.png": write, SOUNDS: write}
