"""Presets at a strength: `NAME@0.5` is half-way between the weights before and after adversarial training."""

from __future__ import annotations

import contextlib
from typing import Any


def load(name: str) -> Any:
    """Return the model of a preset or run folder, at the strength that follows an @ in its name.

    Raises:
        ValueError: If the model has no strength, or the number is out of range.
    """
    from keras_gans import presets

    place, strength = _split(name)
    model = presets.find_preset(place).load()
    if strength is not None:
        if not hasattr(model, "strength"):
            raise ValueError(f"{place} is a {type(model).__name__}, which has no strength: leave out @{strength:g}.")
        model.strength = strength
    return model


def _split(name: str) -> tuple[str, float | None]:
    """Return the preset and the strength; None where no number follows the @, as in `hf://owner/name@v1`."""
    place, at, strength = name.rpartition("@")
    with contextlib.suppress(ValueError):
        return (place, float(strength)) if at else (name, None)
    return name, None
