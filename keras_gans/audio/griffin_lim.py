"""Sounds from magnitudes alone, without learned weights."""

from __future__ import annotations

import numpy as np

from keras_gans.audio.stft import STFT
from keras_gans.errors import check_count

TINY = 1e-12
# Frames after which the phases to start from are repeated.
PHASE_FRAMES = 256


def griffin_lim(
    magnitudes: np.ndarray, stft: STFT, iterations: int = 32, momentum: float = 0.99, seed: int | None = 0
) -> np.ndarray:
    """Return sounds whose spectra have given magnitudes, by the fast Griffin-Lim algorithm.

    Args:
        magnitudes: Floats of at least 0, shape `(..., frames, bins)`.
        stft: The transform of the magnitudes.
        iterations: Number of iterations, an integer of at least 1.
        momentum: Weight of the last change, from 0 (the classic algorithm) to less than 1.
        seed: Seed of the phases to start from; None starts from zero. From zero, sounds are a little worse, and depend more on
            rounding.

    Returns:
        Floats of shape `(..., stft.length_of(frames))` and of the dtype of the magnitudes.

    Raises:
        ValueError: If `iterations` or `momentum` is out of range.

    Reference: Perraudin, Balazs and Søndergaard 2013, "A fast Griffin-Lim algorithm", algorithm 1; Griffin and Lim 1984.
    """
    check_count("iterations", iterations)
    if not 0 <= momentum < 1:
        raise ValueError(f"momentum must be at least 0 and less than 1; received {momentum}.")
    frames, bins = magnitudes.shape[-2:]
    start = np.zeros((frames, bins)) if seed is None else starting_phases(frames, bins, seed)
    kind = np.result_type(magnitudes.dtype, np.complex64)
    phases = np.broadcast_to(np.exp(1j * start).astype(kind), magnitudes.shape)
    share, before = kind.type(momentum / (1 + momentum)), np.zeros_like(phases)
    for _ in range(iterations):
        rebuilt = stft(stft.inverse(magnitudes * phases))
        phases = rebuilt - share * before
        phases /= np.abs(phases) + TINY
        before = rebuilt
    return stft.inverse(magnitudes * phases)


def starting_phases(frames: int, bins: int, seed: int = 0) -> np.ndarray:
    """Return the phases to start from: the same for every sound, so that none depends on how many there are, or how long.

    Args:
        frames: Number of frames. After 256, the phases are repeated.
        bins: Number of frequencies.
        seed: Integer seed.

    Returns:
        float64 from -pi to pi, shape `(frames, bins)`.
    """
    phases = np.random.default_rng(seed).uniform(-np.pi, np.pi, (min(frames, PHASE_FRAMES), bins))
    return np.resize(phases, (frames, bins))


def magnitudes_from_mels(mels: np.ndarray, filters: np.ndarray, iterations: int = 20) -> np.ndarray:
    """Return magnitudes of at least 0 whose mel spectrograms are nearest to given ones (least squares).

    Args:
        mels: Magnitudes in mel bands, floats of at least 0, shape `(..., n_mels)`.
        filters: The filter bank, shape `(n_mels, bins)`.
        iterations: Number of iterations. After 20, the mel magnitudes of speech differ by 0.2 % from the given ones; the
            negative values of the pseudo-inverse, which are cut before, leave 1 %.

    Returns:
        float64 of shape `(..., bins)`.

    Reference: Lee and Seung 2001, "Algorithms for non-negative matrix factorization", section 4, with one factor fixed.
    """
    rows = mels.reshape(-1, mels.shape[-1])
    # The updates multiply: what is 0 would stay 0.
    found = np.maximum(rows @ np.linalg.pinv(filters).T, 1e-3 * rows.mean(axis=-1, keepdims=True))
    wanted = rows @ filters
    for _ in range(iterations):
        # Numbers that are too small to be normal are slow.
        found = np.maximum(found * wanted / ((found @ filters.T) @ filters + TINY), TINY)
    return found.reshape(*mels.shape[:-1], -1)
