"""How recordings of any length become samples of one length."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from keras_gans.errors import no_such

PLACES = ("start", "centre", "random")
LOUDNESSES = ("none", "peak", "rms")

_PEAK = 0.95  # of full scale
_RMS = 0.1  # -20 dB of full scale
# Frames in which loudness is measured to trim, as shares of a second.
_FRAME, _HOP = 1 / 40, 1 / 160
_QUIET = 1e-3  # peaks below -60 dB of full scale are silence, which is not made louder


@dataclasses.dataclass(frozen=True)
class Placing:
    """How a recording becomes samples of one length.

    Attributes:
        place: `"start"` begins with the recording; `"centre"` has the centre of its energy in the middle; `"random"` is a part
            from a random place each time it is used. Shorter recordings are filled up with silence: at the end, on both sides
            for `"centre"`.
        trim: The quiet beginning and end are cut off where they are so many decibels below the loudest part; None for not.
        loudness: `"peak"` raises or lowers the largest value to 0.95, `"rms"` the root mean square to -20 dB of full scale (at
            most until the largest value is 0.95), `"none"` neither. Silence stays as it is.

    Raises:
        ValueError: If a value is unknown or out of range.
    """

    place: str = "start"
    trim: float | None = None
    loudness: str = "none"

    def __post_init__(self) -> None:
        for name, accepted in (("place", PLACES), ("loudness", LOUDNESSES)):
            if getattr(self, name) not in accepted:
                raise ValueError(no_such(name, str(getattr(self, name)), list(accepted)))
        if self.trim is not None and not 0 < self.trim < 200:
            raise ValueError(f"trim must be a number of decibels between 0 and 200, such as 60; received {self.trim}.")

    @property
    def random_numbers(self) -> int:
        """How many random numbers `cut` takes for each sample."""
        return 1 if self.place == "random" else 0

    def prepare(self, samples: np.ndarray, sample_rate: int) -> np.ndarray:
        """Trim a recording and change its loudness: float32 `(samples,)`."""
        if self.trim is not None:
            samples = _trimmed(samples, sample_rate, self.trim)
        peak = np.abs(samples).max()
        if self.loudness == "none" or peak < _QUIET:
            return samples
        gain = _PEAK / peak
        if self.loudness == "rms":
            gain = min(gain, _RMS / np.sqrt(np.mean(np.square(samples))))
        return samples * np.float32(gain)

    def cut(self, sample: np.ndarray, shape: tuple[int, ...], numbers: Sequence[float] | np.ndarray = (0.5,)) -> np.ndarray:
        """Return a sample of a length.

        Args:
            sample: A recording, shape `(samples, 1)`.
            shape: `(length, 1)`.
            numbers: A random number in [0, 1) for `"random"`.
        """
        length, there = shape[0], len(sample)
        first = 0
        if self.place == "random":
            first = int(numbers[0] * (max(0, there - length) + 1))
        elif self.place == "centre":
            first = _centre(sample) - length // 2
            # Nothing is cut off while there is room on the other side.
            first = min(max(first, 0), there - length) if there >= length else max(min(first, 0), there - length)
        before = max(0, -first)
        part = sample[max(0, first) : max(0, first) + length - before]
        return np.pad(part, [(before, length - before - len(part)), (0, 0)])


def _trimmed(samples: np.ndarray, sample_rate: int, decibels: float) -> np.ndarray:
    frame, hop = max(1, round(_FRAME * sample_rate)), max(1, round(_HOP * sample_rate))
    padded = np.pad(samples, (0, max(0, frame - len(samples))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, frame)[::hop]
    power = np.mean(np.square(frames, dtype="float64"), axis=1)
    loud = np.flatnonzero(power > power.max() * 10 ** (-decibels / 10))
    return samples[loud[0] * hop : loud[-1] * hop + frame] if len(loud) else samples


def _centre(sample: np.ndarray) -> int:
    """Return the position of the centre of the energy of a recording; its middle if it is silent."""
    energy = np.square(sample[:, 0].astype("float64"))
    total = energy.sum()
    return round(float(energy @ np.arange(len(sample))) / total) if total else len(sample) // 2
