"""Penalties on the gradient of each sample's score."""

import math
from collections.abc import Callable
from typing import Any

from keras import ops

from keras_gans._typing import Tensor
from keras_gans.backend import input_gradient, replica_mean
from keras_gans.penalties.base import CriticBatch, Penalty, positive, register


@register("gradient_penalty")
class GradientPenalty(Penalty):
    """Pulls the norm of the critic's gradient towards `target` between real and generated samples.

    The penalty of a point, drawn uniformly from the line between a real and a generated sample, is
    `((norm - target) / target)^2`. For a target of 1, this is the formula of Gulrajani et al.; the division is that of Karras
    et al., and lets the weight mean the same for any target.

    Args:
        weight: Weight of the penalty, a number or a schedule.
        target: The target norm, above 0. Karras et al. used 750 for CIFAR-10.
        one_sided: Whether only norms above the target are penalized.

    Reference: Gulrajani et al. 2017, equation 3; Petzka et al. 2018 (one-sided); Karras et al. 2018, appendix D (the target).
    """

    def __init__(self, weight: Any = 10.0, target: float = 1.0, one_sided: bool = False):
        super().__init__(weight)
        self.target = positive("target", target)
        self.one_sided = bool(one_sided)

    def per_sample(self, batch: CriticBatch) -> Tensor:
        share = batch.noise.uniform(_one_number_a_sample(batch.real))
        norm = _gradient_norm(batch.score, batch.real + share * (batch.fake - batch.real))
        excess = norm / self.target - 1.0
        return ops.square(ops.relu(excess) if self.one_sided else excess)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "target": self.target, "one_sided": self.one_sided}


@register("r1")
class R1(Penalty):
    """Half the squared norm of the discriminator's gradient at real samples.

    Args:
        weight: The paper's gamma, a number or a schedule.

    Reference: Mescheder et al. 2018, equation 9.
    """

    def __init__(self, weight: Any = 10.0):
        super().__init__(weight)

    def per_sample(self, batch: CriticBatch) -> Tensor:
        return 0.5 * _squared_gradient(batch.score, batch.real)


@register("r2")
class R2(Penalty):
    """Half the squared norm of the discriminator's gradient at generated samples.

    Args:
        weight: The paper's gamma, a number or a schedule.

    Reference: Mescheder et al. 2018, equation 10.
    """

    def __init__(self, weight: Any = 10.0):
        super().__init__(weight)

    def per_sample(self, batch: CriticBatch) -> Tensor:
        return 0.5 * _squared_gradient(batch.score, batch.fake)


@register("dragan")
class DRAGAN(Penalty):
    """Pulls the norm of the gradient towards 1 around real samples.

    This follows the authors' code, not the paper's Gaussian noise: a copy of each sample has every value raised by a random
    amount of up to `spread` standard deviations, and the point is drawn uniformly from the line between the sample and its
    copy. The standard deviation is that of all values of the batch.

    Args:
        weight: Weight of the penalty, a number or a schedule.
        spread: Largest distance of a value from the data, in standard deviations of the batch; above 0.

    Reference: Kodali et al. 2017, section 2.5 and their code.
    """

    couples_samples = True

    def __init__(self, weight: Any = 10.0, spread: float = 0.5):
        super().__init__(weight)
        self.spread = positive("spread", spread)

    def per_sample(self, batch: CriticBatch) -> Tensor:
        real = batch.real
        # Over replicas, too, so that together they train as one device would.
        mean = replica_mean([ops.mean(real)])[0]
        deviation = ops.sqrt(replica_mean([ops.mean(ops.square(real - mean))])[0])
        rise = self.spread * deviation * batch.noise.uniform(tuple(ops.shape(real)))
        share = batch.noise.uniform(_one_number_a_sample(real))
        return ops.square(_gradient_norm(batch.score, real + share * rise) - 1.0)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "spread": self.spread}


def _one_number_a_sample(samples: Tensor) -> tuple[Any, ...]:
    return (ops.shape(samples)[0], *[1] * (len(samples.shape) - 1))


def _squared_gradient(score: Callable[[Tensor], Any], samples: Tensor) -> Tensor:
    """Return the squared norm of each sample's gradient, over all its axes: shape `(batch,)`."""
    gradient = ops.cast(input_gradient(lambda x: _one_score_each(score(x)), samples), "float32")
    return ops.sum(ops.square(gradient), axis=tuple(range(1, len(samples.shape))))


def _one_score_each(scores: Any) -> Tensor:
    """Return scores if there is one for each sample.

    Raises:
        ValueError: If there are more: no paper defines the penalty for these.
    """
    if not isinstance(scores, list | tuple) and math.prod(scores.shape[1:]) == 1:
        return scores
    found = [tuple(each.shape) for each in scores] if isinstance(scores, list | tuple) else tuple(scores.shape)
    raise ValueError(
        f"A gradient penalty needs one score for each sample, of shape (batch, 1); this discriminator returns {found}. "
        "Remove the penalty, or let the discriminator return the mean of its scores."
    )


def _gradient_norm(score: Callable[[Tensor], Any], samples: Tensor) -> Tensor:
    squared = _squared_gradient(score, samples)
    # The derivative of the square root is infinite at 0, and infinity times 0 is NaN: the norm counts as constant there.
    positive = squared > 0.0
    return ops.where(positive, ops.sqrt(ops.where(positive, squared, 1.0)), 0.0)
