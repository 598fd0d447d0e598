"""The calls of a functional model's operations, those of nested models included."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from typing import Any


@dataclasses.dataclass(frozen=True)
class Call:
    """One call of a layer or an operation.

    Attributes:
        operation: The Keras layer or operation.
        arguments: Its arguments as they were given, symbolic tensors among them: positional ones and keywords.
        inputs: Numbers of the tensors that it takes.
        outputs: Numbers of the tensors that it returns.
        shapes: Shapes of the outputs, with the batch.
    """

    operation: Any
    arguments: tuple[tuple[Any, ...], dict[str, Any]]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    shapes: tuple[tuple[int | None, ...], ...]


@dataclasses.dataclass(frozen=True)
class Graph:
    """A model as a list of calls, in an order in which they can be computed.

    Attributes:
        inputs: Numbers of the model's inputs, in its order.
        outputs: Numbers of its outputs.
        calls: The calls.
    """

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    calls: tuple[Call, ...]


def flatten(network: Any) -> Graph | None:
    """Return the graph of a functional or sequential model; None for a model that is neither."""
    function = _function(network)
    if function is None:
        return None
    numbers = itertools.count()
    inputs = [next(numbers) for _ in function.inputs]
    calls: list[Call] = []
    outputs = _add(function, inputs, numbers, calls)
    return Graph(tuple(inputs), tuple(outputs), tuple(calls))


def _function(network: Any) -> Any:
    """Return the functional model of a functional or sequential one, or None."""
    function = getattr(network, "_functional", None) or network
    return function if hasattr(function, "_nodes_by_depth") else None


def _add(function: Any, inputs: list[int], numbers: Iterator[int], calls: list[Call]) -> list[int]:
    """Append the calls of a functional model, given the numbers of its inputs; return those of its outputs."""
    known = {id(tensor): number for tensor, number in zip(function.inputs, inputs, strict=True)}
    for depth in sorted(function._nodes_by_depth, reverse=True):
        for node in function._nodes_by_depth[depth]:
            if node.is_input:
                continue
            taken = [known[id(tensor)] for tensor in node.arguments.keras_tensors]
            nested = _function(node.operation)
            if nested is not None and len(nested.inputs) == len(taken):
                made = _add(nested, taken, numbers, calls)
            else:
                made = [next(numbers) for _ in node.outputs]
                shapes = tuple(tuple(tensor.shape) for tensor in node.outputs)
                arguments = (node.arguments.args, node.arguments.kwargs)
                calls.append(Call(node.operation, arguments, tuple(taken), tuple(made), shapes))
            known.update((id(tensor), number) for tensor, number in zip(node.outputs, made, strict=True))
    return [known[id(tensor)] for tensor in function.outputs]
