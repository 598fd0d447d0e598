"""What `cyclegan` and `cut` have in common: which sizes they take, and how their learning rates decay."""

from collections.abc import Sequence
from typing import Any

import keras

from keras_gans.adversarial.schedules import DelayedSchedule
from keras_gans.errors import check_count

_SMALLEST = 8


def check_sides(name: str, image_shape: Sequence[int]) -> None:
    """Raise ValueError unless height and width are multiples of 4 and at least 8."""
    if any(side % 4 or side < _SMALLEST for side in image_shape[:2]):
        height, width = image_shape[:2]
        raise ValueError(f"{name} needs sides that are multiples of 4, at least {_SMALLEST}; received {height}x{width}.")


def adam_pair(
    learning_rate: float, beta_1: float, decay_steps: int | None, decay_after: int
) -> tuple[keras.optimizers.Optimizer, keras.optimizers.Optimizer]:
    """Return Adam for the generator and for the discriminator: constant rates, then a linear decay to 0.

    Raises:
        ValueError: If a number of steps is out of range.
    """
    rate: Any = learning_rate
    decay_after = check_count("decay_after", decay_after, 0)
    if decay_steps is not None:
        decay = keras.optimizers.schedules.PolynomialDecay(rate, check_count("decay_steps", decay_steps), 0.0)
        rate = DelayedSchedule(decay, decay_after) if decay_after else decay
    return keras.optimizers.Adam(rate, beta_1=beta_1), keras.optimizers.Adam(rate, beta_1=beta_1)
