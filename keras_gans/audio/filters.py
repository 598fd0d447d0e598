"""Mel filter banks, as Slaney's Auditory Toolbox has them and librosa by default."""

from __future__ import annotations

import numpy as np

# Below 1,000 Hz, mels are linear: 15 of them; above, each is this ratio of frequencies.
_HERTZ_PER_MEL = 200 / 3
_BREAK = 1000.0
_LOG_STEP = np.log(6.4) / 27


def hertz_to_mel(hertz: np.ndarray | float) -> np.ndarray:
    """Return frequencies on Slaney's mel scale."""
    hertz = np.asarray(hertz, "float64")
    above = _BREAK / _HERTZ_PER_MEL + np.log(np.maximum(hertz, _BREAK) / _BREAK) / _LOG_STEP
    return np.where(hertz < _BREAK, hertz / _HERTZ_PER_MEL, above)


def mel_to_hertz(mels: np.ndarray | float) -> np.ndarray:
    """Invert `hertz_to_mel`."""
    mels = np.asarray(mels, "float64")
    first = _BREAK / _HERTZ_PER_MEL
    above = _BREAK * np.exp(_LOG_STEP * (np.maximum(mels, first) - first))
    return np.where(mels < first, mels * _HERTZ_PER_MEL, above)


def mel_filters(sample_rate: int, n_fft: int, n_mels: int, fmin: float, fmax: float) -> np.ndarray:
    """Return triangular filters of equal area, evenly spaced in mels.

    Args:
        sample_rate: Samples per second.
        n_fft: Length of a frame.
        n_mels: Number of filters.
        fmin: Lowest frequency, in hertz.
        fmax: Highest frequency, in hertz.

    Returns:
        float64 of shape `(n_mels, n_fft // 2 + 1)`.

    Reference: Slaney 1998, "Auditory Toolbox", technical report 1998-010, Interval Research.
    """
    edges = mel_to_hertz(np.linspace(hertz_to_mel(fmin), hertz_to_mel(fmax), n_mels + 2))
    distances = edges[:, None] - np.fft.rfftfreq(n_fft, 1 / sample_rate)
    widths = np.diff(edges)[:, None]
    rising, falling = -distances[:-2] / widths[:-1], distances[2:] / widths[1:]
    heights = 2 / (edges[2:] - edges[:-2])
    return np.maximum(0, np.minimum(rising, falling)) * heights[:, None]
