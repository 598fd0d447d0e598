from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.errors import check_count


@keras.saving.register_keras_serializable(package="keras_gans")
class CarriedFrames(keras.layers.Layer):
    """Carries a frame along a steady flow: each pixel of the t-th frame shows what the flow has brought there in t steps.

    A pixel at place p of frame t is `frame(p - t * velocity(p))`, between pixels by bilinear interpolation. Beyond the edges, a
    frame continues as it is there.

    It computes in float32, whatever the policy: places are exact to fractions of a pixel.

    Args:
        frames: Number of frames to make.
        **kwargs: As `keras.layers.Layer`, except `dtype`.

    Call arguments:
        inputs: A list of the frame, `(batch, height, width, channels)`, and velocities in pixels a frame, down and to the
            right, `(batch, height, width, 2)`. Sizes are known except for the batch.

    Reference: Jaderberg et al. 2015, "Spatial Transformer Networks", equation 5 (bilinear sampling); Germann and Zawadzki 2002
    (extrapolation of radar along a steady flow).
    """

    def __init__(self, frames: int, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.frames = check_count("frames", frames)

    def call(self, inputs: list[Tensor]) -> Tensor:
        """Return the frames: `(batch, frames, height, width, channels)`."""
        frame, velocity = inputs
        height, width, channels = frame.shape[1:]
        steps = np.arange(1, self.frames + 1, dtype="float32").reshape(1, -1, 1, 1)
        grid = np.indices((height, width), dtype="float32")[:, None, None]
        # Reshaped first: the optimizer of tf2onnx stumbles over a slice with a new axis.
        velocity = ops.reshape(velocity, (-1, 1, height, width, 2))
        rows, row_share = _split(grid[0] - steps * velocity[..., 0], height)
        columns, column_share = _split(grid[1] - steps * velocity[..., 1], width)
        pixels = ops.reshape(frame, (-1, height * width, channels))

        def at(down: int, right: int) -> Tensor:
            places = (rows + down) * width + columns + right
            places = ops.reshape(places, (-1, self.frames * height * width, 1))
            found = ops.take_along_axis(pixels, ops.repeat(places, channels, axis=2), axis=1)
            return ops.reshape(found, (-1, self.frames, height, width, channels))

        upper = at(0, 0) + column_share * (at(0, 1) - at(0, 0))
        lower = at(1, 0) + column_share * (at(1, 1) - at(1, 0))
        return upper + row_share * (lower - upper)

    def compute_output_shape(self, input_shape: list[tuple[int | None, ...]]) -> tuple[int | None, ...]:
        """Return the shape of the frames."""
        return (input_shape[0][0], self.frames, *input_shape[0][1:])

    def get_config(self) -> dict[str, Any]:
        """Return the layer's arguments."""
        return {**super().get_config(), "frames": self.frames}


def _split(places: Tensor, side: int) -> tuple[Tensor, Tensor]:
    """Return the pixel before each place along an axis, int32, and how far behind it the place is, in [0, 1] with an axis."""
    inside = ops.clip(places, 0.0, side - 1.0)
    before = ops.clip(ops.floor(inside), 0.0, side - 2.0)
    return ops.cast(before, "int32"), ops.expand_dims(inside - before, -1)
