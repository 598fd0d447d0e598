"""Continuous codes."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_gans.conditions.base import CONDITIONS, Condition
from keras_gans.errors import check_count, check_finite


@CONDITIONS.register("codes")
class Codes(Condition):
    """Continuous codes: numbers in [-1, 1], given as floats.

    Args:
        count: Number of codes of a sample, an integer of at least 1.

    Raises:
        ValueError: If `count` is anything else.
    """

    kind = "codes"
    words = "codes"

    def __init__(self, count: int):
        self.count = check_count("The number of codes", count)

    def get_config(self) -> dict[str, Any]:
        return {"count": self.count}

    def check(self, values: Any) -> np.ndarray:
        """Return codes as float32 of shape `(n, count)`.

        Args:
            values: Numbers in [-1, 1] of shape `(n, count)`, or the codes of one sample, of shape `(count,)`.

        Raises:
            ValueError: If the shape, the dtype or the range is wrong.
        """
        codes = np.asarray(values)
        codes = codes[None] if codes.ndim == 1 else codes
        if codes.ndim != 2 or codes.shape[1] != self.count or codes.dtype.kind not in "fiu":
            raise ValueError(
                f"Codes of this model have the shape (n, {self.count}), or ({self.count},) for one sample; received "
                f"{codes.dtype} of shape {np.shape(values)}."
            )
        check_finite(codes.astype("float64"))
        if np.abs(codes).max(initial=0.0) > 1.0:
            raise ValueError(f"Codes lie in [-1, 1]; these reach from {codes.min():g} to {codes.max():g}.")
        return codes.astype("float32")

    def to_network(self, values: Any) -> Any:
        """Return codes as float32 of shape `(n, count)`.

        Raises:
            ValueError: If the shape or the dtype is wrong.
        """
        import keras
        from keras import ops

        dtype = keras.backend.standardize_dtype(values.dtype)
        if not keras.backend.is_float_dtype(dtype) or len(values.shape) != 2 or values.shape[1] not in (None, self.count):
            raise ValueError(
                f"Codes are floats of shape (batch, {self.count}); received {dtype} of shape {tuple(values.shape)}."
            )
        return ops.cast(values, "float32")

    def examples(self, n: int) -> np.ndarray:
        """Return random codes, uniform in [-1, 1): float32 `(n, count)`; fewer are the first of more."""
        return np.random.default_rng(0).uniform(-1.0, 1.0, (n, self.count)).astype("float32")

    def spec(self) -> tuple[tuple[int | None, ...], str]:
        return (self.count,), "float32"
