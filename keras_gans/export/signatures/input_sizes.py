"""The size of example images for networks that take images of any size, and of the tiles that TFLite files take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import keras

from keras_gans.applying.receptive_field import ReceptiveField, field_of
from keras_gans.conditions import Condition, Images
from keras_gans.errors import check_count

# The least side of tiles.
_TILE = 128
# The side of a tile for the pixels around its result on one side: a quarter of the work is for the result, at least.
_CONTEXTS = 4

InputSize = int | Literal["tile"] | None


def input_side(network: keras.Model, conditions: Mapping[str, Condition], wanted: InputSize) -> int | None:
    """Return the side of images where it is free; None if no condition is an image of free size.

    Args:
        network: The network, which may take only multiples of some side.
        conditions: Its conditions by name.
        wanted: A side; `"tile"` for one that suits tiles; None for a small one.

    Raises:
        ValueError: If the network does not take images of that size.
    """
    if not any(isinstance(told, Images) and told.is_free for told in conditions.values()):
        if wanted not in (None, "tile"):
            raise ValueError("input_size is for models that take images of any size: leave it out, as this one does not.")
        return None
    field = field_of(network)
    if wanted is None or wanted == "tile":
        side = Images.SIDE if wanted is None else max(_TILE, _CONTEXTS * context_of(field))
        return side if field is None else field.side(side)
    side = check_count("input_size", wanted)
    if field is not None and side != field.side(side):
        raise ValueError(
            f"This model takes images whose sides are multiples of {field.multiple}, {field.least} at least; received {side}."
        )
    return side


def context_of(field: ReceptiveField | None) -> int:
    """Return the pixels at an inner side of a tile that give no result; 0 if there are no tiles."""
    return 0 if field is None or field.radius is None else -(-field.radius // field.multiple) * field.multiple
