"""Writers of sounds: WAV files and NumPy archives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gans.audio.files import write
from keras_gans.files import replacing
from keras_gans.media.writers import FolderWriter, Writer, batches_of

if TYPE_CHECKING:
    from keras_gans.media.audio import Audio

PAUSE = 0.5  # seconds between two sounds in one file


def join(sounds: np.ndarray, sample_rate: int, pause: float = PAUSE) -> np.ndarray:
    """Return sounds one after the other with pauses between them.

    Args:
        sounds: Shape `(n, length, 1)`.
        sample_rate: Samples per second.
        pause: Length of a pause, in seconds.

    Returns:
        Shape `(samples,)`, of the same dtype. There is no pause after the last sound.
    """
    silence = round(pause * sample_rate)
    return np.pad(sounds[..., 0], [(0, 0), (0, silence)]).reshape(-1)[: -silence or None]


class WAVWriter(Writer):
    """All sounds in one WAV file, one after the other, with half a second between them."""

    words = "one WAV file with pauses"
    medium: Audio

    def write(self, model: Any, labels: Any = None, batch_size: int = 64, **sampling: Any) -> None:
        batches, *_ = batches_of(model, labels, batch_size, sampling)
        sounds = np.concatenate([self.medium.to_file(batch) for batch in batches])
        declaration = self.declare(model, labels=labels, joined=True, **sampling)
        write(self.path, join(sounds, self.medium.sample_rate), self.medium.sample_rate, declaration)


class WAVFolderWriter(FolderWriter):
    """A WAV file for each sound."""

    words = "a folder of WAV files"
    suffix = ".wav"
    files = "WAV files"
    medium: Audio

    def save(self, path: Path, sample: np.ndarray) -> None:
        write(path, sample, self.medium.sample_rate)


class ArchiveWriter(Writer):
    """A NumPy archive of the sounds `x`, their sample rate, and their classes `y` if there are any."""

    words = "arrays and sample rate"
    medium: Audio

    def write(self, model: Any, labels: Any = None, batch_size: int = 64, **sampling: Any) -> None:
        batches, count, conditions = batches_of(model, labels, batch_size, sampling)
        sounds = np.concatenate([self.medium.to_file(batch) for batch in batches])
        arrays: dict[str, Any] = {"x": sounds, "sample_rate": np.array(self.medium.sample_rate)}
        if "labels" in conditions:
            arrays["y"] = np.broadcast_to(np.asarray(conditions["labels"], "int32"), count)
        with replacing(self.path) as temporary:
            np.savez(temporary, **arrays)
