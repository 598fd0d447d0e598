"""The size of example images for networks that take images of any size, and of the tiles that TFLite files take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import keras

from keras_gans.applying import ReceptiveField, receptive_field
from keras_gans.conditions import Condition, Images
from keras_gans.errors import check_count

if TYPE_CHECKING:
    from collections.abc import Callable

# The side of examples, and the least one of tiles.
_EXAMPLE, _TILE = 32, 128
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
    free = [name for name, told in conditions.items() if isinstance(told, Images) and None in told.shape]
    if not free:
        if wanted not in (None, "tile"):
            raise ValueError("input_size is for models that take images of any size: leave it out, as this one does not.")
        return None
    field = field_of(network)
    multiple, least = (1, 1) if field is None else (field.multiple, field.least)
    if wanted is None or wanted == "tile":
        side = _EXAMPLE if wanted is None else max(_TILE, _CONTEXTS * context_of(field))
        return -(-max(side, least) // multiple) * multiple
    side = check_count("input_size", wanted)
    if side % multiple or side < least:
        raise ValueError(f"This model takes images whose sides are multiples of {multiple}, {least} at least; received {side}.")
    return side


def field_of(network: keras.Model) -> ReceptiveField | None:
    """Return what a network from images to images sees; None if its output has another shape than its input."""
    try:
        return receptive_field(network)
    except ValueError:
        return None


def context_of(field: ReceptiveField | None) -> int:
    """Return the pixels at an inner side of a tile that give no result; 0 if there are no tiles."""
    return 0 if field is None or field.radius is None else -(-field.radius // field.multiple) * field.multiple


def of_side(told: Images, side: int | None) -> Images:
    """Return a condition with sizes that are free replaced by `side`."""
    shape = tuple(side if size is None else size for size in told.shape)
    make: Callable[[tuple[int | None, ...]], Images] = type(told)
    return make(shape)
