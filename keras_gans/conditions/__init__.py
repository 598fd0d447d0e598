"""Conditions of a model: named inputs of its networks beside latents, such as a class, an image or a text.

Batches, `generate`, exports and servers use the same names. A model with `{"labels": Classes(10)}` is class-conditional; one
with `{"images": Images((64, 64, 3))}` maps images to samples, and one with `{"mels": Mels(mel)}` spectrograms to sounds.
That of `{"frames": Frames((4, 64, 64, 1))}` continues clips.
"""

from keras_gans.conditions.base import (
    CONDITIONS,
    CONTEXT,
    FRAMES,
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
from keras_gans.conditions.frames import Frames
from keras_gans.conditions.images import Images, Masks
from keras_gans.conditions.mels import Mels
from keras_gans.conditions.pixels import Pixels

__all__ = [
    "CONDITIONS",
    "CONTEXT",
    "FRAMES",
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
    "Frames",
    "Images",
    "Masks",
    "Mels",
    "Pixels",
    "from_config",
    "make_conditions",
    "to_config",
]
