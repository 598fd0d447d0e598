"""What generates text: a network that gives the probabilities of the next token."""

import keras
import numpy as np
from keras import ops

from keras_gans.errors import check_count

# Ends a sentence, fills up what is behind it, and is what the first token follows.
END = 0


class LanguageModel(keras.Model):
    """Base class of generators of sequences of tokens, which are integers from 0 to `vocabulary_size` - 1.

    It is called in two ways that give the same logits. Called on whole sequences (`call`), it gives the logits of each token
    from those before it: for learning, in one pass. For generating, `start` gives the state before the first token, and `step`
    the logits of a token and the next state, from the token before. `keras_gans.sequences.decoding` draws sequences with them.

    Subclasses create their layers, and call `build_layers` when they have.

    Args:
        vocabulary_size: How many tokens there are, at least 2.
        length: Tokens of a sequence.
        ends: Whether the token 0 ends a sequence (and fills up what is behind it); if not, all sequences are of full length and
            0 is a token like others. Either way, the first token is drawn as if it followed a 0.
        num_classes: How many classes there are, where sequences of a class are asked for.

    Raises:
        ValueError: If a number is out of range.
    """

    def __init__(self, vocabulary_size, length, ends=True, num_classes=None, name="generator"):
        super().__init__(name=name)
        check_count("vocabulary_size", vocabulary_size, 2)
        check_count("length", length, 1)
        if num_classes is not None:
            check_count("num_classes", num_classes, 1)
        self.vocabulary_size, self.length, self.ends, self.num_classes = vocabulary_size, length, ends, num_classes

    def build_layers(self):
        """Creates all weights."""
        tokens = np.zeros((1, self.length), "int32")
        self(tokens if self.num_classes is None else [tokens, np.zeros((1,), "int32")])

    def call(self, inputs, training=False):
        """Returns the logits of each token of whole sequences.

        Args:
            inputs: int32 tokens of shape `(batch, length)`; in a list with int32 labels `(batch,)` where there are classes.
            training: Whether dropout is applied.

        Returns:
            float32 of shape `(batch, length, vocabulary_size)`: at each place the logits of the token there, which depend on
            those before it only.
        """
        tokens, labels = (inputs, None) if self.num_classes is None else inputs
        previous = ops.pad(ops.cast(tokens, "int32")[:, :-1], [[0, 0], [1, 0]])
        return ops.cast(self.read(previous, labels, training), "float32")

    def read(self, previous, labels, training):
        """Returns the logits of each token, given at its place the token before: see `call`."""
        raise NotImplementedError

    def start(self, batch_size, labels):
        """Returns the state before the first token: a structure of tensors whose first axis is the batch."""
        raise NotImplementedError

    def step(self, previous, position, state, labels):
        """Returns the logits of the next token, float32 `(batch, vocabulary_size)`, and the next state.

        Args:
            previous: int32 `(batch,)`: the token before, 0 at first.
            position: int32 scalar: how many tokens there are before.
            state: What `start` or the last `step` returned.
            labels: int32 `(batch,)`, or None.
        """
        raise NotImplementedError

    def counted(self, tokens):
        """Returns 1 for each token up to the end, the ending 0 included, and 0 behind it: float32 `(batch, length)`."""
        if not self.ends:
            return ops.ones(ops.shape(tokens), "float32")
        ended = ops.cumsum(ops.cast(ops.equal(tokens, END), "int32"), axis=1) - ops.cast(ops.equal(tokens, END), "int32")
        return ops.cast(ops.equal(ended, 0), "float32")

    def get_config(self):
        return {
            "vocabulary_size": self.vocabulary_size,
            "length": self.length,
            "ends": self.ends,
            "num_classes": self.num_classes,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return cls(**config)


def log_probabilities(logits, tokens):
    """Returns the natural logarithm of each token's probability.

    Args:
        logits: float32 `(batch, length, vocabulary_size)`.
        tokens: int32 `(batch, length)`.

    Returns:
        float32 `(batch, length)`.
    """
    chosen = ops.take_along_axis(logits, ops.cast(tokens, "int32")[..., None], axis=-1)[..., 0]
    return chosen - ops.logsumexp(logits, axis=-1)


def mean_over(values, counted):
    """Returns the mean of values over the tokens that count; both `(batch, length)`."""
    return ops.sum(values * counted) / ops.maximum(ops.sum(counted), 1.0)
