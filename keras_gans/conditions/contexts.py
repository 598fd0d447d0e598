"""Text that a sample answers or continues."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_gans.conditions.base import CONDITIONS, Condition
from keras_gans.errors import check_count


@CONDITIONS.register("contexts")
class Contexts(Condition):
    """Text that a sample answers or continues, as tokens: int32 `(n, length)`, filled with 0 on the left.

    `keras_gans.text.Tokenizer.encode_contexts` makes them of text.

    Args:
        length: Tokens of a context, an integer of at least 1.
        vocabulary_size: Number of different tokens, an integer of at least 2.

    Raises:
        ValueError: If a number is out of range.
    """

    kind = "contexts"
    words = "contexts"

    def __init__(self, length: int, vocabulary_size: int):
        self.length = check_count("The length of contexts", length)
        self.vocabulary_size = check_count("vocabulary_size", vocabulary_size, 2)

    def get_config(self) -> dict[str, Any]:
        return {"length": self.length, "vocabulary_size": self.vocabulary_size}

    def check(self, values: Any) -> np.ndarray:
        """Return contexts as int32 of shape `(n, length)`.

        Args:
            values: Tokens of shape `(n, length)`, or one context of rank 1.

        Raises:
            ValueError: If they are not tokens of that shape.
        """
        tokens = np.asarray(values)
        tokens = tokens[None] if tokens.ndim == 1 else tokens
        if tokens.ndim != 2 or tokens.shape[1] != self.length or not np.issubdtype(tokens.dtype, np.integer):
            raise ValueError(
                f"Contexts of this model are {self.length} integer tokens each; received {tokens.dtype} of shape "
                f"{np.shape(values)}. tokenizer.encode_contexts makes them of text."
            )
        if tokens.size and not (tokens.min() >= 0 and tokens.max() < self.vocabulary_size):
            raise ValueError(
                f"Tokens of contexts are 0 to {self.vocabulary_size - 1}; received {tokens.min()} to {tokens.max()}."
            )
        return tokens.astype("int32")

    def to_network(self, values: Any) -> Any:
        """Return contexts as int32 of shape `(n, length)`.

        Raises:
            ValueError: If the shape or the dtype is wrong.
        """
        import keras
        from keras import ops

        dtype = keras.backend.standardize_dtype(values.dtype)
        if "int" not in dtype or len(values.shape) != 2 or values.shape[1] not in (None, self.length):
            raise ValueError(
                f"Contexts are integer tokens of shape (batch, {self.length}); received {dtype} of shape {tuple(values.shape)}."
            )
        return ops.cast(values, "int32")

    def examples(self, n: int) -> np.ndarray:
        """Return random tokens, of different numbers: int32 `(n, length)`."""
        rng = np.random.default_rng(0)
        # The first two tokens are the end and what is unknown.
        tokens = rng.integers(min(2, self.vocabulary_size - 1), self.vocabulary_size, (n, self.length))
        starts = rng.integers(self.length, size=(n, 1))
        return np.where(np.arange(self.length) < starts, 0, tokens).astype("int32")

    def spec(self) -> tuple[tuple[int | None, ...], str]:
        return (self.length,), "int32"
