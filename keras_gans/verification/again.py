"""Making a sample again from the recipe that a file declares."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from keras_gans.media.sounds import WAVWriter
from keras_gans.media.writers import FolderWriter, PictureWriter, Writer

# A recipe comes from a file, which anyone may have made: it may not ask for more than this.
_MOST_SAMPLES, _LARGEST_SCALE = 10_000, 100


def make_again(model: Any, recipe: Mapping[str, Any], path: Path) -> None:
    """Make the sample of a recipe, or the picture or sound of several, and write it as the library does.

    Args:
        model: The `AdversarialModel`.
        recipe: What a `Declaration` says.
        path: The file, `.png` or `.wav`.

    Raises:
        ValueError: If the recipe cannot be followed, or asks for too much.
    """
    recipe = dict(recipe)
    try:
        kind = next(name for name in ("picture", "joined", "index") if name in recipe)
        value = recipe.pop(kind)
        _check(recipe, model)
        if kind == "index":
            _sample(model, recipe, _number(value, _MOST_SAMPLES - 1), path)
        else:
            writer: Writer = PictureWriter(model.medium, str(path)) if kind == "picture" else WAVWriter(model.medium, str(path))
            if isinstance(writer, PictureWriter):
                writer.scale = max(1, _number(value["scale"], _LARGEST_SCALE))
            writer.declares = False
            writer.write(model, **recipe)
    except (AttributeError, KeyError, OverflowError, StopIteration, TypeError) as error:
        raise ValueError("its recipe cannot be followed: it was made by another version, or changed") from error


def _sample(model: Any, recipe: dict[str, Any], index: int, path: Path) -> None:
    """Write one sample: the last of as many as are needed to come to it."""
    count = index + 1
    told = {name: [value] * count for name, value in recipe.pop("conditions", {}).items()}
    which = {} if "seeds" in recipe else {"n": count}
    *_, last = model.generate_batches(conditions=told, **which, **recipe)
    writer = model.medium.writer("again/")
    assert isinstance(writer, FolderWriter)
    writer.save(path, model.medium.to_file(np.asarray(last[-1:]))[0])


def _check(recipe: Mapping[str, Any], model: Any) -> None:
    """Raise TypeError or ValueError if a recipe has what is unknown, or too much of what is known."""
    known = {"n", "seed", "seeds", "labels", "conditions", *model.medium.sampling_options}
    if set(recipe) - known:
        raise TypeError
    _number(recipe.get("n", 1), _MOST_SAMPLES)
    if len(recipe.get("seeds", ())) > _MOST_SAMPLES:
        raise ValueError("its recipe asks for more samples than are made to compare them")
    if recipe.get("seed") is None and "seeds" not in recipe:
        raise ValueError("its samples were drawn without a seed")


def _number(value: Any, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError
    if value > most:
        raise ValueError("its recipe asks for more samples than are made to compare them")
    return value
