"""Freezing the lower layers of a discriminator: what it has learnt to see stays, and how it judges is learnt anew.

Reference: Mo et al. 2020, "Freeze the Discriminator: a Simple Baseline for Fine-Tuning GANs", arXiv:2002.10964, the section on
methods, paragraph "FreezeD".
"""

from collections import Counter

import keras

from keras_gans.errors import check_count


def count_layers(discriminator) -> int:
    """Returns how many layers a discriminator has that could be frozen one after another, the last, which never is, included.

    Raises:
        ValueError: As `freeze_lower`.
    """
    return len(_layers_in_order(discriminator))


def freeze_lower(discriminator, count: int) -> None:
    """Makes the lower layers of a discriminator keep their weights in training, and all above them learn.

    Layers are counted from the samples. What is counted has a kernel, an embedding or another table of weights; normalisation
    belongs to the layer before it, and its statistics stay as they are, too. What has several branches (a residual block, a
    resolution that is faded in) counts as one layer, and so do the outputs, if there are several. What comes in from the side,
    such as the embedding of a label, belongs to the layer that takes it.

    A compiled model must be compiled anew: `AdversarialModel.freeze_discriminator` does both.

    Args:
        discriminator: A functional or sequential Keras model whose first input are samples.
        count: How many layers, from 0 (all layers learn) to one less than there are.

    Raises:
        ValueError: If there are not that many, or the discriminator is a model of another kind. `SpectralNormalization` is
            refused, too: in training it changes its kernel whether it is frozen or not.
    """
    found = _layers_in_order(discriminator)
    check_count("The number of frozen layers", count, 0)
    if count >= len(found):
        raise ValueError(
            f"{count} layers cannot be frozen: the discriminator has {len(found)}, and the last always learns. Freeze at most "
            f"{len(found) - 1}."
        )
    frozen = {id(layer): layer for part in found[:count] for layer in part}
    for layer in frozen.values():
        if any(isinstance(each, keras.layers.SpectralNormalization) for each in [layer, *layer._flatten_layers()]):
            raise ValueError(f"{layer.name} is a SpectralNormalization, which changes its kernel even where it is frozen.")
    for part in found:
        for layer in part:
            layer.trainable = id(layer) not in frozen


def _layers_in_order(discriminator):
    """Returns the layers with weights, in lists: what counts as one layer, from the samples to the logits."""
    found, waiting = [], []
    for operations, from_the_side in _segments(discriminator):
        layers, side = _with_weights(operations), _with_weights(from_the_side)
        # What has vectors only normalises, or is an activation.
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


def _with_weights(operations):
    return [each for each in operations if isinstance(each, keras.layers.Layer) and each.weights]


def _segments(network):
    """Parts a network at every tensor through which all ways from samples to logits lead.

    Returns:
        A pair of lists for each part: operations on these ways, and those that lead to them from other inputs.
    """
    if not (getattr(network, "inputs", None) and getattr(network, "outputs", None)):
        raise ValueError(
            f"The layers of a {type(network).__name__} have no order from samples to logits: only those of functional and "
            "sequential models, such as the zoo's discriminators of images, can be frozen."
        )
    graph = keras.Model(network.inputs, network.outputs)  # a Sequential's layers, too
    nodes = [node for depth in sorted(graph._nodes_by_depth, reverse=True) for node in graph._nodes_by_depth[depth]]
    makers = {id(tensor): node for node in nodes for tensor in node.outputs}
    samples = id(network.inputs[0])
    on_the_way, way = {samples}, []
    for node in nodes:
        if _inputs(node) & on_the_way:
            on_the_way.update(map(id, node.outputs))
            way.append(node)
    # How often each tensor is still needed: an output to the end.
    needed = Counter(tensor for node in way for tensor in _inputs(node) & on_the_way)
    needed.update(map(id, network.outputs))
    waiting, segments, segment = {samples}, [], ([], [])
    for node in way:
        segment[0].append(node.operation)
        segment[1].extend(_from_the_side(_inputs(node) - on_the_way, makers))
        needed.subtract(_inputs(node) & on_the_way)
        waiting = {tensor for tensor in waiting | set(map(id, node.outputs)) if needed[tensor] > 0}
        if len(waiting) == 1:
            segments.append(segment)
            segment = ([], [])
    return [*segments, segment]


def _inputs(node):
    return {id(tensor) for tensor in node.arguments.keras_tensors}


def _from_the_side(tensors, makers):
    """Returns the operations that tensors come from."""
    nodes = [makers[tensor] for tensor in tensors if not makers[tensor].is_input]
    return [each for node in nodes for each in (node.operation, *_from_the_side(_inputs(node), makers))]
