"""Arrays of numbers in few characters of JSON."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

_STEPS = 32_767
_MISSING = -32_768  # stands for NaN and infinity
_FIRST = 35  # the code of a difference of 0: a character that JSON does not escape


def encode(values: np.ndarray) -> dict[str, Any]:
    """Return an array of any shape as an object for JSON: `{"bound", "int16"}`.

    A value is `bound / 32767` times the little-endian 16-bit integer in base64; -32768 stands for what is not finite. `bound`
    is 1, or the largest magnitude if that is above 1.
    """
    integers, bound = _quantize(values, _STEPS)
    return {"bound": bound, "int16": base64.b64encode(integers.astype("<i2").tobytes()).decode()}


def encode_coarsely(values: np.ndarray, steps: int, lag: int = 0) -> dict[str, Any]:
    """Return an array as an object for JSON that compresses well: `{"bound", "steps", "lag", "text"}`.

    A value is `bound / steps` times an integer; `-steps - 1` stands for what is not finite. Each character of the text is the
    difference from the integer `lag` places before (the integer itself at the beginning, or everywhere if `lag` is 0):
    its code is 35 plus twice the difference, or 34 minus twice it if it is negative.

    Args:
        values: Numbers, of any shape.
        steps: Steps from 0 to the bound, from 1 to 8,192.
        lag: Distance of the values that are alike, at least 0.
    """
    integers, bound = _quantize(values, steps)
    differences = integers.copy()
    if lag:
        differences[lag:] -= integers[:-lag]
    codes = np.where(differences < 0, -2 * differences - 1, 2 * differences) + _FIRST
    return {"bound": bound, "steps": steps, "lag": lag, "text": "".join(map(chr, codes))}


def decode(encoded: dict[str, Any]) -> np.ndarray:
    """Return the flat float64 array that was encoded, to within half a step; NaN for what was not finite.

    Raises:
        ValueError: If it is anything else.
    """
    try:
        bound = float(encoded["bound"])
        if "text" in encoded:
            steps, integers = int(encoded["steps"]), _sum(encoded["text"], int(encoded["lag"]))
            missing = -steps - 1
            if steps < 1:
                raise ValueError(steps)
        else:
            steps, integers = _STEPS, np.frombuffer(base64.b64decode(encoded["int16"], validate=True), "<i2")
            missing = _MISSING
        values = integers * (bound / steps)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError("This is not an array of a frame of the lab.") from error
    return np.where(integers == missing, np.nan, values)


def finite(value: float) -> float | None:
    """Return a number rounded to six digits; None for NaN and infinity, which JSON does not have."""
    return float(f"{value:.6g}") if np.isfinite(value) else None


def _quantize(values: np.ndarray, steps: int) -> tuple[np.ndarray, float]:
    """Return flat integers from `-steps` to `steps`, `-steps - 1` for what is not finite, and their bound."""
    values = np.asarray(values).reshape(-1)
    finite = np.isfinite(values)
    magnitudes = np.abs(values[finite])
    bound = max(1.0, float(magnitudes.max())) if magnitudes.size else 1.0
    # In two steps, so that no number overflows.
    scaled = np.where(finite, values, 0).astype("float64") / bound * steps
    return np.where(finite, np.rint(scaled), -steps - 1).astype("int64"), bound


def _sum(text: str, lag: int) -> np.ndarray:
    codes = np.array([ord(letter) for letter in text], "int64") - _FIRST
    if lag < 0 or (codes < 0).any():
        raise ValueError(text)
    integers = np.where(codes % 2 == 1, -(codes + 1) // 2, codes // 2)
    for start in range(min(lag, len(integers))):
        integers[start::lag] = np.cumsum(integers[start::lag])
    return integers
