"""The checks of sounds that all measures of them share."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.audio.sample_values import to_float
from keras_gans.errors import check_finite


def check_sounds(sounds: ArrayLike, name: str = "sounds") -> np.ndarray:
    """Return sounds as float32 of shape `(n, length)` after checking them.

    Args:
        sounds: int16, or floats in [-1, 1], of shape `(n, length)` or `(n, length, 1)`.
        name: Their name in error messages.

    Raises:
        ValueError: If the shape or dtype is another, or values are NaN or infinite.
    """
    sounds = np.asarray(sounds)
    if sounds.ndim == 3 and sounds.shape[2] == 1:
        sounds = sounds[..., 0]
    if sounds.ndim != 2 or 0 in sounds.shape:
        raise ValueError(f"{name} must have shape (n, length) or (n, length, 1), but it has {sounds.shape}.")
    if sounds.dtype != np.int16 and sounds.dtype.kind != "f":
        raise ValueError(f"{name} must be int16 or floats in [-1, 1]; received {sounds.dtype}.")
    sounds = to_float(sounds)
    check_finite(sounds, f"Among {name}, ")
    return sounds


def check_sound_pairs(reference: ArrayLike, sounds: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return sounds and what they should be, both checked: see `check_sounds`.

    Raises:
        ValueError: If their shapes differ.
    """
    checked = check_sounds(reference, "reference"), check_sounds(sounds)
    if checked[0].shape != checked[1].shape:
        raise ValueError(f"reference and sounds must have the same shape; received {checked[0].shape} and {checked[1].shape}.")
    return checked
