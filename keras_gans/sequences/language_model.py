"""The interface of networks that generate text: they give the probabilities of the next token."""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.errors import check_count

# Marks the end of a sentence and pads it; the first token is predicted from it.
END = 0


class LanguageModel(keras.Model):
    """Base class of generators of token sequences; tokens are integers from 0 to `vocabulary_size` - 1.

    There are two ways to compute the same logits. Training calls the model on whole sequences (`call`), which returns the
    logits of every token given those before it, in one pass. Generation uses `start`, which returns the state before the first
    token, and `step`, which returns the logits of the next token and the next state. `keras_gans.sequences.decode` draws
    sequences that way.

    Subclasses create their layers in the constructor and then call `build_layers`. They implement `read`, `start` and `step`.

    Args:
        vocabulary_size: Number of tokens, an integer >= 2.
        length: Tokens per sequence, an integer >= 1.
        ends: Whether token 0 ends a sequence and pads it. Default True. If False, all sequences have full length and 0 is an
            ordinary token. In both cases, the first token is predicted from a 0.
        num_classes: Number of classes of a conditional model, which takes labels. Default None.
        name: Name of the model.

    Raises:
        ValueError: If a number is out of range.
    """

    def __init__(
        self,
        vocabulary_size: int,
        length: int,
        ends: bool = True,
        num_classes: int | None = None,
        name: str = "generator",
    ) -> None:
        super().__init__(name=name)
        self.vocabulary_size = check_count("vocabulary_size", vocabulary_size, 2)
        self.length = check_count("length", length, 1)
        self.num_classes = None if num_classes is None else check_count("num_classes", num_classes, 1)
        self.ends = ends

    def build_layers(self) -> None:
        """Create all weights by calling the model, which takes up to a second; subclasses may build their layers directly."""
        tokens = np.zeros((1, self.length), "int32")
        self(tokens if self.num_classes is None else [tokens, np.zeros((1,), "int32")])

    def call(self, inputs: Tensor | list[Tensor], training: bool = False) -> Tensor:
        """Return the logits of each token of whole sequences.

        Args:
            inputs: Tokens, int32 of shape `(batch, length)`; with classes, `[tokens, labels]`, labels int32 of shape
                `(batch,)`.
            training: Whether dropout is applied.

        Returns:
            float32 of shape `(batch, length, vocabulary_size)`: at each position, the logits of the token there, given those
            before it.
        """
        tokens, labels = (inputs, None) if self.num_classes is None else inputs
        previous = ops.pad(ops.cast(tokens, "int32")[:, :-1], [[0, 0], [1, 0]])
        return ops.cast(self.read(previous, labels, training), "float32")

    def read(self, previous: Tensor, labels: Tensor | None, training: bool) -> Tensor:
        """Return the logits of each token of whole sequences: see `call`.

        Args:
            previous: At each position, the token before it: int32 of shape `(batch, length)`.
            labels: int32 of shape `(batch,)`, or None.
            training: Whether dropout is applied.
        """
        raise NotImplementedError

    def start(self, batch_size: int | Tensor, labels: Tensor | None) -> Any:
        """Return the state before the first token: a structure of tensors whose first axis is the batch."""
        raise NotImplementedError

    def step(self, previous: Tensor, position: Tensor, state: Any, labels: Tensor | None) -> tuple[Tensor, Any]:
        """Compute the logits of one token.

        Args:
            previous: The token before it, int32 of shape `(batch,)`; 0 for the first.
            position: Number of tokens before it, an int32 scalar.
            state: The state that `start` or the last `step` returned.
            labels: int32 of shape `(batch,)`, or None.

        Returns:
            `(logits, state)`: float32 of shape `(batch, vocabulary_size)`, and the next state.
        """
        raise NotImplementedError

    def counted(self, tokens: Tensor) -> Tensor:
        """Return 1 for each token up to and including the end, and 0 for padding: float32 of shape `(batch, length)`."""
        if not self.ends:
            return ops.ones(ops.shape(tokens), "float32")
        ended = ops.cumsum(ops.cast(ops.equal(tokens, END), "int32"), axis=1) - ops.cast(ops.equal(tokens, END), "int32")
        return ops.cast(ops.equal(ended, 0), "float32")

    def get_config(self) -> dict[str, Any]:
        """Return the model's arguments."""
        return {
            "vocabulary_size": self.vocabulary_size,
            "length": self.length,
            "ends": self.ends,
            "num_classes": self.num_classes,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> "LanguageModel":
        """Make a model from `get_config`."""
        return cls(**config)


def log_probabilities(logits: Tensor, tokens: Tensor) -> Tensor:
    """Return the natural logarithm of each token's probability, float32 of shape `(batch, length)`.

    Args:
        logits: float32 of shape `(batch, length, vocabulary_size)`.
        tokens: int32 of shape `(batch, length)`.
    """
    chosen = ops.take_along_axis(logits, ops.cast(tokens, "int32")[..., None], axis=-1)[..., 0]
    return chosen - ops.logsumexp(logits, axis=-1)


def mean_over(values: Tensor, counted: Tensor) -> Tensor:
    """Return the mean of values, weighted by `counted` (see `LanguageModel.counted`); both of shape `(batch, length)`."""
    return ops.sum(values * counted) / ops.maximum(ops.sum(counted), 1.0)
