from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.errors import check_count


@keras.saving.register_keras_serializable(package="keras_gans")
class PeriodFolding(keras.layers.Layer):
    """Folds sounds into rows of one period, so that convolutions over rows see every `period`-th sample.

    Args:
        period: Samples in a row, an integer of at least 1.
        **kwargs: As `keras.layers.Layer`.

    Call arguments:
        inputs: Sounds of shape `(batch, length, 1)`, longer than a period. The length may be free.

    Returns:
        `(batch, rows, period, 1)`; the last row is filled up by reflection.

    Reference: Kong et al. 2020, "HiFi-GAN", section 2.3, figure 2.
    """

    def __init__(self, period: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.period = check_count("period", period)

    def call(self, inputs: Tensor) -> Tensor:
        """Return the rows."""
        period, length = self.period, ops.shape(inputs)[1]
        rows = (length + period - 1) // period
        # Padded by as much as could be missing: the number must not depend on a length that may be unknown.
        padded = ops.pad(inputs, [[0, 0], [0, period - 1], [0, 0]], mode="reflect") if period > 1 else inputs
        return ops.reshape(padded[:, : rows * period], (-1, rows, period, 1))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the rows."""
        length = input_shape[1]
        return (input_shape[0], None if length is None else -(-length // self.period), self.period, 1)

    def get_config(self) -> dict[str, Any]:
        """Return the layer's arguments."""
        return {**super().get_config(), "period": self.period}
