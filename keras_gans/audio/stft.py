"""The short-time Fourier transform and its inverse: in NumPy, and forwards in the graph of a step or of an export."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import numpy as np

from keras_gans.errors import check_count, no_such

PADDINGS = ("same", "center")
_TINY = 1e-8  # window sums below it are not divided by


@dataclasses.dataclass(frozen=True)
class STFT:
    """A short-time Fourier transform, with a periodic Hann window.

    Args:
        n_fft: Length of a frame, zero-padded window included.
        hop_length: Samples from one frame to the next, at most `n_fft`.
        win_length: Length of the window, at most `n_fft`; None for `n_fft`.
        padding: How the ends are padded, by reflection: `"same"` so that there are `length // hop_length` frames, as vocoders
            have it, or `"center"` so that frame `t` is centred at sample `t * hop_length`, as librosa has it.

    Raises:
        ValueError: If a value is out of range.
    """

    n_fft: int
    hop_length: int
    win_length: int | None = None
    padding: str = "same"

    def __post_init__(self) -> None:
        for name in ("n_fft", "hop_length"):
            object.__setattr__(self, name, check_count(name, getattr(self, name)))
        window = self.n_fft if self.win_length is None else check_count("win_length", self.win_length)
        object.__setattr__(self, "win_length", window)
        if max(window, self.hop_length) > self.n_fft:
            raise ValueError(
                f"win_length and hop_length must be at most n_fft={self.n_fft}; received {window} and {self.hop_length}."
            )
        if self.padding not in PADDINGS:
            raise ValueError(no_such("padding", str(self.padding), list(PADDINGS)))

    @property
    def pads(self) -> tuple[int, int]:
        """Samples that are added before and after a sound."""
        both = self.n_fft - self.hop_length if self.padding == "same" else 2 * (self.n_fft // 2)
        return both // 2, both - both // 2

    @property
    def bins(self) -> int:
        """Number of frequencies."""
        return self.n_fft // 2 + 1

    @functools.cached_property
    def window(self) -> np.ndarray:
        """The window, float64 of shape `(n_fft,)`, with zeros on both sides if `win_length` is smaller."""
        length = self.win_length or self.n_fft
        hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
        before = (self.n_fft - length) // 2
        return np.pad(hann, (before, self.n_fft - length - before))

    def frames_of(self, length: int) -> int:
        """Return the number of frames of a sound."""
        return (length + sum(self.pads) - self.n_fft) // self.hop_length + 1

    def length_of(self, frames: int) -> int:
        """Return the length of the sound that `inverse` makes of so many frames."""
        return (frames - 1) * self.hop_length + self.n_fft - sum(self.pads)

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Return the transform of sounds.

        Args:
            samples: Floats of shape `(..., length)`.

        Returns:
            Complex numbers of shape `(..., frames, bins)`.

        Raises:
            ValueError: If the sounds are too short to be padded by reflection.
        """
        left, right = self.pads
        self.check_length(samples.shape[-1])
        padded = np.pad(samples, [(0, 0)] * (samples.ndim - 1) + [(left, right)], mode="reflect")
        frames = np.lib.stride_tricks.sliding_window_view(padded, self.n_fft, axis=-1)[..., :: self.hop_length, :]
        return np.fft.rfft(frames * self.window.astype(samples.dtype), axis=-1)

    def of_tensor(self, samples: Any) -> tuple[Any, Any]:
        """Return the transform of a tensor of sounds, by multiplications with constant matrices.

        Args:
            samples: float32 of shape `(batch, length)`. The length may be unknown.

        Returns:
            The real and the imaginary part, float32 of shape `(batch, frames, bins)`.
        """
        from keras import ops

        hop, blocks = self.hop_length, self.blocks
        left, right = self.pads
        x = ops.pad(samples, [[0, 0], [left, right]], mode="reflect") if left or right else samples
        # The matrices have whole blocks of rows; the last of them are zero.
        x = ops.pad(x, [[0, 0], [0, blocks * hop - self.n_fft]])
        count = ops.shape(x)[1] // hop
        x = ops.reshape(x[:, : count * hop], (-1, count, hop))
        frames = count - blocks + 1
        x = ops.concatenate([x[:, block : block + frames] for block in range(blocks)], axis=-1)
        real, imaginary = (ops.matmul(x, matrix) for matrix in self._matrices)
        return real, imaginary

    @property
    def blocks(self) -> int:
        """Number of hops that a frame covers, the last one in part."""
        return -(-self.n_fft // self.hop_length)

    @functools.cached_property
    def _matrices(self) -> tuple[np.ndarray, np.ndarray]:
        """The windowed Fourier transform: its real and its imaginary part, float32 of shape `(rows, bins)`."""
        # Angles are reduced as integers: those of float32 are too coarse.
        turns = np.outer(np.arange(self.n_fft), np.arange(self.bins)) % self.n_fft
        angles = 2 * np.pi * turns / self.n_fft
        window = self.window[:, None]
        more = [(0, self.blocks * self.hop_length - self.n_fft), (0, 0)]
        real, imaginary = (np.pad(window * part, more).astype("float32") for part in (np.cos(angles), -np.sin(angles)))
        return real, imaginary

    def check_length(self, length: int) -> None:
        """Raise ValueError for sounds that are too short to be padded by reflection, or to fill a frame."""
        least = max(max(self.pads) + 1, self.n_fft - sum(self.pads))
        if length < least:
            raise ValueError(f"n_fft={self.n_fft} needs sounds of at least {least} samples; these have {length}.")

    def inverse(self, spectra: np.ndarray) -> np.ndarray:
        """Return the sounds of transforms, or those whose transforms are nearest (least squares).

        Args:
            spectra: Complex numbers of shape `(..., frames, bins)`.

        Returns:
            Floats of shape `(..., length_of(frames))`.

        Reference: Griffin and Lim 1984, "Signal estimation from modified short-time Fourier transform", section II.
        """
        frames = spectra.shape[-2]
        parts = np.fft.irfft(spectra, self.n_fft, axis=-1)
        window = self.window.astype(parts.dtype)
        sums = self._add(np.broadcast_to(window**2, (frames, self.n_fft)))
        sound = self._add(parts * window) / np.where(sums > _TINY, sums, 1)
        left, right = self.pads
        return sound[..., left : sound.shape[-1] - right]

    def _add(self, parts: np.ndarray) -> np.ndarray:
        """Return the sum of frames `(..., frames, n_fft)` at their places."""
        hop, frames, blocks = self.hop_length, parts.shape[-2], self.blocks
        padded = np.pad(parts, [(0, 0)] * (parts.ndim - 1) + [(0, blocks * hop - self.n_fft)])
        total = np.zeros((*parts.shape[:-2], frames + blocks - 1, hop), parts.dtype)
        for block in range(blocks):
            total[..., block : block + frames, :] += padded[..., block * hop : (block + 1) * hop]
        return total.reshape(*parts.shape[:-2], -1)[..., : (frames - 1) * hop + self.n_fft]
