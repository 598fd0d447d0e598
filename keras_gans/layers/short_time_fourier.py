"""The short-time Fourier transform and its inverse as layers."""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.audio.stft import STFT


@keras.saving.register_keras_serializable(package="keras_gans")
class ShortTimeFourier(keras.layers.Layer):
    """Maps sounds to their spectra, by multiplications with constant matrices: float32, on every backend and in exports.

    Args:
        n_fft: Length of a frame and of its Hann window.
        hop_length: Samples from one frame to the next.
        **kwargs: As `keras.layers.Layer`, except `dtype`.

    Call arguments:
        inputs: Sounds of shape `(batch, length, 1)`, longer than half a frame. The length may be free.

    Returns:
        Spectra `(batch, frames, n_fft // 2 + 1, 2)`: real and imaginary parts. Frame `t` is centred at sample
        `t * hop_length`; the ends are padded by reflection.
    """

    def __init__(self, n_fft: int, hop_length: int, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.stft = STFT(n_fft, hop_length, padding="center")

    def call(self, inputs: Tensor) -> Tensor:
        """Return the spectra."""
        return ops.stack(self.stft.of_tensor(ops.squeeze(inputs, 2)), axis=-1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the spectra."""
        length = input_shape[1]
        return (input_shape[0], None if length is None else self.stft.frames_of(length), self.stft.bins, 2)

    def get_config(self) -> dict[str, Any]:
        """Return the layer's arguments."""
        return {**super().get_config(), "n_fft": self.stft.n_fft, "hop_length": self.stft.hop_length}


@keras.saving.register_keras_serializable(package="keras_gans")
class InverseShortTimeFourier(keras.layers.Layer):
    """Maps spectra to sounds: a multiplication with a constant matrix, then a sum of overlapping frames.

    Both are operations that every backend and every export has, for any number of frames. The sum consists of shifted
    additions of whole hops, and is divided by that of the squared window.

    Args:
        n_fft: Length of a frame.
        hop_length: Samples from one frame to the next, at most half of `n_fft`.
        win_length: Length of the window, with zeros on both sides; None (default) for `n_fft`.
        **kwargs: As `keras.layers.Layer`, except `dtype`.

    Call arguments:
        inputs: Spectra of shape `(batch, frames, n_fft + 2)`: real parts, then imaginary parts. The number of frames may be
            free.

    Returns:
        float32 sounds of shape `(batch, frames * hop_length, 1)`.

    Raises:
        ValueError: If the hop is longer than half a frame.

    Reference: Siuzdak 2023, "Vocos", section 3.2 (padding "same"); Griffin and Lim 1984, equation 6.
    """

    def __init__(self, n_fft: int, hop_length: int, win_length: int | None = None, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.stft = STFT(n_fft, hop_length, win_length)
        if 2 * self.stft.hop_length > self.stft.n_fft:
            raise ValueError(f"hop_length must be at most half of n_fft={n_fft}; received {hop_length}.")
        # For `keras_gans.applying`: frames on either side on which a sample depends, and samples of a frame.
        self.spatial_reach, self.spatial_scale = self.stft.blocks - 1, self.stft.hop_length
        size = self.stft.n_fft
        turns = np.outer(np.arange(self.stft.bins), np.arange(size)) % size
        # The bins between the first and the last stand for two frequencies.
        weights = np.full((self.stft.bins, 1), 2.0) / size
        weights[0] = 1 / size
        if size % 2 == 0:
            weights[-1] = 1 / size
        rows = np.concatenate([np.cos(2 * np.pi * turns / size), -np.sin(2 * np.pi * turns / size)])
        window, more = self.stft.window, self.stft.blocks * self.stft.hop_length - size
        self._matrix = np.pad(np.tile(weights, (2, 1)) * rows * window, [(0, 0), (0, more)]).astype("float32")
        self._squares = np.pad(window**2, (0, more)).astype("float32")

    def call(self, inputs: Tensor) -> Tensor:
        """Return the sounds."""
        frames = ops.shape(inputs)[1]
        sound = self._add(ops.matmul(inputs, self._matrix), frames)
        squares = self._add(ops.ones_like(inputs[:1, :, :1]) * self._squares, frames)
        left, _ = self.stft.pads
        length = frames * self.stft.hop_length
        return ops.reshape(sound[:, left : left + length] * (1.0 / squares[:, left : left + length]), (-1, length, 1))

    def _add(self, parts: Tensor, frames: Any) -> Tensor:
        """Return the sum of frames `(batch, frames, blocks * hop)` at their places: `(batch, (frames + blocks - 1) * hop)`."""
        hop, blocks = self.stft.hop_length, self.stft.blocks
        total: Any = 0.0
        for block in range(blocks):
            part = parts[:, :, block * hop : (block + 1) * hop]
            total = total + ops.pad(part, [[0, 0], [block, blocks - 1 - block], [0, 0]])
        return ops.reshape(total, (-1, (frames + blocks - 1) * hop))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the sounds."""
        frames = input_shape[1]
        return (input_shape[0], None if frames is None else frames * self.stft.hop_length, 1)

    def get_config(self) -> dict[str, Any]:
        """Return the layer's arguments."""
        settings = {"n_fft": self.stft.n_fft, "hop_length": self.stft.hop_length, "win_length": self.stft.win_length}
        return {**super().get_config(), **settings}
