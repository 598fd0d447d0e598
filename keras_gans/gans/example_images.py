"""Example images for models that map images of any size."""

from __future__ import annotations

from collections.abc import Mapping

import keras

from keras_gans._typing import Array
from keras_gans.applying.receptive_field import field_of
from keras_gans.conditions import Condition, Images


def example_images(network: keras.Model, conditions: Mapping[str, Condition], n: int) -> dict[str, Array]:
    """Return `n` example values of every condition by name, images of a free size as large as the network needs them.

    Args:
        network: The network, which may take only multiples of some side.
        conditions: Its conditions by name.
        n: Number of values of each.
    """
    field = field_of(network)
    side = Images.SIDE if field is None else field.side(Images.SIDE)
    sized = {name: told.of_side(side) if isinstance(told, Images) else told for name, told in conditions.items()}
    return {name: condition.examples(n) for name, condition in sized.items()}
