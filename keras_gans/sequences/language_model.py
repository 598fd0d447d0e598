"""The interface of networks that generate text: they give the probabilities of the next token."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.conditions import CONTEXT, LABELS
from keras_gans.errors import check_count

# Marks the end of a sentence and pads it; the first token is predicted from it.
END = 0


class LanguageModel(keras.Model):
    """Base class of generators of token sequences; tokens are integers from 0 to `vocabulary_size` - 1.

    There are two ways to compute the same logits. Training calls the model on whole sequences (`call`), which returns the
    logits of every token given those before it, in one pass. Generation uses `start`, which returns the state before the first
    token, and `step`, which returns the logits of the next token and the next state. `keras_gans.sequences.decode` draws
    sequences that way.

    With a context, text that the sequence answers or continues, the network reads the context's tokens, a 0, and then the
    sequence: one network for both, with one vocabulary. `begin` returns the state after the context.

    Subclasses create their layers in the constructor and then call `build_layers`. They implement `read`, `start` and `step`,
    which know positions (`places` of them), and need not know of contexts.

    Args:
        vocabulary_size: Number of tokens, an integer >= 2.
        length: Tokens per sequence, an integer >= 1.
        ends: Whether token 0 ends a sequence and pads it. Default True. If False, all sequences have full length and 0 is an
            ordinary token. In both cases, the first token is predicted from a 0.
        num_classes: Number of classes of a conditional model, which takes labels. Default None.
        context_length: Tokens of a context, for a model that takes one. Default 0, for a model without.
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
        context_length: int = 0,
        name: str = "generator",
    ) -> None:
        super().__init__(name=name)
        self.vocabulary_size = check_count("vocabulary_size", vocabulary_size, 2)
        self.length = check_count("length", length, 1)
        self.num_classes = None if num_classes is None else check_count("num_classes", num_classes, 1)
        self.context_length = check_count("context_length", context_length, 0)
        self.ends = ends

    @property
    def places(self) -> int:
        """Number of tokens that the network reads: those of the context, and those of the sequence."""
        return self.context_length + self.length

    @property
    def takes(self) -> tuple[str, ...]:
        """Names of the conditions that the model takes, in the order of its inputs."""
        return ((LABELS,) if self.num_classes is not None else ()) + ((CONTEXT,) if self.context_length else ())

    def build_layers(self) -> None:
        """Create all weights by calling the model, which takes up to a second; subclasses may build their layers directly."""
        examples = {LABELS: np.zeros((1,), "int32"), CONTEXT: np.zeros((1, self.context_length), "int32")}
        self(pack(np.zeros((1, self.length), "int32"), examples, self.takes))

    def call(self, inputs: Tensor | list[Tensor], training: bool = False) -> Tensor:
        """Return the logits of each token of whole sequences.

        Args:
            inputs: Tokens, int32 of shape `(batch, length)`; or a list of these and the conditions that the model `takes`:
                labels, int32 of shape `(batch,)`, and a context, int32 of shape `(batch, context_length)`.
            training: Whether dropout is applied.

        Returns:
            float32 of shape `(batch, length, vocabulary_size)`: at each position, the logits of the token there, given those
            before it.
        """
        tokens, told = unpack(inputs, self.takes)
        previous = ops.pad(ops.cast(tokens, "int32")[:, :-1], [[0, 0], [1, 0]])
        if self.context_length:
            previous = ops.concatenate([ops.cast(told[CONTEXT], "int32"), previous], axis=1)
        return ops.cast(self.read(previous, told.get(LABELS), training), "float32")

    def read(self, previous: Tensor, labels: Tensor | None, training: bool) -> Tensor:
        """Return the logits of each token of whole sequences, at the last `length` positions: see `call`.

        Args:
            previous: At each position, the token before it: int32 of shape `(batch, places)`.
            labels: int32 of shape `(batch,)`, or None.
            training: Whether dropout is applied.
        """
        raise NotImplementedError

    def start(self, batch_size: int | Tensor, labels: Tensor | None) -> Any:
        """Return the state before the first token: a structure of tensors whose first axis is the batch."""
        raise NotImplementedError

    def begin(self, batch_size: int | Tensor, labels: Tensor | None, context: Tensor | None) -> Any:
        """Return the state before the first token of the sequence: after the context, if there is one."""
        state = self.start(batch_size, labels)
        if context is None:
            return state

        def body(position: Tensor, state: Any) -> Any:
            return self.step(ops.take(context, position, axis=1), position, state, labels)[1]

        return ops.fori_loop(0, self.context_length, body, state)

    def step(self, previous: Tensor, position: Tensor, state: Any, labels: Tensor | None) -> tuple[Tensor, Any]:
        """Compute the logits of one token.

        Args:
            previous: The token before it, int32 of shape `(batch,)`; 0 for the first.
            position: Number of tokens before it, with those of the context, an int32 scalar.
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
            # Left out without one, as in models that were saved before there were contexts.
            **({"context_length": self.context_length} if self.context_length else {}),
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> "LanguageModel":
        """Make a model from `get_config`."""
        return cls(**config)


def pack(tokens: Tensor, conditions: Mapping[str, Any], takes: tuple[str, ...]) -> Tensor | list[Tensor]:
    """Return the inputs of a network of sequences: tokens, or a list of tokens and the conditions that it takes."""
    return [tokens, *(conditions[name] for name in takes)] if takes else tokens


def unpack(inputs: Tensor | list[Tensor], takes: tuple[str, ...]) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the tokens and the conditions by name of what `pack` has returned."""
    if not takes:
        return inputs, {}
    tokens, *told = inputs
    return tokens, dict(zip(takes, told, strict=True))


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
