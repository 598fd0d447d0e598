"""Shapes of which some sizes are free."""

from collections.abc import Sequence


def fits(shape: Sequence[int | None], wanted: Sequence[int | None]) -> bool:
    """Return whether a shape is the one that is wanted, of which sizes of None are free."""
    return len(shape) == len(wanted) and all(free in (None, size) for size, free in zip(shape, wanted, strict=True))
