"""Layers between clips and their frames, so that 2-D networks can work on all frames of a batch at once."""

from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.errors import check_count


@keras.saving.register_keras_serializable(package="keras_gans")
class MergeFrames(keras.layers.Layer):
    """Makes one batch of the frames of all clips: `(batch, frames, ...)` becomes `(batch * frames, ...)`.

    Args:
        **kwargs: As `keras.layers.Layer`.
    """

    def call(self, inputs: Tensor) -> Tensor:
        """Return the frames, those of the first clip first."""
        return ops.reshape(inputs, (-1, *inputs.shape[2:]))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape without the axis of frames."""
        return (None, *input_shape[2:])


@keras.saving.register_keras_serializable(package="keras_gans")
class SplitFrames(keras.layers.Layer):
    """Undoes `MergeFrames`: `(batch * frames, ...)` becomes `(batch, frames, ...)`.

    Args:
        frames: Frames of a clip.
        **kwargs: As `keras.layers.Layer`.
    """

    def __init__(self, frames: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.frames = check_count("frames", frames)

    def call(self, inputs: Tensor) -> Tensor:
        """Return the clips."""
        return ops.reshape(inputs, (-1, self.frames, *inputs.shape[1:]))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape with an axis of frames."""
        return (None, self.frames, *input_shape[1:])

    def get_config(self) -> dict[str, Any]:
        """Return the layer's arguments."""
        return {**super().get_config(), "frames": self.frames}


@keras.saving.register_keras_serializable(package="keras_gans")
class RepeatFrames(keras.layers.Layer):
    """Gives each frame what is known of its clip: `(batch, ...)` becomes `(batch * frames, ...)`, as `MergeFrames` orders them.

    Args:
        frames: Frames of a clip.
        **kwargs: As `keras.layers.Layer`.
    """

    def __init__(self, frames: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.frames = check_count("frames", frames)

    def call(self, inputs: Tensor) -> Tensor:
        """Return each row `frames` times."""
        return ops.repeat(inputs, self.frames, axis=0)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the same shape, of another batch size."""
        return (None, *input_shape[1:])

    def get_config(self) -> dict[str, Any]:
        """Return the layer's arguments."""
        return {**super().get_config(), "frames": self.frames}
