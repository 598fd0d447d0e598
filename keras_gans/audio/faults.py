"""Faults of sounds that need no reference: silence, clipping and hum."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.audio.checks import check_sounds
from keras_gans.audio.stft import STFT

SILENT_PEAK = 0.01  # -40 dB of full scale
FULL = 0.999
CLIPPED_SHARE = 0.001
HUM_SHARE = 0.5
_N_FFT = 1024


def are_silent(sounds: ArrayLike) -> np.ndarray:
    """Return which sounds are silent: no value is beyond 0.01 (-40 dB of full scale).

    Args:
        sounds: int16, or floats in [-1, 1], shape `(n, length, 1)` or `(n, length)`.

    Returns:
        bool of shape `(n,)`.

    Raises:
        ValueError: If the shape or dtype is another, or values are NaN or infinite.
    """
    return np.abs(check_sounds(sounds)).max(axis=1) < SILENT_PEAK


def are_clipped(sounds: ArrayLike) -> np.ndarray:
    """Return which sounds are clipped: at least 0.1 % of their values are at or beyond 0.999 of full scale.

    The arguments and errors are those of `are_silent`.
    """
    return np.mean(np.abs(check_sounds(sounds)) >= FULL, axis=1) >= CLIPPED_SHARE


def hum_shares(sounds: ArrayLike) -> np.ndarray:
    """Return the share of the energy of each sound that lies at one frequency during the whole sound.

    A share above 0.5 is a hum or a whistle rather than speech: the spectrum of the whole sound has a single peak (and its
    neighbours, between which a windowed tone spreads). Silent sounds have a share of 0.

    The arguments and errors are those of `are_silent`.

    Returns:
        float64 of shape `(n,)`.
    """
    checked = check_sounds(sounds)
    n_fft = min(_N_FFT, 2 ** int(np.log2(checked.shape[1])))
    if n_fft < 4:
        return np.zeros(len(checked))
    # The median over time: what sounds in one word only is no hum.
    power = np.abs(STFT(n_fft, n_fft // 2)(checked)) ** 2
    lasting = np.median(power, axis=1)
    peaks = np.pad(lasting, [(0, 0), (1, 1)])
    peaks = peaks[:, :-2] + peaks[:, 1:-1] + peaks[:, 2:]
    total = power.mean(axis=1).sum(axis=1)
    found = np.where(are_silent(checked), 0.0, peaks.max(axis=1) / np.maximum(total, 1e-20))
    return np.minimum(found, 1.0)
