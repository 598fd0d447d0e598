"""How results are put into words and numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

# Smaller numbers without a spread, such as an unbiased distance between equal distributions, are 0 to all digits shown.
_NEGLIGIBLE = 1e-4
# Metrics that are shares of real or generated samples, and what they are of the real row where samples are far from or near it.
_SHARES = ("precision", "recall", "coverage")
_FAR, _NEAR = 0.1, 0.9


def with_spread(mean: float | None, spread: float | None) -> tuple[str, str]:
    """Return a mean and its spread as text, rounded to the precision that the spread allows.

    Args:
        mean: A number, or None.
        spread: Its standard deviation, or None.

    Returns:
        The spread with two significant digits and the mean with as many decimal places. A mean without a spread has four
        significant digits, and is 0.000 below 0.0001. None, NaN and infinity are a dash, with an empty spread.
    """
    if mean is None or not math.isfinite(mean):
        return "\N{EN DASH}", ""
    if spread is None or not math.isfinite(spread):
        return "0.000" if 0 < abs(mean) < _NEGLIGIBLE else _digits(mean, 4), ""
    if spread == 0:
        return _digits(mean, 4), "0"
    places = 1 - math.floor(math.log10(spread))
    if not 0 <= places <= 8:
        return f"{mean:.4g}", f"{spread:.2g}"
    return f"{mean:,.{places}f}", f"{spread:.{places}f}"


def _digits(number: float, significant: int) -> str:
    """Return a number with a few significant digits, in full where that takes few characters."""
    if number == 0 or not _NEGLIGIBLE <= abs(number) < 1e6:
        return f"{number:.{significant}g}"
    return f"{number:,.{max(0, significant - 1 - math.floor(math.log10(abs(number))))}f}"


def summary(result: Mapping[str, Any]) -> str:
    """Return in one line how near a result comes to real samples: `"Far from real samples: recall 0 (real: 0.827)"`.

    The smallest of precision, recall and coverage decides, as a share of the same metric of held-out real samples: below a
    tenth samples are far from real ones, from nine tenths on near them. A result without these has no summary: "".
    """
    real, shares = result.get("real") or {}, []
    for name in _SHARES:
        mean = (result["metrics"].get(name) or {}).get("mean")
        if mean is not None and real.get(name):
            shares.append((mean / real[name], name, mean))
    if not shares:
        return ""
    share, name, mean = min(shares)
    words = "Far from" if share < _FAR else "Near" if share >= _NEAR else "Not yet like"
    return f"{words} real samples: {name} {mean:.3g} (real: {real[name]:.3g})"
