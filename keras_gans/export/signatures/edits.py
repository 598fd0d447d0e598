"""Samples moved along directions in latent space: what the signature `edit` needs besides those of the images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from keras import ops

from keras_gans._typing import Array
from keras_gans.export.signatures.inputs import Input

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel
    from keras_gans.editing import Directions

WEIGHTS, DIRECTIONS_FILE = "weights", "directions.npz"
# The longest way along a direction. Latents lie about the square root of their number of elements away from 0.
_FAR = 100.0


def check_directions(model: AdversarialModel, directions: Directions | None) -> Directions | None:
    """Return directions that are exported with a model.

    Raises:
        ValueError: If they are those of another model, or the model has no signature that moves along them.
    """
    if directions is None:
        return None
    if model.medium.name != "images":
        raise ValueError(f"Directions are exported with image models; this one generates {model.medium.name}.")
    if directions.vectors.shape[1:] != model.latent_shape:
        raise ValueError(
            f"The directions are for latents of shape {directions.vectors.shape[1:]}; those of this model have the shape "
            f"{model.latent_shape}: find them with find_directions(model)."
        )
    return directions


def weights(count: int) -> Input:
    """Return the input for how far each sample is moved along each of `count` directions."""
    return Input(
        WEIGHTS,
        (count,),
        "float32",
        lambda n: _examples(n, count),
        is_valid=lambda given: ops.abs(given) <= _FAR,
        message=f"weights must be numbers from -{_FAR:g} to {_FAR:g}.",
    )


def _examples(n: int, count: int) -> Array:
    """Return a step along each direction in turn, back and forth."""
    steps = np.zeros((n, count), "float32")
    steps[np.arange(n), np.arange(n) % count] = np.resize([2.0, -2.0, 1.0], n)
    return steps
