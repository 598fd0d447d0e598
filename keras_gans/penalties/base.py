"""The base class of penalties, and finding one by its name."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.named import NamedClasses

_penalties = NamedClasses("penalty")
register = _penalties.register


@dataclasses.dataclass(frozen=True)
class CriticBatch:
    """The inputs of a penalty: real and generated samples, their scores, and a function that scores any samples.

    Attributes:
        score: Maps samples, shape `(batch, ...)`, to float32 logits, shape `(batch, 1)`: the discriminator in training mode.
        real: Real samples: float32, shape `(batch, ...)`.
        fake: As many generated samples.
        real_logits: The scores of `real`: float32, shape `(batch, 1)`.
        fake_logits: The scores of `fake`.
        noise: A `keras_gans.adversarial.noise.Noise`, from which random numbers are drawn.
        step: Number of training steps done: an integer scalar.
    """

    score: Callable[[Tensor], Any]
    real: Tensor
    fake: Tensor
    real_logits: Any
    fake_logits: Any
    noise: Any
    step: Tensor


def get(identifier: Penalty | type[Penalty] | Mapping[str, Any] | str) -> Penalty:
    """Return a penalty, given its name, its class, an instance or a config.

    Args:
        identifier: One of `names()`, a `Penalty` or its class, or a dictionary as `keras.saving` makes it.

    Raises:
        ValueError: If there is no such penalty.
    """
    return _penalties.make(identifier, Penalty)


def get_all(
    identifiers: Penalty | type[Penalty] | Mapping[str, Any] | str | Sequence[Any] | None,
) -> tuple[Penalty, ...]:
    """Return a tuple of penalties, given None, one identifier (see `get`) or a list of them."""
    if identifiers is None:
        return ()
    if not isinstance(identifiers, (list, tuple)):
        identifiers = [identifiers]
    return tuple(get(identifier) for identifier in identifiers)


def names() -> list[str]:
    """Return the names of the penalties, sorted."""
    return _penalties.names()


class Penalty:
    """Base class: a term of the discriminator's loss.

    Args:
        weight: A number of at least 0, or a `keras.optimizers.schedules.LearningRateSchedule` of the training step.

    Attributes:
        registered_name: The penalty's name.
        takes_gradient: Whether it differentiates the discriminator by its input. That gradient is only defined for each sample
            if scores do not depend on other samples: it does not go with batch normalization.
        couples_samples: Whether the penalty of a sample depends on the others, which private training cannot permit.

    Raises:
        ValueError: If the weight is anything else.
    """

    registered_name: ClassVar[str | None] = None
    takes_gradient: ClassVar[bool] = True
    couples_samples: ClassVar[bool] = False

    def __init__(self, weight: Any):
        if not isinstance(weight, keras.optimizers.schedules.LearningRateSchedule):
            weight = number("weight", weight, "of at least 0, or a keras.optimizers.schedules.LearningRateSchedule")
            if weight < 0.0:
                raise ValueError(f"The weight of a penalty must be at least 0; received {weight}.")
        self.weight = weight

    def __call__(self, batch: CriticBatch) -> Tensor:
        """Return the weighted penalty of a batch: a float32 scalar."""
        weight = self.weight
        if isinstance(weight, keras.optimizers.schedules.LearningRateSchedule):
            weight = ops.cast(weight(batch.step), "float32")
        return weight * ops.mean(self.per_sample(batch))

    def per_sample(self, batch: CriticBatch) -> Tensor:
        """Return the penalty of each sample, without the weight: float32."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        return {"weight": self.weight}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Penalty:
        weight = config.get("weight")
        if isinstance(weight, dict):
            config = {**config, "weight": keras.saving.deserialize_keras_object(weight)}
        return cls(**config)


def number(name: str, value: Any, accepted: str) -> float:
    """Return a finite number, which may be a NumPy scalar, as a float; raise ValueError for anything else."""
    is_number = hasattr(value, "__float__") and not isinstance(value, bool)
    if not is_number or not math.isfinite(float(value)):
        raise ValueError(f"{name} must be a number {accepted}; received {value!r}.")
    return float(value)


def positive(name: str, value: Any) -> float:
    """Return a number above 0 as a float; raise ValueError for anything else."""
    value = number(name, value, "above 0")
    if value <= 0.0:
        raise ValueError(f"{name} must be above 0; received {value}.")
    return value
