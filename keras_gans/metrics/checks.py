"""The checks of features that all measures share."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.errors import check_finite

# No network returns larger values, and the squares and cubes of these stay far below the limit of float64.
_LARGEST = float(np.finfo(np.float32).max)


def check_features(features: ArrayLike, name: str = "features", least: int = 1, why: str = "") -> np.ndarray:
    """Return features as an array after checking them.

    Args:
        features: Array of real numbers, shape `(n, d)`: one row for each sample.
        name: Name of the features in error messages.
        least: Smallest number of samples accepted.
        why: What needs that many samples, for the error message.

    Returns:
        The same numbers, not copied if they are a NumPy array of integers or floats (bfloat16 becomes float32).

    Raises:
        ValueError: If the shape is not `(n, d)`, there are fewer than `least` rows, or a value is not a real number, NaN,
            infinite or beyond the range of float32.
    """
    features = np.asarray(features)
    if features.dtype.name == "bfloat16":
        features = features.astype(np.float32)
    if features.dtype.kind not in "fiub":
        raise ValueError(f"{name} must hold real numbers, but its dtype is {features.dtype}.")
    if features.ndim != 2 or features.shape[1] == 0:
        raise ValueError(
            f"{name} must have shape (samples, features), but it has {features.shape}. For images, give the features of an "
            "extractor, or the pixels as `images.reshape(len(images), -1)`."
        )
    if len(features) < least:
        raise ValueError(f"{name} holds {len(features)} sample(s), but {why or 'this'} needs at least {least}: give more.")
    # The extremes of an array with NaN are NaN, so these two passes find it without a copy.
    low, high = (float(value) for value in (features.min(), features.max()))
    if not -_LARGEST <= low <= high <= _LARGEST:
        check_finite(features, f"{name}: ")
        raise ValueError(f"{name} runs from {low:g} to {high:g}, beyond the range of float32: the samples have diverged.")
    return features


def check_pair(real: ArrayLike, fake: ArrayLike, least: int = 1, why: str = "") -> tuple[np.ndarray, np.ndarray]:
    """Return the features of real and generated samples as arrays after checking them.

    Args:
        real: Array, shape `(n, d)`.
        fake: Array, shape `(m, d)`.
        least: Smallest number of samples accepted in each set.
        why: What needs that many samples, for the error message.

    Raises:
        ValueError: As `check_features`, and if the rows differ in length.
    """
    real, fake = check_features(real, "real", least, why), check_features(fake, "fake", least, why)
    check_widths(real.shape[1], fake.shape[1])
    return real, fake


def check_widths(first: int, second: int, names: tuple[str, str] = ("real", "fake")) -> None:
    """Raise ValueError if two sets have different numbers of features."""
    if first != second:
        raise ValueError(
            f"{names[0]} has {first} features a sample and {names[1]} has {second}: both must come from the same extractor."
        )
