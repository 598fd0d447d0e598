"""What images and frames have in common: pixels in 8 bits or in [-1, 1]."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_gans.conditions.base import Condition
from keras_gans.errors import check_finite
from keras_gans.shapes import fits


class Pixels(Condition):
    """Base class of conditions that are pixels, given as uint8 or as floats in [-1, 1]; networks take float32 in [-1, 1].

    Attributes:
        shape: Shape of one value, channels last; None for a size that is free.
    """

    shape: tuple[int | None, ...]

    @property
    def taken(self) -> str:
        """What a model takes, in messages, such as "images of 64x64x3"."""
        return f"{self.words} of {self._sizes()}"

    def _sizes(self) -> str:
        return "x".join("any" if size is None else str(size) for size in self.shape)

    def get_config(self) -> dict[str, Any]:
        return {"shape": list(self.shape)}

    def check(self, values: Any) -> np.ndarray:
        """Return pixels as float32 in [-1, 1].

        Args:
            values: uint8, or floats in [-1, 1], of shape `(n, *shape)`, or one value of that shape without the first axis.

        Raises:
            ValueError: If the shape, the dtype or the range is wrong.
        """
        pixels, rank = np.asarray(values), len(self.shape)
        if not fits(pixels.shape[-rank:], self.shape) or pixels.ndim not in (rank, rank + 1):
            raise ValueError(f"This model takes {self.taken}; received {pixels.dtype} of shape {pixels.shape}.")
        pixels = pixels[None] if pixels.ndim == rank else pixels
        if pixels.dtype == np.uint8:
            return pixels.astype("float32") / 127.5 - 1.0
        if not np.issubdtype(pixels.dtype, np.floating):
            raise ValueError(f"{self._capitalised} must be uint8 (0 to 255) or floats in [-1, 1]; these are {pixels.dtype}.")
        check_finite(pixels)
        largest = np.abs(pixels).max(initial=0.0)
        if largest > 1.0 + 1e-3:
            raise ValueError(
                f"{self._capitalised} in floating point must lie in [-1, 1]; these reach {largest:g}. "
                "Pass uint8, or x / 127.5 - 1."
            )
        return pixels.astype("float32")

    def to_network(self, values: Any) -> Any:
        """Return pixels as float32 in [-1, 1].

        Raises:
            ValueError: If the shape or the dtype is wrong.
        """
        import keras
        from keras import ops

        if not all(
            wanted is None or size is None or wanted == size for wanted, size in zip(self.shape, values.shape[1:], strict=False)
        ):
            raise ValueError(f"This model takes {self.taken}; received the shape {tuple(values.shape[1:])}.")
        dtype = keras.backend.standardize_dtype(values.dtype)
        if dtype == "uint8":
            return ops.cast(values, "float32") / 127.5 - 1.0
        if not keras.backend.is_float_dtype(dtype):
            raise ValueError(f"{self._capitalised} must be uint8 (0 to 255) or floats in [-1, 1]; these are {dtype}.")
        return ops.cast(values, "float32")

    def spec(self) -> tuple[tuple[int | None, ...], str]:
        return self.shape, "float32"

    @property
    def _capitalised(self) -> str:
        return self.words.capitalize()
