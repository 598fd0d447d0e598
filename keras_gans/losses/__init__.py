"""What the two players minimise.

Every loss takes logits (unbounded scores, larger means more real) of shape `(batch, ...)` and returns one value a score, of
the same shape in float32; the model takes the mean. Losses are Keras serializables: a compiled model stores them.
"""

from keras_gans.losses.base import AdversarialLoss, get, names, register
from keras_gans.losses.standard import (
    Hinge,
    LeastSquares,
    Minimax,
    NonSaturating,
    RelativisticPairing,
    Wasserstein,
)

__all__ = [
    "AdversarialLoss",
    "Hinge",
    "LeastSquares",
    "Minimax",
    "NonSaturating",
    "RelativisticPairing",
    "Wasserstein",
    "get",
    "names",
    "register",
]
