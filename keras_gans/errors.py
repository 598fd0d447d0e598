"""Checks of arguments, and their error messages."""

import difflib
import math
import numbers
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def no_such(kind: str, given: str, accepted: list[str]) -> str:
    """Return an error message for a name that does not exist, with the nearest one that does."""
    near = difflib.get_close_matches(given, accepted, n=1, cutoff=0.5)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    return f"There is no {kind} '{given}'.{hint} There are: {', '.join(accepted) or 'none'}."


def in_words(names: Sequence[str]) -> str:
    """Return names as a sentence lists them, such as `a, b and c`."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def check_finite(samples: "np.ndarray", where: str = "") -> None:
    """Raise an error if samples contain NaN or infinity, with their number and the position of the first.

    Args:
        samples: Floats, shape `(n, ...)`.
        where: What contains the samples; the message starts with it.

    Raises:
        ValueError: If any value is not finite.
    """
    import numpy as np

    # NaN and infinity reach the extremes, which take no memory to find, unlike a mask.
    if not samples.size or (np.isfinite(samples.min()) and np.isfinite(samples.max())):
        return
    bad = ~np.isfinite(samples).reshape(len(samples), -1).all(axis=1)
    raise ValueError(f"{where}{bad.sum()} samples contain NaN or infinity; the first is number {bad.argmax()}.")


def check_shares(batch_size: int, devices: int) -> None:
    """Raise ValueError if a batch cannot be divided equally among several devices."""
    if batch_size % devices:
        raise ValueError(
            f"A batch of {batch_size} cannot be divided equally among {devices} devices: choose a multiple of {devices}."
        )


def check_count(name: str, value: Any, least: int = 1) -> int:
    """Return an integer argument, which may be a NumPy scalar, as a Python integer.

    Args:
        name: What the argument is called.
        value: What was given.
        least: The smallest accepted value.

    Raises:
        ValueError: If the value is not an integer of at least `least`.
    """
    # NumPy registers its integers as `Integral`, so that this module need not import it.
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < least:
        raise ValueError(f"{name} must be an integer of at least {least}; received {value!r}.")
    return int(value)


def check_truncation(value: float) -> float:
    """Return the factor of latents, after checking that it lies from 0 to 1."""
    if not 0 <= value <= 1:
        raise ValueError(f"truncation must be a number from 0 to 1; received {value!r}.")
    return value


def check_weight(name: str, value: Any) -> float:
    """Return the weight of a term of a loss, which may be a NumPy scalar, as a Python number.

    Args:
        name: What the weight is called.
        value: What was given.

    Raises:
        ValueError: If the value is not a finite number of at least 0.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not 0.0 <= float(value) < math.inf:
        raise ValueError(f"{name} must be a number of at least 0; received {value!r}.")
    return value if isinstance(value, int) else float(value)
