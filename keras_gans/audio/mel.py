"""Mel spectrograms: one object that says how they are made, and makes them."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_gans.audio.filters import mel_filters
from keras_gans.audio.griffin_lim import griffin_lim, magnitudes_from_mels
from keras_gans.audio.sample_values import to_float
from keras_gans.audio.stft import STFT
from keras_gans.errors import check_count

# Under a root, whose gradient is infinite at 0: -140 dB of the magnitude of a sample of 1.
_LEAST_POWER = 1e-14
# Sounds whose spectra fit into the cache of a processor together.
_TOGETHER = 8


@dataclasses.dataclass(frozen=True)
class Mel:
    """Says how mel spectrograms are made, and makes them: natural logarithms of magnitudes in bands of Slaney's mel scale.

    Vocoders and the models that feed them must agree on every setting: `check_same` says where two differ. The settings that
    have no argument are the same as those of librosa's defaults and of HiFi-GAN: a periodic Hann window, magnitudes (power
    1), filters of equal area, natural logarithms.

    Args:
        sample_rate: Samples per second.
        n_fft: Length of a frame, in samples.
        hop_length: Samples from one frame to the next.
        win_length: Length of the window; None for `n_fft`.
        n_mels: Number of mel bands.
        fmin: Lower end of the lowest band, in hertz.
        fmax: Upper end of the highest band, in hertz; None for half of the sample rate.
        floor: Smallest magnitude: smaller ones are raised to it before the logarithm is taken.
        padding: `"same"` for `length // hop_length` frames, as HiFi-GAN has it, or `"center"` for one more, as librosa has it.

    Raises:
        ValueError: If a value is out of range, or a band is narrower than the frequencies of `n_fft` and therefore empty.

    Example:

        mel = keras_gans.Mel(8000, n_fft=512, hop_length=128, win_length=400, n_mels=64)
        spectrograms = mel(sounds)         # (batch, 8192, 1) in [-1, 1] -> (batch, 64, 64)
        sounds = mel.inverse(spectrograms)  # Griffin-Lim

    Reference: Kong et al. 2020, "HiFi-GAN", section 2.1; McFee et al. 2015, "librosa".
    """

    sample_rate: int
    n_fft: int = 1024
    hop_length: int = 256
    win_length: int | None = None
    n_mels: int = 80
    fmin: float = 0.0
    fmax: float | None = None
    floor: float = 1e-5
    padding: str = "same"

    def __post_init__(self) -> None:
        rate = check_count("sample_rate", self.sample_rate)
        fmax = rate / 2 if self.fmax is None else float(self.fmax)
        settled = {
            "sample_rate": rate,
            "n_fft": self.stft.n_fft,
            "hop_length": self.stft.hop_length,
            "win_length": self.stft.win_length,
            "n_mels": check_count("n_mels", self.n_mels),
            "fmin": float(self.fmin),
            "fmax": fmax,
            "floor": float(self.floor),
        }
        for name, value in settled.items():
            object.__setattr__(self, name, value)
        if not 0 <= self.fmin < fmax <= rate / 2:
            raise ValueError(
                f"fmin and fmax must be from 0 to half of the sample rate, {rate / 2:g} Hz; received {self.fmin:g} and "
                f"{fmax:g}."
            )
        if not 0 < self.floor < math.inf:
            raise ValueError(f"floor must be a number above 0; received {self.floor:g}.")
        empty = np.flatnonzero(self.filters.max(axis=1) == 0)
        if len(empty):
            raise ValueError(
                f"{len(empty)} of {self.n_mels} mel bands are empty, the first is number {empty[0]}: give fewer n_mels, or a "
                f"larger n_fft than {self.n_fft}."
            )

    # Settings.

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, as values for JSON."""
        return dataclasses.asdict(self)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Mel:
        """Make a `Mel` from what `get_config` returned.

        Raises:
            ValueError: If the config does not fit.
        """
        try:
            return cls(**config)
        except TypeError as error:
            raise ValueError(f"{dict(config)!r} is not the config of a Mel: {error}") from error

    def differences(self, other: Mel) -> dict[str, tuple[Any, Any]]:
        """Return the settings that differ: `{name: (own value, other value)}`."""
        own, others = self.get_config(), other.get_config()
        return {name: (own[name], others[name]) for name in own if own[name] != others[name]}

    def check_same(self, other: Mel, what: str = "the spectrograms") -> None:
        """Check that another `Mel` has the same settings.

        Args:
            other: The other one.
            what: What the message says was made with it.

        Raises:
            ValueError: If a setting differs, naming all that do, with both values.
        """
        found = self.differences(other)
        if found:
            listed = ", ".join(f"{name} is {theirs} and must be {own}" for name, (own, theirs) in found.items())
            raise ValueError(f"The mel spectrograms differ: of {what}, {listed}.")

    @functools.cached_property
    def stft(self) -> STFT:
        """The short-time Fourier transform."""
        return STFT(self.n_fft, self.hop_length, self.win_length, self.padding)

    @functools.cached_property
    def filters(self) -> np.ndarray:
        """The filter bank, float64 of shape `(n_mels, n_fft // 2 + 1)`."""
        fmax = self.sample_rate / 2 if self.fmax is None else self.fmax
        return mel_filters(self.sample_rate, self.n_fft, self.n_mels, self.fmin, fmax)

    @property
    def lowest(self) -> float:
        """The value of silence: the logarithm of `floor`."""
        return math.log(self.floor)

    @functools.cached_property
    def highest(self) -> float:
        """The largest value of a pure tone of amplitude 1."""
        lobe = np.abs(np.fft.fft(self.stft.window))
        tones, bins = np.arange(self.stft.bins)[:, None], np.arange(self.stft.bins)
        # Each tone has a mirror image at negative frequencies.
        spectra = (lobe[(bins - tones) % self.n_fft] + lobe[(bins + tones) % self.n_fft]) / 2
        return math.log((spectra @ self.filters.T).max())

    def frames_of(self, length: int) -> int:
        """Return the number of frames of a sound of so many samples."""
        return self.stft.frames_of(length)

    def length_of(self, frames: int) -> int:
        """Return the number of samples of the sound of so many frames."""
        return self.stft.length_of(frames)

    # Spectrograms.

    def __call__(self, samples: Any) -> Any:
        """Return the mel spectrograms of sounds: an array for an array, a tensor for a tensor.

        Tensors are transformed by multiplications with constant matrices, in the graph of a step or of an export, with a finite
        gradient everywhere.

        Args:
            samples: Sounds of shape `(batch, length)` or `(batch, length, 1)`: floats in [-1, 1], or an int16 array.

        Returns:
            float32 of shape `(batch, frames, n_mels)`.

        Raises:
            ValueError: If the shape is another, or the sounds are shorter than about half a frame.
        """
        shape = tuple(samples.shape)
        if (len(shape) == 3 and shape[2] != 1) or len(shape) not in (2, 3):
            raise ValueError(f"Sounds have the shape (batch, length) or (batch, length, 1); received {shape}.")
        if shape[1] is not None:
            self.stft.check_length(shape[1])
        if isinstance(samples, np.ndarray):
            return self._of_array(to_float(samples).reshape(shape[:2]))
        return self._of_tensor(samples)

    def _of_array(self, samples: np.ndarray) -> np.ndarray:
        magnitudes = np.abs(self.stft(samples)).astype("float32")
        # One product of matrices: a product for each sound is slow where cores are shared.
        bands = magnitudes.reshape(-1, self.stft.bins) @ self.filters.T.astype("float32")
        return np.log(np.maximum(bands, np.float32(self.floor))).reshape(*magnitudes.shape[:2], self.n_mels)

    def _of_tensor(self, samples: Any) -> Any:
        from keras import ops

        x = ops.cast(samples, "float32")
        real, imaginary = self.stft.of_tensor(ops.squeeze(x, 2) if len(x.shape) == 3 else x)
        magnitudes = ops.sqrt(ops.maximum(ops.square(real) + ops.square(imaginary), _LEAST_POWER))
        return ops.log(ops.maximum(ops.matmul(magnitudes, self.filters.T.astype("float32")), self.floor))

    def inverse(self, spectrograms: Any, iterations: int = 32, seed: int | None = 0, momentum: float = 0.99) -> np.ndarray:
        """Return sounds of mel spectrograms by the fast Griffin-Lim algorithm, without learned weights.

        Args:
            spectrograms: Array of shape `(batch, frames, n_mels)`, as `__call__` returns it.
            iterations: Number of iterations, an integer of at least 1.
            seed: Seed of the phases to start from; None starts from zero.
            momentum: Weight of the last change, from 0 to less than 1: see `keras_gans.audio.griffin_lim`.

        Returns:
            float32 in [-1, 1] of shape `(batch, length_of(frames), 1)`; louder sounds are clipped.

        Raises:
            ValueError: If the shape is another.
        """
        mels = np.exp(np.asarray(spectrograms, "float64"))
        if mels.ndim != 3 or mels.shape[2] != self.n_mels:
            raise ValueError(f"Mel spectrograms have the shape (batch, frames, {self.n_mels}); received {mels.shape}.")
        # Values at the floor are silence.
        audible = np.where(mels > self.floor * 1.001, mels, 0)
        sounds = np.zeros((len(mels), self.length_of(mels.shape[1]), 1), "float32")
        for first in range(0, len(mels), _TOGETHER):
            part = slice(first, first + _TOGETHER)
            magnitudes = magnitudes_from_mels(audible[part], self.filters).astype("float32")
            sounds[part, :, 0] = np.clip(griffin_lim(magnitudes, self.stft, iterations, momentum, seed), -1, 1)
        return sounds
