"""Changing the sample rate."""

from __future__ import annotations

import math

import numpy as np

from keras_gans.errors import check_count


def resample(samples: np.ndarray, from_rate: int, to_rate: int) -> np.ndarray:
    """Return a sound at another sample rate, by a polyphase filter (`scipy.signal.resample_poly`).

    Args:
        samples: Floats of shape `(length, ...)`.
        from_rate: Samples per second.
        to_rate: Samples per second of the result.

    Returns:
        float32 of shape `(ceil(length * to_rate / from_rate), ...)`.

    Raises:
        ImportError: If SciPy is not installed.
        ValueError: If a rate is not an integer of at least 1.
    """
    from_rate, to_rate = check_count("from_rate", from_rate), check_count("to_rate", to_rate)
    samples = np.asarray(samples, "float32")
    if from_rate == to_rate:
        return samples
    try:
        from scipy.signal import resample_poly
    except ImportError as error:
        raise ImportError(
            f"Resampling from {from_rate:,} to {to_rate:,} Hz needs SciPy: pip install 'keras-gans[audio]'."
        ) from error
    common = math.gcd(from_rate, to_rate)
    return resample_poly(samples, to_rate // common, from_rate // common, axis=0).astype("float32")
