from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gans._typing import Array, Tensor
from keras_gans.errors import check_count
from keras_gans.media.pictures import CHANNELS, checkerboard

_STRIDE = 32  # of the coarsest features of networks for ImageNet


@keras.saving.register_keras_serializable(package="keras_gans")
class ImageNetInput(keras.layers.Layer):
    """Turns images of any kind into images for a network that knows photographs, such as `keras_gans.imagenet`.

    They are resized by linear interpolation. Grey images get three equal colours. Images with transparency are laid over a
    checkerboard of two greys, so that both the colour and the transparency of their pixels show. float32 in and out.

    Args:
        size: Shorter side of the resized images, a multiple of 32. The longer side is rounded to such a multiple.
        **kwargs: As `keras.layers.Layer`, except `dtype`.

    Raises:
        ValueError: If the size is not a multiple of 32; or if images have a free size, or 2 or more than 4 channels.
    """

    def __init__(self, size: int = 224, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.size = check_count("size", size, 1)
        if self.size % _STRIDE:
            raise ValueError(
                f"Images for an ImageNet network are resized to a multiple of {_STRIDE} pixels; received {self.size}. The "
                f"nearest is {max(1, round(self.size / _STRIDE)) * _STRIDE}."
            )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Compute the matrices that resize, and the checkerboard."""
        _, height, width, channels = input_shape
        if height is None or width is None or channels not in CHANNELS:
            raise ValueError(
                f"ImageNetInput takes images of a fixed size with 1, 3 or 4 channels; received shape {tuple(input_shape)}."
            )
        self._rows, self._columns = (_resizing(*pair) for pair in zip((height, width), self._sides(height, width), strict=True))
        self._behind = np.where(checkerboard(height, width), -0.5, 0.5).astype("float32")[..., None]

    def _sides(self, height: int, width: int) -> list[int]:
        scale = self.size / min(height, width)
        return [round(side * scale / _STRIDE) * _STRIDE for side in (height, width)]

    def call(self, inputs: Tensor) -> Tensor:
        """Map `(batch, height, width, channels)` to `(batch, new height, new width, 3)`, both in [-1, 1]."""
        x, (height, width, channels) = inputs, inputs.shape[1:]
        if channels == 4:
            alpha, channels = (x[..., 3:] + 1.0) / 2.0, 3
            x = alpha * x[..., :3] + (1.0 - alpha) * self._behind
        # Products of matrices, as in Upsample2D, are what both backends differentiate fast.
        x = ops.matmul(self._rows, ops.reshape(x, (-1, height, width * channels)))
        x = ops.matmul(self._columns, ops.reshape(x, (-1, width, channels)))
        x = ops.reshape(x, (-1, len(self._rows), len(self._columns), channels))
        return ops.repeat(x, 3, axis=-1) if channels == 1 else x

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[int | None, ...]:
        """Return the shape of the resized images."""
        return (input_shape[0], *self._sides(*input_shape[1:3]), 3)

    def get_config(self) -> dict[str, Any]:
        """Return the layer's arguments."""
        return {**super().get_config(), "size": self.size}


def _resizing(old: int, new: int) -> Array:
    """Return the weight of each old pixel (columns) in each new one (rows): linear interpolation, over more if it reduces."""
    places = (np.arange(new) + 0.5) * old / new - 0.5
    reach = max(1.0, old / new)
    weights = np.maximum(0.0, 1.0 - np.abs(np.arange(old) - places[:, None]) / reach)
    return (weights / weights.sum(axis=1, keepdims=True)).astype("float32")
