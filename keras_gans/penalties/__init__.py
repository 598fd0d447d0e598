"""Terms added to the discriminator's loss, most of which regularize its gradient with respect to its input.

Every penalty maps a `CriticBatch` to a float32 scalar: the mean over the batch, times its weight. Several add up.
Penalties are Keras serializables: a compiled model stores them.
"""

from keras_gans.penalties.base import CriticBatch, Penalty, get, get_all, names, register
from keras_gans.penalties.drift import Drift
from keras_gans.penalties.gradients import DRAGAN, R1, R2, GradientPenalty

__all__ = [
    "DRAGAN",
    "R1",
    "R2",
    "CriticBatch",
    "Drift",
    "GradientPenalty",
    "Penalty",
    "get",
    "get_all",
    "names",
    "register",
]
