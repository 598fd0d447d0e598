"""A penalty on scores."""

from typing import Any

from keras import ops

from keras_gans._typing import Tensor
from keras_gans.losses.base import join_scores
from keras_gans.penalties.base import CriticBatch, Penalty, register


@register("drift")
class Drift(Penalty):
    """The squared score of real samples. It keeps scores near 0, which a Wasserstein loss does not.

    Args:
        weight: Weight of the penalty, a number or a schedule.

    Reference: Karras et al. 2018, appendix A.1.
    """

    takes_gradient = False

    def __init__(self, weight: Any = 0.001):
        super().__init__(weight)

    def per_sample(self, batch: CriticBatch) -> Tensor:
        return ops.square(join_scores(batch.real_logits))
