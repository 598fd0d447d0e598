"""Recordings as samples of one length."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from keras_gans.audio.files import read_channels
from keras_gans.audio.resampling import resample
from keras_gans.audio.sample_values import to_int16
from keras_gans.data.decoded import DecodedSamples
from keras_gans.data.placing import Placing
from keras_gans.data.skipped import Skipped, UnreadableError

_SILENT = 33  # of int16: -60 dB of full scale


class Recordings(DecodedSamples):
    """Recordings as samples of one length, int16.

    Args:
        names: The files.
        length: Samples of a sound.
        sample_rate: Samples per second of a sound.
        placing: How recordings become sounds of that length.
        lengths: Samples of each recording, before it is trimmed.
        skipped: List to which unreadable recordings are added.
        strict: Whether an unreadable recording is an error.
    """

    options: Placing

    def __init__(
        self,
        names: Sequence[str],
        length: int,
        sample_rate: int,
        placing: Placing,
        lengths: np.ndarray,
        skipped: Skipped,
        strict: bool = False,
    ):
        super().__init__((len(names), length, 1), placing, skipped, strict, "int16")
        self._names, self._rate, self._lengths = names, sample_rate, lengths.copy()
        self._silent: set[int] = set()
        self._clipped: set[int] = set()

    def decode(self, position: int) -> np.ndarray:
        try:
            samples, rate = read_channels(self._names[position])
        except (ValueError, OSError) as error:
            raise UnreadableError(str(error).removeprefix(f"{self._names[position]} ").rstrip(".")) from error
        mono = samples.mean(axis=1, dtype="float32")
        mono = self.options.prepare(resample(mono, rate, self._rate), self._rate)
        if np.abs(mono).max() > 1:
            self._clipped.add(position)
        sound = to_int16(mono)[:, None]
        if np.abs(sound.astype("int32")).max() < _SILENT:
            self._silent.add(position)
        self._lengths[position] = len(sound)
        return sound if self.random_numbers else self.options.cut(sound, self.shape[1:])

    def name(self, position: int) -> str:
        return self._names[position]

    def describe(self, positions: np.ndarray, in_memory: bool) -> list[str]:
        """Return notes of what was done to recordings: what is only known once they are decoded, if they are in memory."""
        lengths, length = self._lengths[positions], self.shape[1]
        shortest, longest = int(lengths.min()), int(lengths.max())
        notes = [
            f"recordings of {shortest:,} to {longest:,} samples ({shortest / self._rate:.2f} to {longest / self._rate:.2f} s) "
            f"at {self._rate:,} Hz became sounds of {length:,} samples ({length / self._rate:.2f} s)"
        ]
        shorter, longer = int((lengths < length).sum()), int((lengths > length).sum())
        if shorter:
            notes.append(f"{shorter:,} of {len(lengths):,} recordings are shorter and were filled up with silence")
        if longer:
            done = "used in parts" if self.random_numbers else "cut"
            notes.append(f"{longer:,} of {len(lengths):,} recordings are longer and were {done}")
        if in_memory:
            rows = set(positions.tolist())
            silent, clipped = self._silent & rows, self._clipped & rows
            notes += [f"{len(silent):,} recordings are silent (below -60 dB), such as {self._first(silent)}"] if silent else []
            if clipped:
                notes.append(f"{len(clipped):,} recordings have values beyond [-1, 1], which were clipped: set loudness=peak")
        return notes

    def _first(self, positions: set[int]) -> str:
        return Path(self._names[min(positions)]).name
