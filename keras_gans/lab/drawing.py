"""Data that were drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_BLUR = 0.02  # standard deviation, as in GAN Lab (Kahng et al. 2019)
_SAMPLES = 16_384  # points made of drawn ones, as many as other data have


def drawn_samples(points: Sequence[Sequence[float]]) -> np.ndarray:
    """Return 16,384 points around drawn ones, float32 in [-1, 1]; the same each time."""
    rng = np.random.default_rng(0)
    array = np.asarray(points, "float64")
    chosen = array[rng.integers(len(array), size=_SAMPLES)] + _BLUR * rng.standard_normal((_SAMPLES, 2))
    return np.clip(chosen, -1, 1).astype("float32")
