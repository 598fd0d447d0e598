"""Arrays of numbers in few characters of JSON."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

_STEPS = 32_767
_MISSING = -32_768  # stands for NaN and infinity


def encode(values: np.ndarray) -> dict[str, Any]:
    """Return an array of any shape as an object for JSON: `{"bound", "int16"}`.

    A value is `bound / 32767` times the little-endian 16-bit integer in base64; -32768 stands for what is not finite. `bound`
    is 1, or the largest magnitude if that is above 1.
    """
    finite = np.isfinite(values)
    magnitudes = np.abs(values[finite])
    bound = max(1.0, float(magnitudes.max())) if magnitudes.size else 1.0
    # In two steps, so that no number overflows.
    integers = np.where(finite, np.rint(np.where(finite, values, 0).astype("float64") / bound * _STEPS), _MISSING)
    return {"bound": bound, "int16": base64.b64encode(integers.astype("<i2").tobytes()).decode()}


def decode(encoded: dict[str, Any]) -> np.ndarray:
    """Return the flat float64 array that `encode` was given, to within half of `bound / 32767`; NaN for what was not finite.

    Raises:
        ValueError: If it is anything else.
    """
    try:
        integers = np.frombuffer(base64.b64decode(encoded["int16"], validate=True), "<i2")
        values = integers * (float(encoded["bound"]) / _STEPS)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("This is not an array of a frame of the lab.") from error
    return np.where(integers == _MISSING, np.nan, values)


def finite(value: float) -> float | None:
    """Return a number rounded to six digits; None for NaN and infinity, which JSON does not have."""
    return float(f"{value:.6g}") if np.isfinite(value) else None
