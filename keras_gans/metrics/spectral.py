"""Distances between the spectra of sounds and of what they should be."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.audio.checks import check_sound_pairs
from keras_gans.audio.mel import Mel
from keras_gans.audio.stft import STFT
from keras_gans.errors import check_count

# Length of a frame, of a hop and of a window, at the rate of the next line; at other rates in proportion.
RESOLUTIONS = ((512, 64, 256), (1024, 128, 512), (256, 32, 128))
_RATE = 8000
_LEAST_POWER = 1e-7

COEFFICIENTS = 13
_BANDS = 40
_FRAME, _HOP = 0.032, 0.008  # seconds
_AUDIBLE = 50.0  # decibels below the loudest frame


def multi_resolution_stft_distance(reference: ArrayLike, sounds: ArrayLike, sample_rate: int) -> np.ndarray:
    """Return the multi-resolution STFT distance of each sound: spectral convergence plus the mean difference of log magnitudes.

    It is the mean over three resolutions. At 8,000 Hz, these are frames of 512, 1,024 and 256 samples, hops of 64, 128 and 32,
    and Hann windows of 256, 512 and 128; at other rates all lengths are in proportion. Powers below 1e-7 count as 1e-7.

    Args:
        reference: What the sounds should be: int16, or floats in [-1, 1], shape `(n, length, 1)` or `(n, length)`.
        sounds: The sounds, of the same shape.
        sample_rate: Samples per second.

    Returns:
        float64 of shape `(n,)`, 0 for equal sounds.

    Raises:
        ValueError: If the shapes differ, values are NaN or infinite, or the sounds are shorter than half of the longest frame.

    Reference: Yamamoto, Song and Kim 2020, "Parallel WaveGAN", section 2.3.
    """
    factor = check_count("sample_rate", sample_rate) / _RATE
    checked = check_sound_pairs(reference, sounds)
    distances = []
    for n_fft, hop, window in RESOLUTIONS:
        frame, step, width = (max(2, round(factor * length)) for length in (n_fft, hop, window))
        stft = STFT(frame, step, width, "center")
        real, fake = (np.sqrt(np.maximum(np.abs(stft(each.astype("float64"))) ** 2, _LEAST_POWER)) for each in checked)
        convergence = np.linalg.norm(real - fake, axis=(1, 2)) / np.linalg.norm(real, axis=(1, 2))
        distances.append(convergence + np.abs(np.log(real) - np.log(fake)).mean(axis=(1, 2)))
    return np.mean(distances, axis=0)


def mel_cepstral_distortion(reference: ArrayLike, sounds: ArrayLike, sample_rate: int) -> np.ndarray:
    """Return the mel-cepstral distortion of each sound in decibels, of frames at the same time.

    The cepstra are cosine transforms of the logarithms of 40 mel bands (frames of 32 ms, hops of 8 ms), of which coefficients
    1 to 13 are compared, so that loudness does not count. Magnitudes below 1e-5 count as 1e-5. Frames in which the reference is
    more than 50 dB below its loudest frame are left out.

    Args:
        reference: What the sounds should be: int16, or floats in [-1, 1], shape `(n, length, 1)` or `(n, length)`.
        sounds: The sounds, of the same shape.
        sample_rate: Samples per second.

    Returns:
        float64 of shape `(n,)`, 0 for equal sounds.

    Raises:
        ValueError: If the shapes differ, or values are NaN or infinite.

    Reference: Kubichek 1993, "Mel-cepstral distance measure for objective speech quality assessment", equation 2.
    """
    rate = check_count("sample_rate", sample_rate)
    mel = Mel(
        rate, max(64, round(_FRAME * rate)), max(1, round(_HOP * rate)), n_mels=_BANDS if rate >= 4000 else 13, floor=1e-7
    )
    real, fake = (mel(each).astype("float64") for each in check_sound_pairs(reference, sounds))
    return cepstral_distances(real, fake)


def cepstral_distances(real: np.ndarray, fake: np.ndarray) -> np.ndarray:
    """Return the mel-cepstral distortion of mel spectrograms (natural logarithms of magnitudes), float64 of shape `(n,)`.

    Args:
        real: Shape `(n, frames, bands)`.
        fake: The same shape.
    """
    bands = real.shape[2]
    angles = np.pi * np.outer(np.arange(bands) + 0.5, np.arange(1, min(COEFFICIENTS, bands - 1) + 1)) / bands
    difference = (real - fake) @ np.cos(angles) * (2 / bands)
    decibels = 10 / np.log(10) * np.sqrt(2 * np.square(difference).sum(axis=2))
    level = 10 * np.log10(np.exp(2 * real).sum(axis=2))
    audible = level >= level.max(axis=1, keepdims=True) - _AUDIBLE
    return (decibels * audible).sum(axis=1) / audible.sum(axis=1)
