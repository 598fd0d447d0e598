"""Losses of generator and discriminator.

Every loss takes logits (unbounded scores; larger means more real) of shape `(batch, ...)` and returns one float32 value per
score. The model takes the mean (`mean_over_scores`), also if a discriminator returns a map of scores or there are several
discriminators. Losses are Keras serializables: a compiled model stores them.

`Charbonnier`, `FocalFrequency` and `PerceptualDistance` are another kind of loss: between two batches of images. `MelDistance`
and `SpectralDistance` are losses between two batches of sounds.
"""

from keras_gans.losses.base import (
    AdversarialLoss,
    feature_distance,
    get,
    join_scores,
    mean_feature_distance,
    mean_over_scores,
    names,
    register,
)
from keras_gans.losses.contrastive import patch_contrast
from keras_gans.losses.images import Charbonnier, FocalFrequency
from keras_gans.losses.perceptual import PerceptualDistance
from keras_gans.losses.sounds import MelDistance, SpectralDistance
from keras_gans.losses.standard import (
    Hinge,
    LeastSquares,
    Minimax,
    NonSaturating,
    RelativisticAverage,
    RelativisticPairing,
    Wasserstein,
)

__all__ = [
    "AdversarialLoss",
    "Charbonnier",
    "FocalFrequency",
    "Hinge",
    "LeastSquares",
    "MelDistance",
    "Minimax",
    "NonSaturating",
    "PerceptualDistance",
    "RelativisticAverage",
    "RelativisticPairing",
    "SpectralDistance",
    "Wasserstein",
    "feature_distance",
    "get",
    "join_scores",
    "mean_feature_distance",
    "mean_over_scores",
    "names",
    "patch_contrast",
    "register",
]
