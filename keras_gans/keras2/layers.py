"""Keras 3 layers from the descriptions of Keras 2's."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import keras

from keras_gans.errors import no_such

Layers = Mapping[str, type[keras.layers.Layer]]

# Layers of Keras 2 that mean the same in Keras 3. None of them runs code that a file holds, as Lambda does.
_POOLING = ("AveragePooling", "GlobalAveragePooling", "GlobalMaxPooling", "MaxPooling")
_OF_EACH_DIMENSION = (*_POOLING, "Conv", "Cropping", "SpatialDropout", "UpSampling", "ZeroPadding")
_TRANSPOSED = ("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
_SEPARATED = ("DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D")
_MERGING = ("Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract")
_NORMALIZING = ("BatchNormalization", "GroupNormalization", "LayerNormalization", "UnitNormalization")
_POINTWISE = (
    "Activation",
    "Dropout",
    "ELU",
    "GaussianDropout",
    "GaussianNoise",
    "LeakyReLU",
    "PReLU",
    "ReLU",
    "Rescaling",
    "Softmax",
)
_RECURRENT = ("Bidirectional", "GRU", "LSTM", "SimpleRNN", "TimeDistributed")
_OTHERS = ("Dense", "Embedding", "Flatten", "Permute", "RepeatVector", "Reshape")
KNOWN = {
    *(f"{kind}{dimensions}D" for kind in _OF_EACH_DIMENSION for dimensions in (1, 2, 3)),
    *(*_TRANSPOSED, *_SEPARATED, *_MERGING, *_NORMALIZING, *_POINTWISE, *_RECURRENT, *_OTHERS),
}
_RENAMED = {"BatchNormalizationV1": "BatchNormalization", "Convolution2D": "Conv2D", "Deconvolution2D": "Conv2DTranspose"}
# `hard_sigmoid` is missing: Keras 2's is 0.2 x + 0.5, and Keras 3's x / 6 + 0.5.
_LINEAR_UNITS = ("elu", "gelu", "leaky_relu", "linear", "relu", "relu6", "selu", "silu", "swish")
_ACTIVATIONS = (*_LINEAR_UNITS, "exponential", "sigmoid", "softmax", "softplus", "softsign", "tanh")
# What matters in training alone, or not at all. Weights come from the file, and are float32.
_IGNORED = ("activity_regularizer", "batch_input_shape", "dtype", "fused", "implementation", "input_length", "trainable")
_IGNORED_ENDS = ("_initializer", "_regularizer", "_constraint")
# Settings that Keras 3 does not have -> the value with which nothing changes.
_NEUTRAL = {"groups": 1, "unit_forget_bias": True}


def build_layer(description: Mapping[str, Any], custom_layers: Layers) -> keras.layers.Layer:
    """Build a Keras 3 layer that computes what a layer of Keras 2 computed.

    Args:
        description: `{"class_name": ..., "config": {...}}`.
        custom_layers: Further classes by name. Their `from_config` gets the config as it is.

    Raises:
        ValueError: If there is no such layer in Keras 3, it would compute something else, or it holds code.
    """
    kind, config = description["class_name"], dict(description["config"])
    config["name"] = valid_name(config.get("name") or kind.lower())
    if kind in custom_layers:
        return custom_layers[kind].from_config(config)
    kind = _RENAMED.get(kind, kind)
    where = f"The layer '{config['name']}' ({kind})"
    if kind == "Lambda":
        raise ValueError(
            f"{where} holds code of Python, which is not executed: replace it in Keras 2 by a layer, and save again."
        )
    if kind in ("TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer"):
        raise ValueError(
            f"{where} is a TensorFlow function that was applied to a tensor: replace it in Keras 2 by a layer, and save again."
        )
    if kind not in KNOWN:
        raise ValueError(
            f"{where} is not one of the layers that are imported: pass its class in custom_layers={{'{kind}': ...}}."
        )
    cls = getattr(keras.layers, kind)
    if kind == "LeakyReLU":
        config["negative_slope"] = float(config.pop("alpha", 0.3))
    if isinstance(axis := config.get("axis"), list) and len(axis) == 1:
        config["axis"] = axis[0]
    known, settings = inspect.signature(cls.__init__).parameters, {"name": config.pop("name")}
    for name, value in config.items():
        if name in _IGNORED or name.endswith(_IGNORED_ENDS):
            continue
        if name in known:
            settings[name] = _setting(name, value, where, custom_layers)
        elif value not in (None, False, _NEUTRAL.get(name)):
            raise ValueError(
                f"{where} has {name}={value!r}, which Keras 3 does not have: change it in Keras 2, and save again."
            )
    return cls(**settings)


def valid_name(name: str) -> str:
    """Return a layer's name as Keras 3 accepts it."""
    return name.replace("/", "_")


def _setting(name: str, value: Any, where: str, custom_layers: Layers) -> Any:
    if isinstance(value, dict) and "class_name" in value:
        return build_layer(value, custom_layers)
    if name.endswith("activation") and value is not None and value not in _ACTIVATIONS:
        if value == "hard_sigmoid":
            raise ValueError(f"{where} has the activation 'hard_sigmoid', which is another function in Keras 3.")
        raise ValueError(f"{where}: {no_such('activation', str(value), sorted(_ACTIVATIONS))}")
    return value
