"""What a call of a layer does to the places of pixels."""

from __future__ import annotations

import contextlib
import dataclasses
from fractions import Fraction

from keras_gans.applying.graph import Call
from keras_gans.applying.pixels import Pixels

# Pixels along the rows' axis and along the columns'.
Place = tuple[Pixels, Pixels]


@dataclasses.dataclass(frozen=True)
class Effect:
    """What a call does to places.

    Attributes:
        place: Where the pixels of its outputs lie; None if it does not return images, or if that is unknown.
        problem: Why the call cannot be computed in parts; None if it can.
        repeats: Whether it pads the image with copies of its pixels.
    """

    place: Place | None
    problem: str | None = None
    repeats: bool = False


def _name(call: Call) -> str:
    return f"'{call.operation.name}' ({type(call.operation).__name__})"


def sees_all(call: Call, place: Place | None, why: str = "it sees the whole image") -> Effect:
    """Return the effect of a layer that cannot be computed in parts, and why."""
    return Effect(place, f"{_name(call)}: {why}")


def unknown(call: Call, place: Place, why: str) -> Effect:
    """Return the effect of a layer of which only the size of its output can be found out."""
    if len(call.shapes) != 1 or len(call.shapes[0]) != 4:
        return sees_all(call, None, why)
    for axis in channels_of(call):
        with contextlib.suppress(Exception):  # whatever a foreign layer does with a shape
            made = call.operation.compute_output_shape((1, 64, 64, axis))
            factors = Fraction(made[1], 64), Fraction(made[2], 64)
            return sees_all(call, (place[0].resampled(factors[0]), place[1].resampled(factors[1])), why)
    return sees_all(call, None, why)


def channels_of(call: Call) -> list[int]:
    """Return the channels of the images that a call is given."""
    given = [*call.arguments[0], *call.arguments[1].values()]
    shapes = [tuple(value.shape) for value in given if hasattr(value, "shape")]
    return [shape[-1] for shape in shapes if len(shape) == 4 and shape[-1] is not None]
