"""Names of layers that depend on the model alone, not on how many layers a process has made before."""

from __future__ import annotations

import collections
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def number_layers(model: keras.Model) -> None:
    """Number the layers of a new model anew, from 0 in each network, except those with names of their own.

    When TensorFlow optimises a graph, it puts the terms of long sums in the order of their names: those of the gradients by a
    tensor that is used three times, for example. Floating-point sums depend on the order, so a model whose layers Keras calls
    `conv2d_9` and `conv2d_10` rounds otherwise than the same model with `conv2d_10` and `conv2d_11`.

    Args:
        model: A model of networks. The names of inputs stay, as signatures have them.
    """
    import keras

    # `keras.Model.layers` leaves out the layers in layers.
    for network in model._flatten_layers(include_self=False, recursive=False):
        counts: collections.Counter[str] = collections.Counter()
        for layer in network._flatten_layers(include_self=False):
            stem = re.sub(r"_\d+$", "", layer.name)
            if isinstance(layer, keras.layers.InputLayer) or stem.replace("_", "") != type(layer).__name__.lower():
                continue
            layer.name = f"{stem}_{counts[stem]}"
            counts[stem] += 1
