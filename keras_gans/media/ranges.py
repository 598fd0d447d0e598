"""The range of samples in floating point, which is [-1, 1]. Nothing here copies an array."""

from __future__ import annotations

import warnings

import numpy as np

_TOLERANCE = 1e-3  # for rounding


class RangeWarning(UserWarning):
    """A warning that samples lie in [0, 1] where [-1, 1] is expected."""


def check_range(samples: np.ndarray, what: str, advice: str = "Pass uint8 values, or x / 127.5 - 1.") -> None:
    """Check that samples do not exceed [-1, 1]; samples that are not floats pass.

    Args:
        samples: Array without NaN.
        what: What the message calls them, such as `"Images"`.
        advice: What the message says to do.

    Raises:
        ValueError: If they do.
    """
    if not _has_range(samples):
        return
    largest = float(max(-samples.min(), samples.max()))
    if largest > 1.0 + _TOLERANCE:
        raise ValueError(f"{what} in floating point must lie in [-1, 1]; these reach {largest:g}. {advice}")


def warn_of_half_range(samples: np.ndarray, what: str) -> None:
    """Warn of floats that all lie in [0, 1]: usually images that were divided by 255.

    Args:
        samples: Array without NaN.
        what: What the message calls them, such as `"Images"`.
    """
    if not _has_range(samples):
        return
    lowest, highest = float(samples.min()), float(samples.max())
    if 0.0 <= lowest < highest <= 1.0:
        warnings.warn(
            f"{what} in floating point are expected in [-1, 1]; these lie between {lowest:g} and {highest:g}. If they were "
            "divided by 255, pass 2 * x - 1.",
            RangeWarning,
            stacklevel=2,
        )


def _has_range(samples: np.ndarray) -> bool:
    return samples.size > 0 and np.issubdtype(samples.dtype, np.floating)
