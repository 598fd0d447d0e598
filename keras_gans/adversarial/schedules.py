"""Learning-rate schedules beyond Keras' own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor


@keras.saving.register_keras_serializable(package="keras_gans")
class DelayedSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """A learning-rate schedule that begins later: until then, the rate is that of its first step.

    Args:
        schedule: A `keras.optimizers.schedules.LearningRateSchedule`.
        delay: Integer, number of steps before the schedule begins.

    Example:

        rate = DelayedSchedule(keras.optimizers.schedules.PolynomialDecay(2e-4, 10_000, 0.0), 10_000)
    """

    def __init__(self, schedule: keras.optimizers.schedules.LearningRateSchedule | Mapping[str, Any], delay: int):
        if isinstance(schedule, Mapping):
            schedule = keras.saving.deserialize_keras_object(schedule)
        self.schedule, self.delay = schedule, delay

    def __call__(self, step: Tensor) -> Tensor:
        return self.schedule(ops.maximum(step - self.delay, 0))

    def get_config(self) -> dict[str, Any]:
        return {"schedule": keras.saving.serialize_keras_object(self.schedule), "delay": self.delay}


@keras.saving.register_keras_serializable(package="keras_gans")
class ScaledSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """A learning-rate schedule multiplied by a factor.

    Args:
        schedule: A `keras.optimizers.schedules.LearningRateSchedule`.
        factor: What its rates are multiplied by.
    """

    def __init__(self, schedule: keras.optimizers.schedules.LearningRateSchedule | Mapping[str, Any], factor: float):
        if isinstance(schedule, Mapping):
            schedule = keras.saving.deserialize_keras_object(schedule)
        self.schedule, self.factor = schedule, factor

    def __call__(self, step: Tensor) -> Tensor:
        return self.factor * self.schedule(step)

    def get_config(self) -> dict[str, Any]:
        return {"schedule": keras.saving.serialize_keras_object(self.schedule), "factor": self.factor}
