"""A generator at every strength: the weights before and after adversarial training, and the means between them, in graphs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops

from keras_gans._typing import Array, Tensor
from keras_gans.export.folding import exact_network
from keras_gans.export.signatures.inputs import Input

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel

STRENGTH = "strength"


def strength() -> Input:
    """Return the input for the weight of adversarial training in the mean of each row's weights."""
    return Input(
        STRENGTH,
        (),
        "float32",
        lambda n: np.resize(np.array([0.5, 0.0, 1.0], "float32"), n),
        is_valid=lambda given: (given >= 0) & (given <= 1),
        message="strength must be a number from 0 to 1.",
    )


class Strengths:
    """The generators of a model that learned from pixels alone before adversarial training.

    Batch normalization is not folded here, because a mean of folded weights is not the folded mean.

    Args:
        model: A model with a `faithful_generator`.
    """

    def __init__(self, model: AdversarialModel):
        self._model: Any = model
        self._network = model.sampling_network()
        pairs = zip(self._model.faithful_generator.weights, self._network.weights, strict=True)
        self._pairs = [(faithful.value, crisp) for faithful, crisp in pairs]

    def variables(self) -> list[Any]:
        """Return what the graph uses."""
        return [variable for faithful, crisp in self._pairs for variable in (faithful, crisp.value)]

    def traced(self) -> Callable[[Tensor, Mapping[str, Any]], Tensor]:
        """Return a function from a strength, a scalar, and inputs of the network to samples. It is traced once."""
        import tensorflow as tf

        def generate(strength: Tensor, given: Mapping[str, Any]) -> Tensor:
            # As `Interpolation.interpolated` computes it; exactly the trained weights at 1.
            mixed = [(crisp, (1.0 - strength) * faithful + strength * crisp.value) for faithful, crisp in self._pairs]
            with keras.StatelessScope(state_mapping=mixed):
                return self._model.sample_from(self._network, given)

        function = tf.function(generate, autograph=False)
        return lambda strength, given: function.get_concrete_function(strength, given)(strength, given)

    def expected(self, strengths: Any, given: Mapping[str, Any]) -> Array:
        """Return the samples of Keras' networks: for each row, of the network of its strength."""
        rows = []
        for number, value in enumerate(np.asarray(strengths)):
            network = exact_network(self._network if value == 1 else self._model.interpolated(float(value)))
            row = {name: ops.convert_to_tensor(each[number : number + 1]) for name, each in given.items()}
            rows.append(ops.convert_to_numpy(self._model.sample_from(network, row)))
        return np.concatenate(rows)


def find_strengths(model: AdversarialModel) -> Strengths | None:
    """Return the strengths of a model; None if it has no weights from before, is set to one strength, or is not in float32."""
    if getattr(model, "faithful_generator", None) is None or getattr(model, STRENGTH, 1.0) < 1:
        return None
    layers = model.sampling_network()._flatten_layers(include_self=False)
    return Strengths(model) if all(layer.compute_dtype == "float32" for layer in layers) else None
