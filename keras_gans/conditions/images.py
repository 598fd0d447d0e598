"""Images, and masks of their holes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from keras_gans.conditions.base import CONDITIONS
from keras_gans.conditions.pixels import Pixels
from keras_gans.errors import check_count, check_finite
from keras_gans.media.pictures import CHANNELS, to_uint8
from keras_gans.shapes import fits


@CONDITIONS.register("images")
class Images(Pixels):
    """An image, given as uint8 or as floats in [-1, 1]; networks take float32 in [-1, 1].

    Args:
        shape: Height, width and channels. A height or width of None is free.

    Raises:
        ValueError: If the shape is anything else.
    """

    kind = "images"
    words = "images"
    # The side of examples if it is free and `of_side` has not set it.
    SIDE: ClassVar[int] = 32

    def __init__(self, shape: Sequence[int | None]):
        shape = tuple(shape)
        if len(shape) != 3 or shape[-1] is None:
            raise ValueError(
                f"The shape of images is (height, width, channels), with None for a free height or width; received {shape}."
            )
        self.shape = tuple(None if size is None else check_count("The size of an image", size) for size in shape)

    @property
    def is_free(self) -> bool:
        """Whether the height or the width is free."""
        return None in self.shape

    def of_side(self, side: int | None) -> Images:
        """Return this condition with sizes that are free replaced by `side`."""
        return type(self)(tuple(side if size is None else size for size in self.shape))

    def examples(self, n: int) -> np.ndarray:
        """Return images of random ramps and discs: float32 `(n, height, width, channels)`."""
        height, width, channels = (self.SIDE if size is None else size for size in self.shape)
        rng = np.random.default_rng(0)
        rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
        slopes, centres = rng.uniform(-0.5, 0.5, (n, channels, 2, 1, 1)), rng.uniform(-0.6, 0.6, (n, 2, 1, 1))
        ramps = slopes[:, :, 0] * rows + slopes[:, :, 1] * columns
        discs = (rows - centres[:, 0]) ** 2 + (columns - centres[:, 1]) ** 2 < 0.2
        pictures = np.where(discs[:, None], -ramps, ramps)
        return np.moveaxis(pictures, 1, -1).astype("float32")

    def tiles(self, values: np.ndarray) -> np.ndarray | None:
        return to_uint8(values) if self.shape[-1] in CHANNELS else None


@CONDITIONS.register("masks")
class Masks(Images):
    """Where an image is to be filled in: white (255, True or 1) in the hole, black (0 or False) elsewhere.

    Networks take float32: 1 in the hole, 0 elsewhere.

    Args:
        shape: Height, width and 1. A height or width of None is free.

    Raises:
        ValueError: If the shape is anything else.
    """

    kind = "masks"
    words = "masks"

    def __init__(self, shape: Sequence[int | None] = (None, None, 1)):
        super().__init__(shape)
        if self.shape[-1] != 1:
            raise ValueError(f"Masks have one channel: (height, width, 1); received {self.shape}.")

    def check(self, values: Any) -> np.ndarray:
        """Return masks as float32: 1 in the hole, 0 elsewhere.

        Args:
            values: bool, uint8 (0 to 255) or floats from 0 to 1, of shape `(n, height, width)` or `(n, height, width, 1)`, or
                one mask without the first axis. Grey counts as what it is nearer to.

        Raises:
            ValueError: If the shape, the dtype or the range is wrong.
        """
        masks = np.asarray(values)
        if masks.ndim in (2, 3) and masks.shape[-1] != 1:
            masks = masks[..., None]
        masks = masks[None] if masks.ndim == 3 else masks
        if masks.ndim != 4 or not fits(masks.shape[1:], self.shape):
            raise ValueError(f"This model takes masks of {self._sizes()}; received {masks.dtype} of shape {np.shape(values)}.")
        if masks.dtype == bool:
            return masks.astype("float32")
        if masks.dtype == np.uint8:
            if masks.max(initial=0) == 1:
                raise ValueError("Masks in uint8 are 255 in the hole; these reach only 1: pass masks.astype(bool).")
            return (masks >= 128).astype("float32")
        if not np.issubdtype(masks.dtype, np.floating):
            raise ValueError(f"Masks are bool, uint8 (0 or 255) or floats from 0 to 1; these are {masks.dtype}.")
        check_finite(masks)
        if masks.min(initial=0.0) < 0 or masks.max(initial=0.0) > 1:
            raise ValueError(
                f"Masks in floating point are 1 in the hole and 0 elsewhere; these reach from {masks.min():g} to "
                f"{masks.max():g}."
            )
        return (masks >= 0.5).astype("float32")

    def to_network(self, values: Any) -> Any:
        """Return masks as float32: 1 in the hole, 0 elsewhere.

        Raises:
            ValueError: If the dtype is wrong.
        """
        import keras
        from keras import ops

        dtype = keras.backend.standardize_dtype(values.dtype)
        if dtype == "bool":
            return ops.cast(values, "float32")
        if dtype != "uint8" and not keras.backend.is_float_dtype(dtype):
            raise ValueError(f"Masks are bool, uint8 (0 or 255) or floats from 0 to 1; these are {dtype}.")
        return ops.cast(values >= (128 if dtype == "uint8" else 0.5), "float32")

    def examples(self, n: int) -> np.ndarray:
        """Return a box in each of `n` masks, at different places: float32 `(n, height, width, 1)`."""
        height, width = (self.SIDE if size is None else size for size in self.shape[:2])
        rng, masks = np.random.default_rng(0), np.zeros((n, height, width, 1), "float32")
        for mask in masks:
            top, left = int(rng.integers(height // 2 + 1)), int(rng.integers(width // 2 + 1))
            mask[top : top + max(1, height // 3), left : left + max(1, width // 3)] = 1.0
        return masks

    def tiles(self, values: np.ndarray) -> np.ndarray | None:
        return (255 * values).astype("uint8")
