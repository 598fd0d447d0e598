"""Losses between two batches of sounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.audio.mel import Mel
from keras_gans.audio.stft import STFT

# Smallest magnitude: -140 dB of a full-scale sample.
_LEAST = 1e-7


@keras.saving.register_keras_serializable(package="keras_gans")
class MelDistance(keras.losses.Loss):
    """The mean absolute difference of mel spectrograms, which are logarithms: the mean over several kinds of them.

    Spectrograms of one kind leave open what lies between their frames and bands; several frame lengths leave less open.

    Args:
        mels: One `Mel` or several, or their configs.
        reduction: As in Keras.
        name: Name of the loss.
        **kwargs: `dtype`, which has no effect: it computes in float32.

    Call arguments:
        y_true: Sounds of shape `(batch, length, 1)`, longer than half the longest frame.
        y_pred: As many sounds of the same shape.

    Reference: Kong et al. 2020, "HiFi-GAN", equation 5.
    """

    def __init__(
        self,
        mels: Mel | Mapping[str, Any] | Sequence[Mel | Mapping[str, Any]],
        reduction: str = "sum_over_batch_size",
        name: str = "mel_distance",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype="float32")
        several = [mels] if isinstance(mels, Mel | Mapping) else list(mels)
        self.mels = [each if isinstance(each, Mel) else Mel.from_config(each) for each in several]
        if not self.mels:
            raise ValueError("A MelDistance needs at least one Mel.")

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return the distance of each pair, float32 of shape `(batch,)`."""
        distances = [ops.mean(ops.abs(mel(y_true) - mel(y_pred)), axis=(1, 2)) for mel in self.mels]
        return sum(distances) / len(distances)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "reduction": self.reduction, "mels": [mel.get_config() for mel in self.mels]}


@keras.saving.register_keras_serializable(package="keras_gans")
class SpectralDistance(keras.losses.Loss):
    """The distance of magnitude spectra at several frame lengths: spectral convergence and the difference of logarithms.

    Args:
        n_ffts: Frame lengths in samples, which are those of the windows, too. Hops are a quarter of each.
        reduction: As in Keras.
        name: Name of the loss.
        **kwargs: `dtype`, which has no effect: it computes in float32.

    Call arguments:
        y_true: Sounds of shape `(batch, length, 1)`, longer than half the longest frame.
        y_pred: As many sounds of the same shape.

    Reference: Yamamoto et al. 2020, "Parallel WaveGAN", equations 3 to 6; convergence is taken of each sound, not of the batch.
    """

    def __init__(
        self,
        n_ffts: Sequence[int] = (1024, 512, 256),
        reduction: str = "sum_over_batch_size",
        name: str = "spectral_distance",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype="float32")
        self.n_ffts = [int(size) for size in n_ffts]
        self._transforms = [STFT(size, max(1, size // 4), padding="center") for size in self.n_ffts]

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return the distance of each pair, float32 of shape `(batch,)`."""
        total: Any = 0.0
        for transform in self._transforms:
            real, made = (_magnitudes(transform, sounds) for sounds in (y_true, y_pred))
            difference = ops.sqrt(ops.sum(ops.square(real - made), axis=(1, 2)) + _LEAST**2)
            convergence = difference / ops.sqrt(ops.sum(ops.square(real), axis=(1, 2)))
            total = total + convergence + ops.mean(ops.abs(ops.log(real) - ops.log(made)), axis=(1, 2))
        return total / len(self._transforms)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "reduction": self.reduction, "n_ffts": self.n_ffts}


def _magnitudes(transform: STFT, sounds: Tensor) -> Tensor:
    real, imaginary = transform.of_tensor(ops.squeeze(ops.cast(sounds, "float32"), 2))
    # Under the root, whose gradient is infinite at 0.
    return ops.sqrt(ops.maximum(ops.square(real) + ops.square(imaginary), _LEAST**2))
