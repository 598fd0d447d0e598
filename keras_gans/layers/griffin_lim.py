from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.audio.griffin_lim import PHASE_FRAMES, TINY, starting_phases
from keras_gans.audio.mel import Mel
from keras_gans.errors import check_count
from keras_gans.layers.short_time_fourier import InverseShortTimeFourier

# Updates of magnitudes, as many as `keras_gans.audio` takes.
_UPDATES = 20


@keras.saving.register_keras_serializable(package="keras_gans")
class GriffinLim(keras.layers.Layer):
    """Maps mel spectrograms to sounds by the fast Griffin-Lim algorithm: a vocoder without weights, also in exports.

    It is `Mel.inverse` with the same arguments in a graph. Rounding errors grow in the iterations, and faster the larger the
    momentum: with 0.3, few sounds of speech differ by more than 1e-4 from those of `Mel.inverse`; with 0.99 a quarter
    does.

    Args:
        mel: The `Mel` of the spectrograms, or its config. Its padding is `"same"`.
        iterations: Number of iterations, an integer of at least 1. Default 64.
        momentum: Weight of the last change, from 0 to less than 1. Default 0.3.
        **kwargs: As `keras.layers.Layer`, except `dtype`.

    Call arguments:
        inputs: Mel spectrograms of shape `(batch, frames, n_mels)`. The number of frames may be free.

    Returns:
        float32 sounds of shape `(batch, frames * hop_length, 1)`, clipped to [-1, 1].

    Raises:
        ValueError: If the padding is another, or a number is out of range.

    Reference: Perraudin, Balazs and Søndergaard 2013, "A fast Griffin-Lim algorithm", algorithm 1.
    """

    # Every iteration reaches further.
    spatial_reach = None

    def __init__(self, mel: Mel | Mapping[str, Any], iterations: int = 64, momentum: float = 0.3, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.mel = mel if isinstance(mel, Mel) else Mel.from_config(mel)
        if self.mel.padding != "same":
            raise ValueError(f"GriffinLim needs a Mel with padding='same'; received '{self.mel.padding}'.")
        self.iterations, self.momentum = check_count("iterations", iterations), float(momentum)
        if not 0 <= self.momentum < 1:
            raise ValueError(f"momentum must be at least 0 and less than 1; received {momentum}.")
        self.spatial_scale = self.mel.hop_length
        stft = self.mel.stft
        self._inverse = InverseShortTimeFourier(stft.n_fft, stft.hop_length, stft.win_length)
        self._filters = self.mel.filters.astype("float32")
        self._pseudo_inverse = np.linalg.pinv(self.mel.filters).T.astype("float32")
        self._both = (self.mel.filters.T @ self.mel.filters).astype("float32")
        phases = starting_phases(PHASE_FRAMES, stft.bins)
        self._start = np.stack([np.cos(phases), np.sin(phases)]).astype("float32")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Build the inverse transform."""
        self._inverse.build((*input_shape[:2], self.mel.n_fft + 2))

    def call(self, inputs: Tensor) -> Tensor:
        """Return the sounds."""
        magnitudes = self._magnitudes(inputs)
        frames = ops.arange(ops.shape(magnitudes)[1], dtype="int32") % PHASE_FRAMES
        cosines, sines = (ops.take(part, frames, axis=0) for part in self._start)
        silence = ops.zeros_like(magnitudes)
        share = self.momentum / (1 + self.momentum)

        def update(_: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            real, imaginary, *before = state
            rebuilt = self.mel.stft.of_tensor(self._sound(real, imaginary)[..., 0])
            real, imaginary = (now - share * then for now, then in zip(rebuilt, before, strict=True))
            scale = magnitudes * ops.rsqrt(ops.square(real) + ops.square(imaginary) + TINY)
            return real * scale, imaginary * scale, *rebuilt

        # A loop of the graph: unrolled, an export would hold the matrices once for each iteration.
        start = magnitudes * cosines, magnitudes * sines, silence, silence
        real, imaginary, *_ = ops.fori_loop(0, self.iterations, update, start)
        return ops.clip(self._sound(real, imaginary), -1.0, 1.0)

    def _magnitudes(self, mels: Tensor) -> Tensor:
        """Return magnitudes whose mel spectrograms are nearest to given ones: see `keras_gans.audio.griffin_lim`."""
        rows = ops.exp(ops.cast(mels, "float32"))
        # Values at the floor are silence.
        rows = ops.where(rows > self.mel.floor * 1.001, rows, 0.0)
        found = ops.maximum(ops.matmul(rows, self._pseudo_inverse), 1e-3 * ops.mean(rows, axis=-1, keepdims=True))
        wanted = ops.matmul(rows, self._filters)

        def update(_: Tensor, found: Tensor) -> Tensor:
            return ops.maximum(found * wanted / (ops.matmul(found, self._both) + TINY), TINY)

        return ops.fori_loop(0, _UPDATES, update, found)

    def _sound(self, real: Tensor, imaginary: Tensor) -> Tensor:
        return self._inverse(ops.concatenate([real, imaginary], axis=-1))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the sounds."""
        frames = input_shape[1]
        return (input_shape[0], None if frames is None else frames * self.mel.hop_length, 1)

    def get_config(self) -> dict[str, Any]:
        """Return the layer's arguments."""
        return {
            **super().get_config(),
            "mel": self.mel.get_config(),
            "iterations": self.iterations,
            "momentum": self.momentum,
        }
