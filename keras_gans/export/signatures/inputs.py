"""Inputs of signatures: what callers give, and how it becomes what networks take."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops

from keras_gans import conditions
from keras_gans.media.pictures import to_uint8

# Floats are rounded: an image that reaches a little beyond its range is one, too.
_SLACK = 1e-3


@dataclasses.dataclass(frozen=True)
class Input:
    """One input of a signature.

    Attributes:
        name: Its name.
        shape: The shape of one row, None where a size is free.
        dtype: Its dtype.
        examples: Returns an array of `n` rows as callers give it.
        to_network: Maps what callers give to what the network takes; for tensors and arrays alike.
        from_network: The inverse, for arrays.
        is_valid: Returns, for a tensor, which of its elements are in range; None if all are.
        message: What a server answers if some are not.
    """

    name: str
    shape: tuple[int | None, ...]
    dtype: str
    examples: Callable[[int], np.ndarray]
    to_network: Callable[[Any], Any] = lambda values: values
    from_network: Callable[[np.ndarray], np.ndarray] = lambda values: values
    is_valid: Callable[[Any], Any] | None = None
    message: str = ""

    def spec(self, batch, fixed):
        """Returns the `tf.TensorSpec`.

        Args:
            batch: A fixed batch size, or None for any.
            fixed: Whether free sizes become those of the examples.
        """
        import tensorflow as tf

        shape = self.examples(1).shape[1:] if fixed and None in self.shape else self.shape
        return tf.TensorSpec((batch, *shape), self.dtype, name=self.name)

    def read(self, values, server):
        """Returns what the network takes, in a graph; a server's graph refuses what is out of range."""
        import tensorflow as tf

        if server and self.is_valid is not None:
            right = tf.reduce_all(self.is_valid(values))
            with tf.control_dependencies([tf.debugging.Assert(right, [self.message])]):
                values = tf.identity(values)
        return self.to_network(values)


def seeds():
    """Returns the input of a seed for each sample."""
    return Input(
        "seeds",
        (),
        "int64",
        np.arange,
        is_valid=lambda given: given >= 0,
        message="seeds must be integers from 0 to 2^63 - 1.",
    )


def truncation():
    """Returns the input of what each sample's latents are multiplied by."""
    return Input(
        "truncation",
        (),
        "float32",
        _ones_and_halves,
        is_valid=lambda given: (given >= 0) & (given <= 1),
        message="truncation must be a number from 0 to 1.",
    )


def temperature():
    """Returns the input of what each sentence's logits are divided by."""
    return Input(
        "temperature",
        (),
        "float32",
        _ones_and_halves,
        is_valid=lambda given: given > 0,
        message="temperature must be above 0.",
    )


def _ones_and_halves(n):
    # As they are learnt and nearer to what is probable, in turn.
    return np.resize(np.array([1.0, 0.5], "float32"), n)


def _to_unit(images):
    return images * np.float32(0.5) + np.float32(0.5)


def condition(name, told, as_file=False):
    """Returns the input of a condition, under its own name.

    Classes are int32, and a server checks their range. Images are float32 in [0, 1], or uint8. Any other kind is given as the
    network takes it.

    Args:
        name: The condition's name.
        told: The `keras_gans.conditions.Condition`.
        as_file: Whether images are uint8, as files hold them.
    """
    shape, dtype = told.spec()
    if isinstance(told, conditions.Classes):
        return Input(
            name,
            shape,
            dtype,
            told.examples,
            is_valid=lambda given: (given >= 0) & (given < told.count),
            message=f"{name} must be integers from 0 to {told.count - 1}.",
        )
    if isinstance(told, conditions.Images):
        if as_file:
            return Input(
                name,
                shape,
                "uint8",
                lambda n: to_uint8(told.examples(n)),
                to_network=lambda given: ops.cast(given, "float32") / 127.5 - 1.0,
                from_network=to_uint8,
            )
        return Input(
            name,
            shape,
            dtype,
            lambda n: _to_unit(told.examples(n)),
            to_network=lambda given: given * 2.0 - 1.0,
            from_network=_to_unit,
            is_valid=lambda given: (given >= -_SLACK) & (given <= 1.0 + _SLACK),
            message=f"{name} must be floats from 0 to 1.",
        )
    return Input(name, shape, dtype, told.examples)
