"""The values of audio samples: float32 in [-1, 1] in models, int16 in files."""

from __future__ import annotations

from typing import Any

import numpy as np

# As libsndfile, SciPy and TensorFlow have it: the largest value, 32,767, is slightly less than 1.
FULL_SCALE = 32768


def to_int16(samples: Any) -> np.ndarray:
    """Return floats in [-1, 1] as int16, rounded to the nearest. Values beyond are clipped; int16 is returned unchanged."""
    samples = np.asarray(samples)
    if samples.dtype == np.int16:
        return samples
    return np.clip(np.rint(samples * np.float32(FULL_SCALE)), -FULL_SCALE, FULL_SCALE - 1).astype("int16")


def to_float(samples: Any) -> np.ndarray:
    """Return int16 samples as float32 in [-1, 1); floats stay as they are, as float32."""
    samples = np.asarray(samples)
    if samples.dtype == np.int16:
        return samples.astype("float32") / FULL_SCALE
    return samples.astype("float32", copy=False)
