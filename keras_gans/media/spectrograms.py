"""Mel spectrograms of sounds of any sample rate, to be looked at and compared."""

from __future__ import annotations

import functools

import numpy as np

from keras_gans.audio.mel import Mel
from keras_gans.audio.sample_values import to_float

_SECONDS = 0.032  # of a frame: the nearest power of two
_BANDS = 64
_MOST_FRAMES = 128
_RANGE = np.log(10 ** (80 / 20))  # 80 dB below the loudest tone is black
# From silence to the loudest tone: black, violet, red, yellow, white.
_COLOURS = np.array([[0, 0, 8], [70, 15, 110], [200, 50, 80], [255, 190, 60], [255, 255, 240]], "float64")

# Coarse spectrograms, which are compared.
_COARSE_BANDS, _COARSE_FRAMES = 24, 32
# Those from which classes are learnt.
_CLASS_BANDS, _CLASS_FRAMES = 32, 64


def draw_spectrograms(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Draw the mel spectrogram of each sound. A colour means the same loudness in every picture.

    Args:
        samples: Floats in [-1, 1], shape `(n, length, 1)`.
        sample_rate: Samples per second.

    Returns:
        uint8 of shape `(n, 64, frames, 3)`, low frequencies at the bottom, at most about 128 frames.
    """
    levels = _levels(samples, sample_rate, _BANDS, _MOST_FRAMES)
    places = np.linspace(0, 1, len(_COLOURS))
    colours = np.stack([np.interp(levels, places, channel) for channel in _COLOURS.T], axis=-1)
    return np.rint(np.swapaxes(colours, 1, 2)[:, ::-1]).astype("uint8")


def coarse_spectrograms(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return coarse mel spectrograms from 0 (silence) to 1 (the loudest tone): float32 `(n, frames, bands)`."""
    return _levels(samples, sample_rate, _COARSE_BANDS, _COARSE_FRAMES).astype("float32")


def class_spectrograms(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return mel spectrograms from which classes are learnt, from 0 (silence) to 1: float32 `(n, frames, 32)`.

    Args:
        samples: int16, or floats in [-1, 1], shape `(n, length, 1)`.
        sample_rate: Samples per second.
    """
    return _levels(to_float(samples), sample_rate, _CLASS_BANDS, _CLASS_FRAMES).astype("float32")


def _levels(samples: np.ndarray, sample_rate: int, bands: int, most_frames: int) -> np.ndarray:
    mel = _mel(sample_rate, samples.shape[1], bands, most_frames)
    shortest = mel.n_fft // 2 + mel.n_fft // 8
    if samples.shape[1] < shortest:
        samples = np.pad(samples, [(0, 0), (0, shortest - samples.shape[1]), (0, 0)])
    return np.clip(1 + (mel(samples.astype("float32")) - mel.highest) / _RANGE, 0, 1)


@functools.lru_cache(maxsize=8)
def _mel(sample_rate: int, length: int, bands: int, most_frames: int) -> Mel:
    """Return a `Mel` with at most about `most_frames` frames."""
    n_fft = 2 ** max(7, round(np.log2(sample_rate * _SECONDS)))
    hop = max(n_fft // 4, -(-length // most_frames))
    # A frame has no gaps to the next one.
    while n_fft < hop:
        n_fft *= 2
    # Fewer bands where they would be narrower than a frequency of the transform.
    for fewer in (bands, bands // 2, bands // 4):
        try:
            return Mel(sample_rate, n_fft, hop, n_mels=fewer, floor=1e-7)
        except ValueError:
            continue
    raise ValueError(f"Sounds of {sample_rate} Hz cannot be drawn.")
