"""What every penalty is and may look at, and how one is found by its name."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from keras_gans.named import NamedClasses

_penalties = NamedClasses("penalty")
register = _penalties.register


@dataclasses.dataclass(frozen=True)
class CriticBatch:
    """What a penalty may look at.

    Attributes:
        score: Takes samples, shape `(batch, ...)`, returns their float32 logits, shape `(batch, 1)`, by the discriminator in
            training mode.
        real: Real samples: float32, shape `(batch, ...)`.
        fake: As many generated ones.
        real_logits: The scores of `real`: float32, shape `(batch, 1)`.
        fake_logits: The scores of `fake`.
        noise: A `keras_gans.adversarial.noise.Noise`.
        step: Training steps done: an integer scalar.
    """

    score: Callable
    real: Any
    fake: Any
    real_logits: Any
    fake_logits: Any
    noise: Any
    step: Any


def get(identifier):
    """Returns a penalty from its name, its class, itself, or its serialized form.

    Args:
        identifier: One of `names()`, a `Penalty` or its class, or a dictionary as `keras.saving` makes it.

    Raises:
        ValueError: If there is no such penalty.
    """
    return _penalties.make(identifier, Penalty)


def get_all(identifiers):
    """Returns a tuple of penalties from None, one identifier as `get` takes it, or a list of such."""
    if identifiers is None:
        return ()
    if not isinstance(identifiers, (list, tuple)):
        identifiers = [identifiers]
    return tuple(get(identifier) for identifier in identifiers)


def names() -> list[str]:
    """Returns the names of the penalties, sorted."""
    return _penalties.names()


class Penalty:
    """Base class: a term of the discriminator's loss.

    `takes_gradient` tells whether it differentiates the discriminator by its input. Such a penalty is meant for each sample by
    itself, and a discriminator with BatchNorm has no such gradient: the score of one sample depends on all others.

    Args:
        weight: A number of at least 0, or a `keras.optimizers.schedules.LearningRateSchedule` that gives it for a step.

    Raises:
        ValueError: If the weight is anything else.
    """

    registered_name = None
    takes_gradient = True

    def __init__(self, weight):
        if not isinstance(weight, keras.optimizers.schedules.LearningRateSchedule):
            weight = number("weight", weight, "of at least 0, or a keras.optimizers.schedules.LearningRateSchedule")
            if weight < 0.0:
                raise ValueError(f"The weight of a penalty must be at least 0; received {weight}.")
        self.weight = weight

    def __call__(self, batch):
        """Returns the penalty for a `CriticBatch`, weight included: a float32 scalar."""
        weight = self.weight
        if isinstance(weight, keras.optimizers.schedules.LearningRateSchedule):
            weight = ops.cast(weight(batch.step), "float32")
        return weight * ops.mean(self.per_sample(batch))

    def per_sample(self, batch):
        """Returns the penalty of each sample, without the weight: float32."""
        raise NotImplementedError

    def get_config(self):
        return {"weight": self.weight}

    @classmethod
    def from_config(cls, config):
        weight = config.get("weight")
        if isinstance(weight, dict):
            config = {**config, "weight": keras.saving.deserialize_keras_object(weight)}
        return cls(**config)


def number(name, value, accepted):
    is_number = hasattr(value, "__float__") and not isinstance(value, bool)
    if not is_number or not math.isfinite(float(value)):
        raise ValueError(f"{name} must be a number {accepted}; received {value!r}.")
    return float(value)


def positive(name, value):
    value = number(name, value, "above 0")
    if value <= 0.0:
        raise ValueError(f"{name} must be above 0; received {value}.")
    return value
