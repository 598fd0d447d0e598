"""What is added to the discriminator's loss, most of it to keep its gradient by its input in bounds.

Every penalty takes a `CriticBatch` and returns a float32 scalar: the mean over the batch, times its weight. Several add up.
Penalties are Keras serializables: a compiled model stores them.
"""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from keras_gans.backend import input_gradient, replica_mean
from keras_gans.errors import no_such

_penalties = {}


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


def _register(name):
    def register(cls):
        cls.name = name
        _penalties[name] = cls
        return keras.saving.register_keras_serializable(package="keras_gans")(cls)

    return register


def get(identifier):
    """Returns a penalty from its name, itself, or its serialized form.

    Args:
        identifier: One of `names()`, a `Penalty`, or a dictionary as `keras.saving` makes it.

    Raises:
        ValueError: If there is no such penalty.
    """
    if isinstance(identifier, Penalty):
        return identifier
    if isinstance(identifier, dict):
        return keras.saving.deserialize_keras_object(identifier)
    if isinstance(identifier, str) and identifier in _penalties:
        return _penalties[identifier]()
    raise ValueError(no_such("penalty", str(identifier), names()))


def get_all(identifiers):
    """Returns a tuple of penalties from None, one identifier as `get` takes it, or a list of such."""
    if identifiers is None:
        return ()
    if not isinstance(identifiers, (list, tuple)):
        identifiers = [identifiers]
    return tuple(get(identifier) for identifier in identifiers)


def names():
    """Returns the names of the penalties, sorted."""
    return sorted(_penalties)


class Penalty:
    """Base class: a term of the discriminator's loss.

    `takes_gradient` tells whether it differentiates the discriminator by its input. Such a penalty is meant for each sample by
    itself, and a discriminator with BatchNorm has no such gradient: the score of one sample depends on all others.

    Args:
        weight: A number of at least 0, or a `keras.optimizers.schedules.LearningRateSchedule` that gives it for a step.

    Raises:
        ValueError: If the weight is anything else.
    """

    name = None
    takes_gradient = True

    def __init__(self, weight):
        if not isinstance(weight, keras.optimizers.schedules.LearningRateSchedule):
            weight = _number("weight", weight, "of at least 0, or a keras.optimizers.schedules.LearningRateSchedule")
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


@_register("gradient_penalty")
class GradientPenalty(Penalty):
    """Holds the norm of the critic's gradient near `target` between real and generated samples.

    The penalty of a point drawn evenly from the line between a real and a generated sample (each pair has a number of its
    own) is `((norm - target) / target)^2`: of how much the norm is off, relative to the target, so that the weight means the
    same for any target. With the target 1 this is the formula of Gulrajani et al.; the division is Karras et al.'s.

    Args:
        weight: Factor of the penalty, a number or a schedule.
        target: The norm to hold, above 0. Karras et al. took 750 for their result on CIFAR-10.
        one_sided: Whether to leave norms below the target alone.

    Reference: Gulrajani et al. 2017, equation 3; Petzka et al. 2018 (one-sided); Karras et al. 2018, appendix D (the target).
    """

    def __init__(self, weight=10.0, target=1.0, one_sided=False):
        super().__init__(weight)
        self.target = _positive("target", target)
        self.one_sided = bool(one_sided)

    def per_sample(self, batch):
        share = batch.noise.uniform(_one_number_a_sample(batch.real))
        norm = _gradient_norm(batch.score, batch.real + share * (batch.fake - batch.real))
        excess = norm / self.target - 1.0
        return ops.square(ops.relu(excess) if self.one_sided else excess)

    def get_config(self):
        return {**super().get_config(), "target": self.target, "one_sided": self.one_sided}


@_register("r1")
class R1(Penalty):
    """Half the squared norm of the gradient at real samples: it keeps the discriminator flat on the data.

    Args:
        weight: The paper's gamma, a number or a schedule; half of it is the factor.

    Reference: Mescheder et al. 2018, equation 9.
    """

    def __init__(self, weight=10.0):
        super().__init__(weight)

    def per_sample(self, batch):
        return 0.5 * _squared_gradient(batch.score, batch.real)


@_register("r2")
class R2(Penalty):
    """Half the squared norm of the gradient at generated samples.

    Args:
        weight: The paper's gamma, a number or a schedule; half of it is the factor.

    Reference: Mescheder et al. 2018, equation 10.
    """

    def __init__(self, weight=10.0):
        super().__init__(weight)

    def per_sample(self, batch):
        return 0.5 * _squared_gradient(batch.score, batch.fake)


@_register("drift")
class Drift(Penalty):
    """The squared score of real samples: it keeps scores near 0, where a Wasserstein loss alone does not care.

    Args:
        weight: Factor of the penalty, a number or a schedule.

    Reference: Karras et al. 2018, appendix A.1.
    """

    takes_gradient = False

    def __init__(self, weight=0.001):
        super().__init__(weight)

    def per_sample(self, batch):
        return ops.square(batch.real_logits)


@_register("dragan")
class DRAGAN(Penalty):
    """Holds the norm of the gradient near 1 around real samples.

    Follows the authors' code, not the paper's Gaussian noise: every value of a sample is raised by a number of its own from
    0 to `spread` standard deviations, and the point is drawn evenly from the line between the sample and that copy. The
    standard deviation is one number, that of all values of the batch.

    Args:
        weight: Factor of the penalty, a number or a schedule.
        spread: How far the points lie from the data, in standard deviations of the batch; above 0.

    Reference: Kodali et al. 2017, section 2.5 and their code.
    """

    def __init__(self, weight=10.0, spread=0.5):
        super().__init__(weight)
        self.spread = _positive("spread", spread)

    def per_sample(self, batch):
        real = batch.real
        # Over replicas, too: together they train as one device would.
        mean = replica_mean([ops.mean(real)])[0]
        deviation = ops.sqrt(replica_mean([ops.mean(ops.square(real - mean))])[0])
        rise = self.spread * deviation * batch.noise.uniform(tuple(ops.shape(real)))
        share = batch.noise.uniform(_one_number_a_sample(real))
        return ops.square(_gradient_norm(batch.score, real + share * rise) - 1.0)

    def get_config(self):
        return {**super().get_config(), "spread": self.spread}


def _one_number_a_sample(samples):
    return (ops.shape(samples)[0], *[1] * (len(samples.shape) - 1))


def _squared_gradient(score, samples):
    """Returns the squared norm of each sample's gradient, over all its axes: shape `(batch,)`."""
    gradient = ops.cast(input_gradient(score, samples), "float32")
    return ops.sum(ops.square(gradient), axis=tuple(range(1, len(samples.shape))))


def _gradient_norm(score, samples):
    squared = _squared_gradient(score, samples)
    # The slope of the root is infinite at 0, and infinity times 0 is NaN: there the norm counts as constant.
    positive = squared > 0.0
    return ops.where(positive, ops.sqrt(ops.where(positive, squared, 1.0)), 0.0)


def _number(name, value, accepted):
    is_number = hasattr(value, "__float__") and not isinstance(value, bool)
    if not is_number or not math.isfinite(float(value)):
        raise ValueError(f"{name} must be a number {accepted}; received {value!r}.")
    return float(value)


def _positive(name, value):
    value = _number(name, value, "above 0")
    if value <= 0.0:
        raise ValueError(f"{name} must be above 0; received {value}.")
    return value
