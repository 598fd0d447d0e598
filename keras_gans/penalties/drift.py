"""A penalty on scores themselves."""

from keras import ops

from keras_gans.losses.base import join_scores
from keras_gans.penalties.base import Penalty, register


@register("drift")
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
        return ops.square(join_scores(batch.real_logits))
