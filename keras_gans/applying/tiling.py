"""Networks applied to large images in parts, with exactly the result of the whole image."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, Literal, NamedTuple

import numpy as np

from keras_gans._typing import Array
from keras_gans.applying.receptive_field import ReceptiveField
from keras_gans.errors import check_count

# Megabytes for one tile if nothing is given.
MEMORY = 256
# Backends copy what they compute with, so that a tile takes this many times the memory of its tensors.
_COPIES = 2.0
# Memory for a tile of a network that sees far, for that of the smallest tile: much of a small one would be computed twice.
_FAR = 2.0
# Fewest pixels along a side of which a tile gives the result.
_FEWEST = 16
# Pictures with fewer pixels along a side are continued, as a network that learned from larger ones would see mostly padding.
_SMALL = 8

Edges = Literal["reflect", "wrap"]


class Span(NamedTuple):
    """A part of one axis: where the tile starts, and which of its pixels give the result."""

    start: int
    first: int
    last: int


def spans(side: int, tile: int, context: int) -> list[Span]:
    """Return how tiles of one size cover an axis.

    The first and the last tile end with the axis, where the network's own padding acts as on the whole image. Elsewhere, pixels
    nearer than `context` to the end of a tile are left to its neighbour.

    Args:
        side: Number of pixels.
        tile: Number of pixels of a tile, at most `side`.
        context: Pixels at an inner end of a tile that give no result.
    """
    found = []
    covered = 0
    while covered < side:
        start = min(max(covered - context, 0), side - tile)
        end = side if start + tile == side else start + tile - context
        found.append(Span(start, covered, end))
        covered = end
    return found


def apply_in_tiles(
    run: Callable[[Array], Array], image: Array, field: ReceptiveField, tile: tuple[int, int], edges: Edges | None = None
) -> Iterator[tuple[int, Array]]:
    """Yield the result of a network for an image in bands of rows, from the top, as they are ready.

    Args:
        run: The network: maps tiles `(1, height, width, channels)` of the image's dtype to results `(1, scale * height,
            scale * width, channels)` of any dtype.
        image: Array `(height, width, channels)`.
        field: What the network sees.
        tile: Height and width of the parts that the network is given, as `tile_size` returns them.
        edges: What lies beyond the image: None for the network's own padding (zeros, mostly), `reflect`, or `wrap` for textures
            that are repeated.

    Yields:
        The number of rows before the band, and the band: `(rows, scale * width, channels)`.
    """
    height, width = image.shape[:2]
    context = _round_up(field.radius or 0, field.multiple)
    margin = context if edges else 0
    image = _extended(image, field, margin, edges)
    rows, columns = image.shape[:2]
    wanted_rows, wanted_columns = (margin, margin + height), (margin, margin + width)
    for down in spans(rows, min(tile[0], rows), context):
        top, bottom = _clipped(down, wanted_rows)
        if top == bottom:
            continue
        band: Any = None
        for across in spans(columns, min(tile[1], columns), context):
            left, right = _clipped(across, wanted_columns)
            if left == right:
                continue
            part = image[down.start : down.start + tile[0], across.start : across.start + tile[1]]
            made = run(part[None])[0]
            made = made[
                _scaled(top - down.start, field.scale) : _scaled(bottom - down.start, field.scale),
                _scaled(left - across.start, field.scale) : _scaled(right - across.start, field.scale),
            ]
            if band is None:
                band = np.empty((made.shape[0], _scaled(width, field.scale), made.shape[-1]), made.dtype)
            begin = _scaled(left - margin, field.scale)
            band[:, begin : begin + made.shape[1]] = made
        yield _scaled(top - margin, field.scale), band


def _clipped(span: Span, wanted: tuple[int, int]) -> tuple[int, int]:
    first, last = max(span.first, wanted[0]), min(span.last, wanted[1])
    return (first, last) if first < last else (first, first)


def _scaled(count: int, scale: Fraction) -> int:
    """Return a number of pixels of the output; of a smaller output, pixels that are only partly covered count."""
    return math.ceil(count * scale)


def _round_up(count: int, multiple: int) -> int:
    return -(-count // multiple) * multiple


def _extended(image: Array, field: ReceptiveField, margin: int, edges: Edges | None) -> Array:
    """Return an image with margins, and by reflection made large enough for the network, a whole multiple of what it takes."""
    if margin:
        image = np.pad(image, ((margin, margin), (margin, margin), (0, 0)), "wrap" if edges == "wrap" else "reflect")
    more = [
        max(least, _round_up(side, field.multiple)) - side
        for side, least in zip(image.shape[:2], smallest_sides(field), strict=True)
    ]
    return np.pad(image, ((0, more[0]), (0, more[1]), (0, 0)), "reflect") if any(more) else image


def tile_size(
    field: ReceptiveField,
    height: int,
    width: int,
    tile: int | Literal["auto"] = "auto",
    memory: int | None = None,
    edges: Edges | None = None,
) -> tuple[int, int]:
    """Return the height and width of the parts in which a network is applied to an image.

    Args:
        field: What the network sees.
        height: Height of the image.
        width: Its width.
        tile: Side of the part of the image whose result is computed at a time, without the pixels around it that the network
            sees as well; `auto` for as much as `memory` permits.
        memory: Megabytes that a tile may take, as estimated from the graph; None for 256, and for an image that cannot be
            divided for all that the machine has.
        edges: As in `apply_in_tiles`.

    Raises:
        ValueError: If the network cannot be applied to parts of an image, and a tile or the memory are too small for the whole;
            or if the memory is too small for any tile.
    """
    context = _round_up(field.radius or 0, field.multiple)
    margin = 2 * context if edges else 0
    whole = [
        max(least, _round_up(side + margin, field.multiple))
        for side, least in zip((height, width), smallest_sides(field), strict=True)
    ]
    if field.radius is None:
        check_divisible(field, tile, edges)
        _check_whole(field, whole, memory)
        return whole[0], whole[1]
    if tile != "auto":
        side = _round_up(check_count("tile", tile), field.multiple) + 2 * context
        sides = [fixed or side for fixed in field.size]
    else:
        sides = _sides_for(field, whole, memory, context)
    if not takes_parts(field) and (whole[0] > sides[0] or whole[1] > sides[1]):
        raise ValueError(
            f"The network takes images of {field.size[0]}x{field.size[1]} pixels and sees {field.radius} in each direction: "
            "larger images cannot be computed in parts."
        )
    return min(sides[0], whole[0]), min(sides[1], whole[1])


def smallest_sides(field: ReceptiveField) -> tuple[int, int]:
    """Return the height and width to which smaller pictures are continued by reflection."""
    small = _round_up(_SMALL, field.multiple) if field.radius else 1
    height, width = (max(field.least, small if fixed is None else fixed) for fixed in field.size)
    return height, width


def takes_parts(field: ReceptiveField) -> bool:
    """Whether a network can be applied to parts of larger images."""
    if field.radius is None:
        return False
    context = _round_up(field.radius, field.multiple)
    return all(side is None or side > 2 * context for side in field.size)


def check_divisible(field: ReceptiveField, tile: int | Literal["auto"] = "auto", edges: Edges | None = None) -> None:
    """Raise ValueError if tiles or margins are asked of a network that must see the whole image."""
    if field.radius is not None:
        return
    if tile != "auto":
        raise ValueError(
            f"This model cannot be applied in tiles, because of the layer {field.problems[0]}. Leave out the tile size."
        )
    if edges is not None:
        raise ValueError(
            f"edges='{edges}' is for models that can be applied in tiles, unlike this one: the layer {field.problems[0]}."
        )


def _check_whole(field: ReceptiveField, whole: Sequence[int], memory: int | None) -> None:
    """Raise ValueError if an image that must be computed as a whole takes more memory than is allowed."""
    needed = needed_megabytes(field, whole[0], whole[1])
    limit = "of this machine" if memory is None else "allowed"
    allowed = _physical_megabytes() if memory is None else memory
    if needed > allowed:
        raise ValueError(
            f"An image of {whole[0]}x{whole[1]} pixels takes about {needed:,.0f} MB, more than the {allowed:,.0f} MB {limit}, "
            f"and this model cannot be applied in tiles, because of the layer {field.problems[0]}. Make the image smaller, or "
            "allow more memory."
        )


def _physical_megabytes() -> float:
    """Return the memory of this machine; infinity where it is unknown."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (AttributeError, ValueError, OSError):
        return math.inf


def needed_megabytes(field: ReceptiveField, height: int, width: int) -> float:
    """Return about how many megabytes a network takes for an image of some size."""
    return height * width * field.bytes_per_pixel * _COPIES / 1e6


def _sides_for(field: ReceptiveField, whole: list[int], memory: int | None, context: int) -> list[int]:
    """Return the height and width of the largest tile, about square, for some megabytes of memory."""
    least = _round_up(_FEWEST, field.multiple) + 2 * context
    if memory is None:  # networks that see far need more than is usual
        memory = int(min(max(MEMORY, needed_megabytes(field, least, least) * _FAR), max(MEMORY, _physical_megabytes())))
    area = memory * 1e6 / max(1.0, field.bytes_per_pixel * _COPIES)
    fixed_height, fixed_width = field.size
    width = fixed_width or min(whole[1], _round_down(math.isqrt(int(area)), field.multiple))
    height = fixed_height or min(whole[0], _round_down(int(area / max(1, width)), field.multiple))
    smallest = [fixed or min(least, side) for fixed, side in zip(field.size, whole, strict=True)]
    if height < smallest[0] or width < smallest[1]:
        needed = needed_megabytes(field, *smallest)
        raise ValueError(
            f"The smallest tile of this model takes about {math.ceil(needed):,} MB, because each pixel depends on "
            f"{field.radius} in each direction; {memory:,} MB are allowed. Allow more memory (memory=)."
        )
    return [height, width]


def _round_down(count: int, multiple: int) -> int:
    return count // multiple * multiple
