"""How far each kind of layer looks: the pixels of its output, given those of its inputs.

A layer of another package can declare it in class attributes (or properties):

* `spatial_reach`: how many pixels of its input an output pixel depends on, in each direction, besides those at its own place;
  0 for a layer that works on each pixel alone, None for one that sees the whole image;
* `spatial_scale`: output pixels for each input pixel along an axis, such as 2 or `Fraction(1, 2)`. The default is 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from keras_gans.applying.effects import Effect, Place, sees_all, unknown
from keras_gans.applying.graph import Call
from keras_gans.applying.layer_rules import rule_of


def effect_of(call: Call, places: Sequence[Place | None]) -> Effect:
    """Return what a call does to the places of its inputs, which are None for inputs that are not images."""
    if all(place is None for place in places):
        return Effect(None)
    place = _join([place for place in places if place is not None])
    if place is None:
        return unknown(call, next(place for place in places if place is not None), "it joins images of different sizes")
    if hasattr(call.operation, "spatial_reach"):
        return _declared(call, place)
    rule = rule_of(call.operation)
    if rule is None:
        return unknown(call, place, "it is not known how far it sees")
    return rule(call, place)


def _join(places: Sequence[Place]) -> Place | None:
    rows, columns = places[0]
    for other in places[1:]:
        more_rows, more_columns = rows.joined(other[0]), columns.joined(other[1])
        if more_rows is None or more_columns is None:
            return None
        rows, columns = more_rows, more_columns
    return rows, columns


def _declared(call: Call, place: Place) -> Effect:
    reach, factor = call.operation.spatial_reach, Fraction(getattr(call.operation, "spatial_scale", 1))
    rows, columns = (pixels.resampled(factor, reach or 0) for pixels in place)
    return sees_all(call, (rows, columns)) if reach is None else Effect((rows, columns))
