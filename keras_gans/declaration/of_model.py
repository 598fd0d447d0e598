"""The declaration of what a model has made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keras_gans.declaration.declaration import COMPOSITE, GENERATED, Declaration


def declare(model: Any, recipe: Mapping[str, Any] | None = None) -> Declaration:
    """Return the declaration of a model's output, made from latents alone or from a picture or recording of the user's.

    Args:
        model: An `AdversarialModel`. The weights are declared if they are those of a preset or a run folder, unchanged.
        recipe: What makes it again: arguments of `generate`, integers, floats, text, None, and arrays or dicts of these.
    """
    loaded = getattr(model, "loaded_preset", None)
    known = loaded if loaded is not None and loaded.is_of(model) else None
    name, weights = (model.name, "") if known is None else (_without_folders(known.name), known.metadata.sha256)
    source = COMPOSITE if model.latent_shape is None and model.conditions else GENERATED
    return Declaration(source, name, weights).with_recipe(recipe or {})


def _without_folders(name: str) -> str:
    """Return the last part of a path or an address: what comes before may name a user."""
    return name.replace("\\", "/").rstrip("/").rpartition("/")[2]
