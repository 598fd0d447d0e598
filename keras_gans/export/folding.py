"""Batch normalisation folded into the layer before it: in inference it multiplies by and adds constants, as that layer does."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

# Layers that are linear in their kernel, and the kernel's axis of output channels.
_CHANNEL_AXES: dict[type[keras.Layer], int] = {
    layers.Dense: -1,
    layers.Conv1D: -1,
    layers.Conv2D: -1,
    layers.Conv2DTranspose: -2,
}


def exact_network(network: keras.Model) -> keras.Model:
    """Return a copy of a network for inference: in float32, with batch normalisation folded where possible.

    Batch normalisation is folded if it follows a dense layer or a convolution, directly or after a `Reshape` that keeps the
    channels last, and nothing else uses that layer's output. Models that are layers of the network are treated likewise. A
    float32 network with nothing to fold is returned as it is.

    Args:
        network: A functional or sequential model.

    Reference: Jacob et al. 2018, "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
    Inference", section 3.2, equation 14.
    """
    if isinstance(network, keras.Sequential):
        network = keras.Model(network.inputs[0], network.outputs[0], name=network.name)
    folded = _find_folded(network)
    # Only graphs of layers: what other models compute is unknown.
    nested = {layer.name: exact_network(layer) for layer in network.layers if getattr(layer, "inputs", None)}
    if not (folded or nested) and all(layer.compute_dtype == "float32" for layer in network.layers):
        return network
    normalizations = {norm.name for norm in folded.values()}

    def clone(layer: keras.Layer) -> keras.Layer:
        if layer.name in nested:
            return nested[layer.name]
        if layer.name in normalizations:
            return layers.Identity(name=layer.name, dtype="float32")
        config = {**layer.get_config(), "dtype": "float32"}
        return type(layer).from_config(config | ({"use_bias": True} if layer.name in folded else {}))

    def call(layer: keras.Layer, inputs: Any, **kwargs: Any) -> Any:
        # Normalisation is called with a mask, which Identity does not take.
        return inputs if layer.name in normalizations else layer(inputs, **kwargs)

    exact = keras.models.clone_model(network, clone_function=clone, call_function=call)
    for layer in network.layers:
        if layer.name in folded:
            exact.get_layer(layer.name).set_weights(_fold(layer, folded[layer.name]))
        elif layer.weights and layer.name not in normalizations and layer.name not in nested:
            exact.get_layer(layer.name).set_weights(layer.get_weights())
    return exact


def _find_folded(network: keras.Model) -> dict[str, layers.BatchNormalization]:
    """Return the normalisation that is folded into each layer, by the layer's name."""
    config = network.get_config()
    producers = {each["name"]: _producers(each["inbound_nodes"]) for each in config["layers"]}
    used = [name for calls in producers.values() for call in calls for name in call]
    used += [name for call in _producers([config["output_layers"]]) for name in call]

    def only_input(name: str) -> keras.Layer | None:
        """Return the only input of a layer, if the layer is called once and nothing else uses that input."""
        calls = producers[name]
        if len(calls) != 1 or len(calls[0]) != 1 or used.count(calls[0][0]) != 1 or len(producers[calls[0][0]]) != 1:
            return None
        return network.get_layer(calls[0][0])

    folded = {}
    for norm in network.layers:
        if not isinstance(norm, layers.BatchNormalization):
            continue
        before: Any = only_input(norm.name)
        if type(before) is layers.Reshape and before.target_shape[-1] == norm.moving_mean.shape[0]:
            before = only_input(before.name)
        if type(before) not in _CHANNEL_AXES or before.activation is not keras.activations.linear:
            continue
        if norm.axis in (-1, len(norm.input.shape) - 1):
            folded[before.name] = norm
    return folded


def _producers(calls: list[Any]) -> list[list[str]]:
    """Return, for each call of a layer in Keras' config, the names of the layers whose outputs it takes."""
    found = []
    for call in calls:
        names: list[str] = []

        def walk(value: Any, names: list[str] = names) -> None:
            if isinstance(value, dict):
                if value.get("class_name") == "__keras_tensor__":
                    names.append(value["config"]["keras_history"][0])
                else:
                    walk(list(value.values()))
            elif isinstance(value, list | tuple):
                if len(value) == 3 and isinstance(value[0], str):  # an output of the model: layer, call, tensor
                    names.append(value[0])
                else:
                    for each in value:
                        walk(each)

        walk(call)
        found.append(names)
    return found


def _fold(layer: keras.Layer, norm: layers.BatchNormalization) -> list[np.ndarray]:
    """Return the kernel and bias that combine a layer and the normalisation after it."""
    kernel, *biases = (weight.astype("float64") for weight in layer.get_weights())
    mean, variance = (np.asarray(value, "float64") for value in (norm.moving_mean, norm.moving_variance))
    scale = 1.0 / np.sqrt(variance + norm.epsilon)
    if norm.scale:
        scale = scale * np.asarray(norm.gamma, "float64")
    shift = -mean * scale + (np.asarray(norm.beta, "float64") if norm.center else 0.0)
    axis = _CHANNEL_AXES[type(layer)]
    # The outputs of a dense layer before a Reshape are the channels of one pixel after another.
    scale, shift = (np.tile(values, kernel.shape[axis] // len(values)) for values in (scale, shift))
    bias = biases[0] * scale + shift if biases else shift
    return [kernel * np.expand_dims(scale, list(range(axis + 1, 0))), bias]
