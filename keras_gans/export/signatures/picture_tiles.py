"""A network applied to one picture in a graph: in exact tiles, as `keras_gans.applying` does it in Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from keras_gans._typing import Tensor
from keras_gans.applying import ReceptiveField
from keras_gans.applying.tiling import needed_megabytes, smallest_sides, takes_parts, tile_size

# What a server may be asked for: pixels of a picture, and of its output.
_MOST_PIXELS, _MOST_MADE = 2**22, 2**24
# Megabytes for a picture that cannot be computed in parts.
_MOST_MEMORY = 1024
# A side that is larger than every tile.
_LARGE = 2**14

Run = Callable[[Tensor], Tensor]


def most_pixels(field: ReceptiveField) -> int:
    """Return how many pixels a picture may have, by the size of the output and, where there are no tiles, by memory."""
    most = min(_MOST_PIXELS, int(_MOST_MADE / field.scale**2))
    if field.radius is not None or field.size != (None, None):
        return most
    return min(most, int(_MOST_MEMORY / needed_megabytes(field, 1, 1)))


def apply_to_picture(run: Run, image: Tensor, field: ReceptiveField, channels: Any) -> Tensor:
    """Return what a network makes of a picture of any size.

    Sides that the network does not take are continued by reflection. A network of one size that sees the whole picture gets it
    resized, and its output is resized back.

    Args:
        run: Maps tiles `(1, height, width, channels)` of the image's dtype to uint8 `(1, scale * height, scale * width, made)`.
        image: uint8 `(height, width, channels)`.
        field: What the network sees.
        channels: Number of channels of the output, an integer or a tensor.

    Returns:
        uint8 `(scale * height, scale * width, made)`.
    """
    import tensorflow as tf

    sides = tf.shape(image)[:2]
    if field.size != (None, None) and not takes_parts(field):
        fixed = [side if given is None else given for side, given in zip(tf.unstack(sides), field.size, strict=True)]
        return resize(run(resize(image, fixed)[None])[0], _scaled(sides, field))
    image = _continued(image, tf.maximum(smallest_sides(field), -(-sides // field.multiple) * field.multiple))
    whole = run(image[None])[0] if field.radius is None else _in_tiles(run, image, field, channels)
    wanted = _scaled(sides, field)
    return whole[: wanted[0], : wanted[1]]


def resize(image: Tensor, sides: Tensor) -> Tensor:
    """Resize uint8 `(height, width, channels)` by Lanczos' filter, with antialiasing."""
    import tensorflow as tf

    resized = tf.image.resize(image, sides, "lanczos3", antialias=True)
    return tf.cast(tf.clip_by_value(tf.round(resized), 0, 255), tf.uint8)


def _scaled(count: Tensor, field: ReceptiveField) -> Tensor:
    """Return numbers of pixels of the output; pixels that are only partly covered count."""
    return -(-count * field.scale.numerator // field.scale.denominator)


def _continued(image: Tensor, sides: Tensor) -> Tensor:
    """Return an image continued at its right and lower end, by reflection."""
    import tensorflow as tf

    for axis in (0, 1):
        side = tf.shape(image)[axis]
        period = tf.maximum(2 * side - 2, 1)
        places = tf.range(sides[axis]) % period
        image = tf.gather(image, tf.minimum(places, period - places), axis=axis)
    return image


def _in_tiles(run: Run, image: Tensor, field: ReceptiveField, channels: Any) -> Tensor:
    """Return the output of tiles, from the top and the left: see `keras_gans.applying.tiling.spans`."""
    import tensorflow as tf

    context = -(-(field.radius or 0) // field.multiple) * field.multiple
    most = tile_size(field, field.size[0] or _LARGE, field.size[1] or _LARGE)
    sides = tf.unstack(tf.shape(image)[:2])
    tiles = [tf.minimum(side, own) for side, own in zip(sides, most, strict=True)]

    def along(axis: int, compute: Callable[[Tensor, Tensor, Tensor], Tensor], empty: Sequence[Any]) -> Tensor:
        """Return the outputs of the parts of an axis one after the other: of each start, first and last row or column."""

        def add(covered: Tensor, done: Tensor) -> tuple[Tensor, Tensor]:
            start = tf.minimum(tf.maximum(covered - context, 0), sides[axis] - tiles[axis])
            end = start + tiles[axis]
            last = tf.where(end == sides[axis], end, end - context)
            return last, tf.concat([done, compute(start, covered - start, last - start)], axis)

        shapes = (tf.TensorShape(()), tf.TensorShape((None, None, None)))
        begin = (tf.constant(0), tf.zeros(tf.stack(empty), tf.uint8))
        return tf.while_loop(lambda covered, _: covered < sides[axis], add, begin, shapes, parallel_iterations=1)[1]

    def band(top: Tensor, first_row: Tensor, last_row: Tensor) -> Tensor:
        rows = _scaled(first_row, field), _scaled(last_row, field)

        def piece(left: Tensor, first: Tensor, last: Tensor) -> Tensor:
            tile = run(image[None, top : top + tiles[0], left : left + tiles[1]])[0]
            return tile[rows[0] : rows[1], _scaled(first, field) : _scaled(last, field)]

        return along(1, piece, [rows[1] - rows[0], 0, channels])

    return along(0, band, [0, _scaled(sides[1], field), channels])
