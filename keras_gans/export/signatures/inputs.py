"""Inputs of signatures: what callers pass, and how it becomes what networks take."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops

from keras_gans import conditions
from keras_gans._typing import Array, Tensor
from keras_gans.media.pictures import to_uint8

# Images may exceed their range by rounding errors.
_SLACK = 1e-3


@dataclasses.dataclass(frozen=True)
class Input:
    """One input of a signature.

    Attributes:
        name: Its name.
        shape: The shape of one row; None for a size that is free.
        dtype: Its dtype.
        examples: Returns an array of `n` rows as callers pass it.
        to_network: Maps what callers pass, a tensor or an array, to what the network takes.
        from_network: Inverts it for arrays.
        is_valid: Returns, for a tensor, which of its elements are in range; None if all are.
        message: The error message of a server for elements that are not.
        free_in_files: Whether sizes that are free stay free in TFLite files.
    """

    name: str
    shape: tuple[int | None, ...]
    dtype: str
    examples: Callable[[int], np.ndarray]
    to_network: Callable[[Any], Any] = lambda values: values
    from_network: Callable[[np.ndarray], np.ndarray] = lambda values: values
    is_valid: Callable[[Any], Any] | None = None
    message: str = ""
    free_in_files: bool = False

    def spec(self, batch: int | None, fixed: bool) -> Any:
        """Return the `tf.TensorSpec`.

        Args:
            batch: A fixed batch size; None for any.
            fixed: Whether sizes that are free become those of the examples.
        """
        import tensorflow as tf

        fixed = fixed and not self.free_in_files
        shape = self.examples(1).shape[1:] if fixed and None in self.shape else self.shape
        return tf.TensorSpec((batch, *shape), self.dtype, name=self.name)

    def read(self, values: Tensor, server: bool) -> Tensor:
        """Return, in a graph, what the network takes. A server's graph rejects values that are out of range."""
        import tensorflow as tf

        if server and self.is_valid is not None:
            valid = tf.reduce_all(self.is_valid(values))
            with tf.control_dependencies([tf.debugging.Assert(valid, [self.message])]):
                values = tf.identity(values)
        return self.to_network(values)


def seeds() -> Input:
    """Return the input for a seed per sample."""
    return Input(
        "seeds",
        (),
        "int64",
        np.arange,
        is_valid=lambda given: given >= 0,
        message="seeds must be integers from 0 to 2^63 - 1.",
    )


def truncation() -> Input:
    """Return the input for the factor by which each sample's latents are multiplied."""
    return Input(
        "truncation",
        (),
        "float32",
        _ones_and_halves,
        is_valid=lambda given: (given >= 0) & (given <= 1),
        message="truncation must be a number from 0 to 1.",
    )


def temperature() -> Input:
    """Return the input for the number by which each text's logits are divided."""
    return Input(
        "temperature",
        (),
        "float32",
        _ones_and_halves,
        is_valid=lambda given: given > 0,
        message="temperature must be above 0.",
    )


def _ones_and_halves(n: int) -> Array:
    return np.resize(np.array([1.0, 0.5], "float32"), n)


def _to_unit(images: Array) -> Array:
    return images * np.float32(0.5) + np.float32(0.5)


def _white(masks: Array) -> Array:
    return (255 * masks).astype("uint8")


def _as_float(values: Any) -> Any:
    return values.astype("float32") if isinstance(values, np.ndarray) else ops.cast(values, "float32")


def condition(name: str, told: conditions.Condition, as_file: bool = False, side: int | None = None) -> Input:
    """Return the input for a condition, under its own name.

    Classes and tokens of contexts are int32, codes float32, and a server checks their range. Images, frames and
    masks are float32 in [0, 1], or uint8. Any other condition is passed as the network takes it.

    Args:
        name: The condition's name.
        told: The condition.
        as_file: Whether images, frames and masks are uint8, as in files.
        side: The side of example images where it is free.
    """
    shape, dtype = told.spec()
    examples = told.of_side(side).examples if isinstance(told, conditions.Images) else told.examples
    if isinstance(told, (conditions.Classes, conditions.Contexts)):
        if isinstance(told, conditions.Classes):
            count, what = told.count, "integers"
        else:
            count, what = told.vocabulary_size, "tokens"
        return Input(
            name,
            shape,
            dtype,
            told.examples,
            is_valid=lambda given: (given >= 0) & (given < count),
            message=f"{name} must be {what} from 0 to {count - 1}.",
        )
    if isinstance(told, conditions.Masks):
        return Input(
            name,
            shape,
            "uint8" if as_file else dtype,
            lambda n: _white(examples(n)) if as_file else examples(n),
            to_network=lambda given: _as_float(given >= (128 if as_file else 0.5)),
            from_network=_white if as_file else lambda values: values,
        )
    if isinstance(told, conditions.Pixels):
        if as_file:
            return Input(
                name,
                shape,
                "uint8",
                lambda n: to_uint8(examples(n)),
                to_network=lambda given: ops.cast(given, "float32") / 127.5 - 1.0,
                from_network=to_uint8,
            )
        return Input(
            name,
            shape,
            dtype,
            lambda n: _to_unit(examples(n)),
            to_network=lambda given: given * 2.0 - 1.0,
            from_network=_to_unit,
            is_valid=lambda given: (given >= -_SLACK) & (given <= 1.0 + _SLACK),
            message=f"{name} must be floats from 0 to 1.",
        )
    if isinstance(told, conditions.Codes):
        return Input(
            name,
            shape,
            dtype,
            told.examples,
            is_valid=lambda given: (given >= -1) & (given <= 1),
            message=f"{name} must be floats from -1 to 1.",
        )
    return Input(name, shape, dtype, told.examples, free_in_files=told.free_in_files)
