"""Conditions of a model: named inputs of its networks beside latents, such as a class, an image or a text.

Batches, `generate`, exports and servers use the same names. A model with `{"labels": Classes(10)}` is class-conditional; one
with `{"images": Images((64, 64, 3))}` maps images to samples, and one with `{"mels": Mels(mel)}` spectrograms to sounds.
"""

from keras_gans.conditions.base import (
    CONDITIONS,
    CONTEXT,
    IMAGES,
    LABELLED,
    LABELS,
    MASKS,
    MELS,
    UNLABELLED,
    Condition,
)
from keras_gans.conditions.classes import Classes
from keras_gans.conditions.codes import Codes
from keras_gans.conditions.config import from_config, make_conditions, to_config
from keras_gans.conditions.contexts import Contexts
from keras_gans.conditions.images import Images, Masks
from keras_gans.conditions.mels import Mels

__all__ = [
    "CONDITIONS",
    "CONTEXT",
    "IMAGES",
    "LABELLED",
    "LABELS",
    "MASKS",
    "MELS",
    "UNLABELLED",
    "Classes",
    "Codes",
    "Condition",
    "Contexts",
    "Images",
    "Masks",
    "Mels",
    "from_config",
    "make_conditions",
    "to_config",
]
