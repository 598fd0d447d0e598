"""How wide the holes are that a model for inpainting has learned to fill."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from keras_gans._typing import Array
from keras_gans.data.mask_shapes import SHAPES

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel

# Holes of a kind that are drawn, and the share of them that counts: a few are far deeper, where strokes cross.
_DRAWN, _COMMON = 200, 0.99


def learned_depth(model: AdversarialModel) -> int | None:
    """Return how far the innermost pixel of a hole was from the nearest one outside, at most, in 99 % of training's holes.

    Returns:
        None if that is not known: for models that no preset or run was loaded from, and masks from a folder.
    """
    training = model.loaded_preset.metadata.training if model.loaded_preset is not None else None
    if training is None or training.mask not in SHAPES or not training.image_size:
        return None
    sides = [int(side) for side in str(training.image_size).split("x")[:2]]
    return _deepest(training.mask, (sides[0], sides[-1]))


@functools.cache
def _deepest(kind: str, size: tuple[int, int]) -> int:
    drawn = (SHAPES[kind](np.random.default_rng(number), *size) for number in range(_DRAWN))
    return int(np.quantile([_depth(hole) for hole in drawn], _COMMON))


def _depth(hole: Array) -> int:
    """Return the distance of the innermost pixel of a hole from the nearest one outside, along rows and columns."""
    depth = 0
    while hole.any():
        hole, depth = _eroded(hole), depth + 1
    return depth


def is_deeper(hole: Array, depth: int) -> bool:
    """Whether a hole, bool `(height, width)`, has pixels farther than `depth` from the nearest one outside it."""
    for _ in range(depth):
        hole = _eroded(hole)
    return bool(hole.any())


def _eroded(hole: Array) -> Array:
    """Return a hole without the pixels next to one outside it. What lies beyond the edges of the picture counts as hole."""
    left = hole.copy()
    left[1:] &= hole[:-1]
    left[:-1] &= hole[1:]
    left[:, 1:] &= hole[:, :-1]
    left[:, :-1] &= hole[:, 1:]
    return left
