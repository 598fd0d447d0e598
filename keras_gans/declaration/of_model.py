"""The declaration of what a model has made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keras_gans.declaration.declaration import GENERATED, Declaration


def declare(model: Any, recipe: Mapping[str, Any] | None = None, source: str = GENERATED) -> Declaration:
    """Return the declaration of something that a model has made.

    Args:
        model: An `AdversarialModel`. The weights are declared if they are those of a preset or a run folder, unchanged.
        recipe: What makes it again: arguments of `generate`, integers, floats, text, None, and arrays or dicts of these.
        source: IPTC's digital source type.
    """
    loaded = getattr(model, "loaded_preset", None)
    known = loaded if loaded is not None and loaded.is_of(model) else None
    name, weights = (model.name, "") if known is None else (known.name, known.metadata.sha256)
    return Declaration(source, name, weights).with_recipe(recipe or {})
