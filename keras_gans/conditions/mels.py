"""Mel spectrograms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_gans.audio.mel import Mel
from keras_gans.conditions.base import CONDITIONS, Condition
from keras_gans.errors import check_finite


@CONDITIONS.register("mels")
class Mels(Condition):
    """A mel spectrogram of any number of frames, given as floats; networks take float32.

    Args:
        mel: The `Mel` that makes them, or its config.
    """

    kind = "mels"
    words = "mel spectrograms"
    free_in_files = True
    # Frames of examples.
    _FRAMES = 32
    # Sums of sounds may be louder than one; logarithms of other bases or floors lie much further out.
    _SLACK = 1.0

    def __init__(self, mel: Mel | Mapping[str, Any]):
        self.mel = mel if isinstance(mel, Mel) else Mel.from_config(mel)

    def get_config(self) -> dict[str, Any]:
        return {"mel": self.mel.get_config()}

    def check(self, values: Any) -> np.ndarray:
        """Return spectrograms as float32.

        Args:
            values: Floats of shape `(n, frames, n_mels)`, or one spectrogram of rank 2, as `mel(sounds)` returns them.

        Raises:
            ValueError: If the shape or the dtype is another, or values lie out of the range of this `Mel`.
        """
        mels, bands = np.asarray(values), self.mel.n_mels
        mels = mels[None] if mels.ndim == 2 else mels
        if mels.ndim != 3 or mels.shape[2] != bands or not mels.shape[1]:
            raise ValueError(
                f"This model takes mel spectrograms of shape (n, frames, {bands}); received {mels.dtype} of shape "
                f"{np.shape(values)}."
            )
        if not np.issubdtype(mels.dtype, np.floating):
            raise ValueError(f"Mel spectrograms are floats; these are {mels.dtype}.")
        check_finite(mels)
        lowest, highest = mels.min(initial=0.0), mels.max(initial=self.mel.lowest)
        if lowest < self.mel.lowest - self._SLACK or highest > self.mel.highest + self._SLACK:
            raise ValueError(
                f"Mel spectrograms of this model lie between {self.mel.lowest:.1f} and {self.mel.highest:.1f}; these reach "
                f"from {lowest:.1f} to {highest:.1f}. They must be natural logarithms of magnitudes, as model.mel makes them."
            )
        return mels.astype("float32")

    def to_network(self, values: Any) -> Any:
        """Return spectrograms as float32.

        Raises:
            ValueError: If the shape or the dtype is wrong.
        """
        import keras
        from keras import ops

        if values.shape[-1] not in (None, self.mel.n_mels):
            raise ValueError(f"This model takes {self.mel.n_mels} mel bands; received {values.shape[-1]}.")
        dtype = keras.backend.standardize_dtype(values.dtype)
        if not keras.backend.is_float_dtype(dtype):
            raise ValueError(f"Mel spectrograms are floats; these are {dtype}.")
        return ops.cast(values, "float32")

    def examples(self, n: int) -> np.ndarray:
        """Return spectrograms of tones with overtones and vibrato over some noise: float32 `(n, frames, n_mels)`."""
        rng, rate = np.random.default_rng(0), self.mel.sample_rate
        seconds = np.arange(self.mel.length_of(self._FRAMES)) / rate
        sounds = np.zeros((n, len(seconds)), "float32")
        for sound in sounds:
            pitch, depth = rng.uniform(80, 300), rng.uniform(0, 0.05)
            phase = 2 * np.pi * pitch * (seconds + depth * np.sin(2 * np.pi * 5 * seconds) / 10)
            overtones = [np.sin(number * phase) / number for number in range(1, 1 + int(0.4 * rate / pitch / 2))]
            sound += 0.3 * np.sum(overtones, axis=0) * np.hanning(len(seconds)) + rng.normal(0, 0.003, len(seconds))
        return self.mel(np.clip(sounds, -1, 1))

    def tiles(self, values: np.ndarray) -> np.ndarray | None:
        """Return the spectrograms as grey images, low bands at the bottom."""
        shares = (values - self.mel.lowest) / (self.mel.highest - self.mel.lowest)
        return np.rint(255 * np.clip(shares, 0, 1)).astype("uint8").transpose(0, 2, 1)[:, ::-1, :, None]

    def spec(self) -> tuple[tuple[int | None, ...], str]:
        return (None, self.mel.n_mels), "float32"
