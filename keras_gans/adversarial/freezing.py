"""Freezing the lower layers of a discriminator, for fine-tuning: low-level features stay, the rest is trained.

Reference: Mo et al. 2020, "Freeze the Discriminator: a Simple Baseline for Fine-Tuning GANs", arXiv:2002.10964, the section on
methods, paragraph "FreezeD".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import keras

from keras_gans.errors import check_count


def count_layers(discriminator: keras.Model) -> int:
    """Return the number of layers as `freeze_lower` counts them, including the last one, which is never frozen.

    Raises:
        ValueError: As in `freeze_lower`.
    """
    return len(_layers_in_order(discriminator))


def freeze_lower(discriminator: keras.Model, count: int) -> None:
    """Freeze the lower layers of a discriminator, and make all others trainable.

    Layers are counted from the samples. A layer counts if it has a kernel, an embedding or another matrix of weights;
    normalization belongs to the layer before it, and its statistics are frozen with it. Several branches (a residual block, a
    resolution that is faded in) count as one layer, and so do several outputs. A layer on a side input, such as the embedding
    of a label, belongs to the layer that takes its output.

    A compiled model must be compiled again: `AdversarialModel.freeze_discriminator` does both.

    Args:
        discriminator: A functional or sequential Keras model whose first input is the samples.
        count: Number of frozen layers, from 0 (all layers are trained) to one less than there are.

    Raises:
        ValueError: If there are not that many layers; if the discriminator is neither functional nor sequential; or if a layer
            to be frozen is a `SpectralNormalization`, which changes its kernel in training even if it is frozen.
    """
    found = _layers_in_order(discriminator)
    count = check_count("The number of frozen layers", count, 0)
    if count >= len(found):
        raise ValueError(
            f"{count} layers cannot be frozen: the discriminator has {len(found)}, and the last is always trained. Freeze at "
            f"most {len(found) - 1}."
        )
    frozen = {id(layer): layer for part in found[:count] for layer in part}
    for layer in frozen.values():
        if any(isinstance(each, keras.layers.SpectralNormalization) for each in [layer, *layer._flatten_layers()]):
            raise ValueError(f"'{layer.name}' is a SpectralNormalization, which changes its kernel even if it is frozen.")
    for part in found:
        for layer in part:
            layer.trainable = id(layer) not in frozen


def _layers_in_order(discriminator: keras.Model) -> list[list[keras.Layer]]:
    """Return the layers with weights from the samples to the logits, in lists: each list counts as one layer."""
    found: list[list[keras.Layer]] = []
    waiting: list[keras.Layer] = []
    for operations, from_the_side in _segments(discriminator):
        layers, side = _with_weights(operations), _with_weights(from_the_side)
        # Layers whose weights are all vectors normalize, or are activations.
        if any(len(weight.shape) > 1 for layer in layers for weight in layer.weights):
            found.append([*waiting, *side, *layers])
            waiting = []
        elif found:
            found[-1] += layers
            waiting += side
        else:
            waiting += [*side, *layers]
    if found:
        found[-1] += waiting
    return found


def _with_weights(operations: Iterable[Any]) -> list[keras.Layer]:
    return [each for each in operations if isinstance(each, keras.layers.Layer) and each.weights]


def _segments(network: keras.Model) -> list[tuple[list[Any], list[Any]]]:
    """Divide a network at every tensor that all paths from samples to logits go through.

    Returns:
        A pair of lists for each part: the operations on these paths, and those that lead to them from other inputs.
    """
    if not (getattr(network, "inputs", None) and getattr(network, "outputs", None)):
        raise ValueError(
            f"Layers can be frozen in functional and sequential models only, such as the zoo's discriminators of images; this "
            f"one is a {type(network).__name__}."
        )
    graph = keras.Model(network.inputs, network.outputs)  # a Sequential's layers, too
    nodes = [node for depth in sorted(graph._nodes_by_depth, reverse=True) for node in graph._nodes_by_depth[depth]]
    makers = {id(tensor): node for node in nodes for tensor in node.outputs}
    samples = id(network.inputs[0])
    on_the_way, way = {samples}, list[Any]()
    for node in nodes:
        if _inputs(node) & on_the_way:
            on_the_way.update(map(id, node.outputs))
            way.append(node)
    # How often each tensor is still needed: an output to the end.
    needed: Counter[int] = Counter(tensor for node in way for tensor in _inputs(node) & on_the_way)
    needed.update(map(id, network.outputs))
    waiting = {samples}
    segments: list[tuple[list[Any], list[Any]]] = []
    segment: tuple[list[Any], list[Any]] = ([], [])
    for node in way:
        segment[0].append(node.operation)
        segment[1].extend(_from_the_side(_inputs(node) - on_the_way, makers))
        needed.subtract(_inputs(node) & on_the_way)
        waiting = {tensor for tensor in waiting | set(map(id, node.outputs)) if needed[tensor] > 0}
        if len(waiting) == 1:
            segments.append(segment)
            segment = ([], [])
    return [*segments, segment]


def _inputs(node: Any) -> set[int]:
    return {id(tensor) for tensor in node.arguments.keras_tensors}


def _from_the_side(tensors: Iterable[int], makers: Mapping[int, Any]) -> list[Any]:
    """Return the operations that tensors come from."""
    nodes = [makers[tensor] for tensor in tensors if not makers[tensor].is_input]
    return [each for node in nodes for each in (node.operation, *_from_the_side(_inputs(node), makers))]
