"""Penalties on the gradient of each sample's score."""

import math

from keras import ops

from keras_gans.backend import input_gradient, replica_mean
from keras_gans.penalties.base import Penalty, positive, register


@register("gradient_penalty")
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
        self.target = positive("target", target)
        self.one_sided = bool(one_sided)

    def per_sample(self, batch):
        share = batch.noise.uniform(_one_number_a_sample(batch.real))
        norm = _gradient_norm(batch.score, batch.real + share * (batch.fake - batch.real))
        excess = norm / self.target - 1.0
        return ops.square(ops.relu(excess) if self.one_sided else excess)

    def get_config(self):
        return {**super().get_config(), "target": self.target, "one_sided": self.one_sided}


@register("r1")
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


@register("r2")
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


@register("dragan")
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
        self.spread = positive("spread", spread)

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
    gradient = ops.cast(input_gradient(lambda x: _one_score_each(score(x)), samples), "float32")
    return ops.sum(ops.square(gradient), axis=tuple(range(1, len(samples.shape))))


def _one_score_each(scores):
    """Returns scores if there is one for each sample.

    Raises:
        ValueError: If there are more: what the gradient of several should be, no paper says.
    """
    if not isinstance(scores, list | tuple) and math.prod(scores.shape[1:]) == 1:
        return scores
    found = [tuple(each.shape) for each in scores] if isinstance(scores, list | tuple) else tuple(scores.shape)
    raise ValueError(
        f"A penalty on the gradient needs one score for each sample, of shape (batch, 1); this discriminator returns {found}. "
        "Leave the penalty out, or let the discriminator return a mean."
    )


def _gradient_norm(score, samples):
    squared = _squared_gradient(score, samples)
    # The slope of the root is infinite at 0, and infinity times 0 is NaN: there the norm counts as constant.
    positive = squared > 0.0
    return ops.where(positive, ops.sqrt(ops.where(positive, squared, 1.0)), 0.0)
