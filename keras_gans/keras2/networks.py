"""Keras 3 networks from files of Keras 2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_gans.keras2.files import SavedNetwork, read_file
from keras_gans.keras2.layers import Layers, build_layer, valid_name

_NETWORKS = ("Functional", "Model", "Sequential")
# Names of weights that have changed: Keras 2's -> Keras 3's.
_RENAMED = {"depthwise_kernel": "kernel"}


def load_network(path: str | Path, custom_layers: Layers | None = None, *, logits: bool = False) -> keras.Model:
    """Load a network that Keras 2 saved as a `.h5` file.

    The network computes what it computed in Keras 2, in float32. What matters in training alone is left out: optimizers,
    initializers, regularizers and constraints.

    Args:
        path: A file that `model.save("x.h5")` of Keras 2, or of `tf.keras` up to TensorFlow 2.15, wrote: a sequential or
            functional model, which may contain others.
        custom_layers: Layers that are not Keras' own: class name -> a Keras 3 class, whose `from_config` takes the saved
            config. Default none.
        logits: Whether to leave out a sigmoid at the end, as in a discriminator. Default False.

    Returns:
        A functional model with the inputs, outputs and names of the saved one.

    Raises:
        ValueError: If the file is not such a file, or the network has layers that Keras 3 does not have or that hold code.

    Example:

        network = keras_gans.keras2.load_network("generator.h5")
        network.summary()
    """
    saved = read_file(path)
    try:
        if logits:
            _leave_out_sigmoid(saved.description)
        network = _Network(saved.description, custom_layers or {})
        network.set_weights(saved)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: the description of its network cannot be read ({error!r}).") from error
    return network.model


class _Network:
    """A network and its layers, in the order in which Keras 2 listed them.

    Args:
        description: `{"class_name": ..., "config": {...}}`.
        custom_layers: Further classes of layers by name.
    """

    def __init__(self, description: Mapping[str, Any], custom_layers: Layers):
        if description["class_name"] not in _NETWORKS:
            raise ValueError(
                f"A model of class {description['class_name']} is imported only if it is sequential or functional."
            )
        config = description["config"]
        self.name = valid_name(config["name"] if isinstance(config, dict) else "sequential")
        self._custom_layers = custom_layers
        self._order = [_name_of(layer) for layer in (config if isinstance(config, list) else config["layers"])]
        # Layer, by its name in the file -> a Keras layer, or a network.
        self._layers: dict[str, Any] = {}
        self._frozen: list[keras.layers.Layer] = []
        # (Layer, number of its call, number of its output) -> tensor.
        self._tensors: dict[tuple[str, int, int], Any] = {}
        build = self._build_sequential if description["class_name"] == "Sequential" else self._build_functional
        self.model = build(config)

    def _build_sequential(self, config: Any) -> keras.Model:
        layers = config if isinstance(config, list) else config["layers"]
        first = layers[0]["config"]
        if layers[0]["class_name"] == "InputLayer":
            inputs, layers = _input(first), layers[1:]
        elif isinstance(first, dict) and "batch_input_shape" in first:
            inputs = _input({**first, "name": None})
        elif isinstance(config, dict) and config.get("build_input_shape"):
            inputs = keras.Input(config["build_input_shape"][1:])
        elif layers[0]["class_name"] in _NETWORKS:
            inputs = [keras.Input(tensor.shape[1:], dtype=tensor.dtype) for tensor in self._layer(layers[0]).inputs]
            inputs = inputs[0] if len(inputs) == 1 else inputs
        else:
            raise ValueError(f"The model '{self.name}' was saved before it was built: call it once in Keras 2, and save again.")
        x = inputs
        for layer in layers:
            x = self._layer(layer)(x)
        return keras.Model(inputs, x, name=self.name)

    def _build_functional(self, config: Mapping[str, Any]) -> keras.Model:
        waiting = []
        for layer in config["layers"]:
            if layer["class_name"] == "InputLayer":
                self._tensors[layer["name"], 0, 0] = _input(layer["config"])
            else:
                first = _first_call(layer, config)
                waiting += [(layer, first + number, call) for number, call in enumerate(layer["inbound_nodes"])]
        # A layer is called once all tensors that it takes are known, and its calls keep their order in Keras 2.
        while waiting:
            ready = [
                (layer, number, call) for layer, number, call in waiting if all(key in self._tensors for key in _keys(call))
            ]
            if not ready:
                raise ValueError(f"The layer '{waiting[0][0]['name']}' takes tensors that no layer of the file makes.")
            for layer, number, call in ready:
                made = self._layer(layer)(self._arguments(layer, call))
                for index, tensor in enumerate(keras.tree.flatten(made)):
                    self._tensors[layer["name"], number, index] = tensor
            waiting = [each for each in waiting if each not in ready]
        inputs, outputs = ([self._tensors[key] for key in _ends(config[end])] for end in ("input_layers", "output_layers"))
        return keras.Model(
            inputs[0] if len(inputs) == 1 else inputs, outputs[0] if len(outputs) == 1 else outputs, name=self.name
        )

    def _layer(self, description: Mapping[str, Any]) -> Any:
        """Return the layer, or the model, of a description; build it the first time."""
        name = _name_of(description)
        if name not in self._layers:
            nested = description["class_name"] in _NETWORKS
            build = _Network if nested else build_layer
            self._layers[name] = build(description, self._custom_layers)
            if not nested and not description["config"].get("trainable", True):
                self._frozen.append(self._layers[name])
        found = self._layers[name]
        return found.model if isinstance(found, _Network) else found

    def _arguments(self, layer: Mapping[str, Any], call: Any) -> Any:
        for *_, settings in (tensor for tensor in _calls(call) if len(tensor) > 3):
            if any(value is not None and (name, value) != ("training", False) for name, value in settings.items()):
                raise ValueError(
                    f"The layer '{layer['name']}' ({layer['class_name']}) was called with {settings}, which Keras 3 does not "
                    "keep: call it without in Keras 2, and save again."
                )
        tensors = [self._tensors[key] for key in _keys(call)]
        return tensors[0] if len(tensors) == 1 else tensors

    def set_weights(self, saved: SavedNetwork) -> None:
        """Set the weights to those of a file."""
        for name, arrays in saved.weights.items():
            layer = self._layers.get(name)
            if layer is None and not arrays:
                continue
            if layer is None:
                raise ValueError(f"The file has weights of a layer '{name}', which its network does not have.")
            _assign(name, [*_weights(layer, trained=True), *_weights(layer, trained=False)], arrays)
        for layer in self._all_frozen():
            layer.trainable = False

    def _all_frozen(self) -> Iterator[keras.layers.Layer]:
        yield from self._frozen
        for layer in self._layers.values():
            if isinstance(layer, _Network):
                yield from layer._all_frozen()

    def weights(self, trained: bool) -> Iterator[Any]:
        """Yield the weights that Keras 2 trained, or the others, in its order."""
        for name in self._order:
            if name in self._layers:
                layer = self._layers[name]
                yield from _weights(layer, trained, frozen=layer in self._frozen)


def _weights(layer: Any, trained: bool, frozen: bool = False) -> Iterator[Any]:
    if isinstance(layer, _Network):
        yield from layer.weights(trained)
    elif not frozen:
        yield from layer.trainable_weights if trained else layer.non_trainable_weights
    elif not trained:
        yield from [*layer.trainable_weights, *layer.non_trainable_weights]


def _assign(layer: str, variables: list[Any], arrays: Mapping[str, np.ndarray]) -> None:
    if len(variables) != len(arrays):
        raise ValueError(f"The layer '{layer}' has {len(variables)} weights in Keras 3, but {len(arrays)} in the file.")
    for variable, (name, array) in zip(variables, arrays.items(), strict=True):
        saved = name.rpartition("/")[2].partition(":")[0]
        if tuple(variable.shape) != array.shape or _RENAMED.get(saved, saved) != _RENAMED.get(variable.name, variable.name):
            raise ValueError(
                f"The weights '{name}' of the layer '{layer}' have the shape {array.shape}, where Keras 3 has "
                f"'{variable.name}' of shape {tuple(variable.shape)}."
            )
        variable.assign(array)


def _name_of(description: Mapping[str, Any]) -> str:
    config = description["config"]
    return description.get("name") or (config["name"] if isinstance(config, dict) else "sequential")


def _input(config: Mapping[str, Any]) -> Any:
    if config.get("sparse") or config.get("ragged"):
        raise ValueError(f"The input '{config['name']}' is sparse or ragged; only dense ones are imported.")
    name = config.get("name")
    return keras.Input(config["batch_input_shape"][1:], dtype=config.get("dtype"), name=name and valid_name(name))


def _first_call(layer: Mapping[str, Any], config: Mapping[str, Any]) -> int:
    """Return the number of a layer's first call: 1 for most models in a model, because Keras 2 counts their own definition."""
    if layer["class_name"] not in _NETWORKS:
        return 0
    taken = [key for other in config["layers"] for call in other["inbound_nodes"] for key in _keys(call)]
    return 0 if (layer["name"], 0, 0) in [*taken, *_ends(config["output_layers"])] else 1


def _calls(call: Any) -> list[Any]:
    return [call] if call and isinstance(call[0], str) else call


def _keys(call: Any) -> list[tuple[str, int, int]]:
    return [tuple(tensor[:3]) for tensor in _calls(call)]


def _ends(tensors: Any) -> list[tuple[str, int, int]]:
    if not isinstance(tensors, list):
        raise ValueError("The model takes or returns a dict of tensors; only models with lists of tensors are imported.")
    return _keys(tensors)


def _leave_out_sigmoid(description: dict[str, Any]) -> None:
    """Make a description's last layer linear if it is a sigmoid."""
    config = description["config"]
    layers = config if isinstance(config, list) else config["layers"]
    last = layers[-1]
    if isinstance(config, dict) and "output_layers" in config:
        name = _ends(config["output_layers"])[0][0]
        last = next(layer for layer in layers if layer["name"] == name)
    if last["class_name"] in _NETWORKS:
        _leave_out_sigmoid(last)
    elif last["config"].get("activation") == "sigmoid":
        last["config"]["activation"] = "linear"
