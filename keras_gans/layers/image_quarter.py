import keras
from keras import ops

from keras_gans._typing import Tensor


@keras.saving.register_keras_serializable(package="keras_gans")
class ImageQuarter(keras.layers.Layer):
    """Cuts one quarter out of each image or feature map `(batch, height, width, channels)`; both sides must be even.

    The first of a batch keeps its upper left quarter, the next ones the upper right, lower left and lower right, and so on. As
    training data come in random order, the choice is random for each image, and it is the same for images and their features.

    Args:
        **kwargs: As `keras.layers.Layer`.

    Raises:
        ValueError: If a side is odd or unknown.
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Check that both sides are even."""
        if any(side is None or side % 2 for side in input_shape[1:3]):
            raise ValueError(f"ImageQuarter needs an even height and width; received images of shape {tuple(input_shape[1:])}.")

    def call(self, inputs: Tensor) -> Tensor:
        """Return quarters, shape `(batch, height / 2, width / 2, channels)`."""
        height, width, channels = inputs.shape[1:]
        place = ops.arange(ops.shape(inputs)[0]) % 4
        rows = ops.reshape(inputs, (-1, 2, height // 2, width, channels))
        rows = ops.where(ops.reshape(place < 2, (-1, 1, 1, 1)), rows[:, 0], rows[:, 1])
        columns = ops.reshape(rows, (-1, height // 2, 2, width // 2, channels))
        return ops.where(ops.reshape(place % 2 == 0, (-1, 1, 1, 1)), columns[:, :, 0], columns[:, :, 1])

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of quarters."""
        batch, height, width, channels = input_shape
        assert height is not None, "build has checked it"
        assert width is not None, "build has checked it"
        return batch, height // 2, width // 2, channels
