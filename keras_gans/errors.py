"""Errors that help."""

import difflib


def no_such(kind: str, given: str, accepted: list[str]) -> str:
    """Returns an error message for a name that does not exist, with the nearest one that does."""
    near = difflib.get_close_matches(given, accepted, n=1, cutoff=0.5)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    return f"There is no {kind} '{given}'.{hint} There are: {', '.join(accepted) or 'none'}."


def check_finite(samples, where=""):
    """Raises ValueError if samples hold NaN or infinity, counting them and naming the first.

    Args:
        samples: NumPy array of floats, shape `(n, ...)`.
        where: Put before the message: what holds the samples.
    """
    import numpy as np

    bad = ~np.isfinite(samples).reshape(len(samples), -1).all(axis=1)
    if bad.any():
        raise ValueError(f"{where}{bad.sum()} samples hold NaN or infinity; the first is number {bad.argmax()}.")


def check_shares(batch_size, devices):
    """Raises ValueError if a batch cannot be shared equally by several devices."""
    if batch_size % devices:
        raise ValueError(
            f"A batch of {batch_size} cannot be shared equally by {devices} devices: choose a batch_size that can be divided."
        )


def check_count(name, value, least):
    """Raises ValueError if a value is no integer of at least `least`."""
    if not (isinstance(value, int) and not isinstance(value, bool) and value >= least):
        raise ValueError(f"{name} must be an integer of at least {least}; received {value!r}.")


def check_weight(name, value):
    """Raises ValueError if a value, which a loss is multiplied by, is below 0 or no number."""
    if not value >= 0.0:
        raise ValueError(f"{name} must be a number of at least 0; received {value!r}.")
