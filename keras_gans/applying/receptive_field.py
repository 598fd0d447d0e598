"""How far a network of images or of sequences sees, and what it needs: computed from its graph."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from keras_gans.applying.effects import Place
from keras_gans.applying.graph import Graph, flatten
from keras_gans.applying.layer_reach import effect_of
from keras_gans.applying.pixels import Pixels

# Bytes of a number.
_FLOAT32 = 4


@dataclasses.dataclass(frozen=True)
class ReceptiveField:
    """What a network from images to images sees, and the sizes that it takes.

    Attributes:
        radius: Pixels of the input, on each side, that a pixel of the output depends on besides its own; None if the network
            sees the whole image, so that it cannot be applied to parts of one.
        scale: Sides of the output for sides of the input; a fraction if the output is smaller.
        multiple: The input's height and width must be multiples of this.
        size: Height and width of the input; None where it is free.
        problems: Layers for which the network must see the whole image, and why.
        least: Smallest height and width.
        bytes_per_pixel: About how much memory the network needs for each pixel of the input.
    """

    radius: int | None
    scale: Fraction
    multiple: int = 1
    size: tuple[int | None, int | None] = (None, None)
    problems: tuple[str, ...] = ()
    least: int = 1
    bytes_per_pixel: float = 0.0

    def side(self, at_least: int) -> int:
        """Return the smallest side, of `at_least` pixels or more, of an input that the network takes."""
        return -(-max(at_least, self.least) // self.multiple) * self.multiple


def receptive_field(network: Any) -> ReceptiveField:
    """Return how far a network sees: pixels of its input that each pixel of its output depends on.

    It is computed from the layers of a functional or sequential model, those of nested models included. Convolutions,
    pooling, resampling and what works on each pixel alone are local. Normalization over the image (`GroupNormalization`, or
    `LayerNormalization` over rows and columns), global pooling, attention, `Reshape` and layers of unknown kinds see all of
    it. A layer of your own can say how far it sees: with an attribute `spatial_reach`, in pixels of its input (0 if it works
    on each pixel alone, None if it sees all), and `spatial_scale` if its output has another size.

    Args:
        network: A Keras model with one output of shape `(batch, height, width, channels)`, or `(batch, length, channels)` for
            sequences. All its inputs of that rank are images, or masks, of one size, or sequences of one length.

    Raises:
        ValueError: If the network's output is not an image, or not a whole multiple or fraction of its input in size.

    Example:

        keras_gans.applying.receptive_field(model.generator).radius

    Reference: Araujo et al. 2019, "Computing Receptive Fields of Convolutional Neural Networks", Distill.
    """
    graph = flatten(network)
    made = [tensor.shape for tensor in getattr(network, "outputs", None) or ()]
    rank = len(made[0]) if len(made) == 1 else 0
    images = [tensor.shape for tensor in getattr(network, "inputs", None) or () if len(tensor.shape) == rank]
    if graph is None:
        return ReceptiveField(None, Fraction(1), problems=(f"'{network.name}': it is not a functional model",))
    if not images or rank not in (3, 4):
        raise ValueError(f"'{network.name}' does not map images (batch, height, width, channels) to images.")
    # A sequence counts as an image whose columns are like its rows.
    size = (images[0][1], images[0][rank - 2])
    places, problems, repeats = _walk(graph, [len(tensor.shape) == rank for tensor in network.inputs])
    place = places[graph.outputs[0]]
    if place is None:
        place = _probe(network, size, images[0][-1])
    rows, columns = place
    if rows.scale != columns.scale or rows.extra or columns.extra or 1 not in rows.scale.as_integer_ratio():
        raise ValueError(
            f"The output of '{network.name}' must be a whole multiple or fraction of its input in size: it has {rows.scale} "
            f"times as many rows{_plus(rows)} and {columns.scale} times as many columns{_plus(columns)}. Pad with zeros "
            "(padding='same') or by reflection."
        )
    known = [axis for each in places.values() if each is not None for axis in each]
    multiple = math.lcm(*(axis.scale.denominator for axis in known))
    radius = None if problems else max(rows.radius, columns.radius)
    return ReceptiveField(
        radius,
        rows.scale,
        multiple,
        size,
        tuple(problems),
        _least(repeats, multiple),
        _peak(graph, places) * _FLOAT32,
    )


def _plus(pixels: Pixels) -> str:
    return f" {'+' if pixels.extra > 0 else '-'} {abs(pixels.extra)}" if pixels.extra else ""


def _walk(graph: Graph, are_images: Sequence[bool]) -> tuple[dict[int, Place | None], list[str], list[Place]]:
    """Return where the pixels of every tensor lie, what sees the whole image, and where pixels are repeated at the edges."""
    places: dict[int, Place | None] = {
        number: (Pixels(), Pixels()) if image else None for number, image in zip(graph.inputs, are_images, strict=True)
    }
    problems: list[str] = []
    repeats: list[Place] = []
    for call in graph.calls:
        effect = effect_of(call, [places[number] for number in call.inputs])
        for number in call.outputs:
            places[number] = effect.place
        if effect.problem is not None and effect.problem not in problems:
            problems.append(effect.problem)
        if effect.repeats and effect.place is not None:
            repeats.append(effect.place)
    return places, problems, repeats


def field_of(network: Any) -> ReceptiveField | None:
    """Return what a network from images to images sees; None if its output has another shape than its input."""
    try:
        return receptive_field(network)
    except ValueError:
        return None


def _least(repeats: Sequence[Place], multiple: int) -> int:
    """Return the smallest side whose pixels are enough for each padding by reflection."""
    sides = [math.ceil((axis.extra + 2) / axis.scale) for place in repeats for axis in place]
    return -(-max([1, *sides]) // multiple) * multiple


def _probe(network: Any, size: tuple[int | None, int | None], channels: int) -> Place:
    """Return the place of the output of a network whose layers do not tell, by the sizes of both."""
    rank = len(network.outputs[0].shape)
    sides = [256 if side is None else side for side in size][: rank - 2]
    made = network.outputs[0].shape[1:-1]
    if None in made:
        shapes: Any = [
            (1, *sides, tensor.shape[-1]) if len(tensor.shape) == rank else (1, *tensor.shape[1:]) for tensor in network.inputs
        ]
        try:
            made = network.compute_output_shape(shapes if len(shapes) > 1 else shapes[0])[1:-1]
        except Exception as error:
            raise ValueError(f"The size of the output of '{network.name}' cannot be computed: {error}") from error
    axes = [Pixels(Fraction(int(after), before)) for after, before in zip(made, sides, strict=True)]
    return axes[0], axes[-1]


def _peak(graph: Graph, places: Mapping[int, Place | None]) -> float:
    """Return the largest number of values, for each pixel of the input, that must be held at a time."""
    last = {number: position for position, call in enumerate(graph.calls) for number in call.inputs}
    sizes: dict[int, float] = {}
    held = peak = 0.0
    for position, call in enumerate(graph.calls):
        for number, shape in zip(call.outputs, call.shapes, strict=True):
            place = places[number]
            if place is not None and len(shape) == 4:
                sizes[number] = float((shape[-1] or 1) * place[0].scale * place[1].scale)
                held += sizes[number]
        peak = max(peak, held)
        for number in set(call.inputs):
            if last[number] == position and number not in graph.outputs:
                held -= sizes.get(number, 0.0)
    return peak
