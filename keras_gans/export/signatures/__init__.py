"""What an export of a model contains. There is one class per medium; the formats only write down what it decides.

A package that adds a medium registers its signatures in one line, `@SIGNATURES.register("waveforms")`. Without them, its
samples are exported as the network returns them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from keras_gans.export.signatures.audio import AudioSignatures
from keras_gans.export.signatures.base import SIGNATURES, Signature, Signatures
from keras_gans.export.signatures.images import ImageSignatures
from keras_gans.export.signatures.input_sizes import InputSize
from keras_gans.export.signatures.text import TextSignatures
from keras_gans.export.signatures.video import VideoSignatures

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel
    from keras_gans.editing import Directions
    from keras_gans.sequences import Watermark

__all__ = [
    "SIGNATURES",
    "AudioSignatures",
    "ImageSignatures",
    "Signature",
    "Signatures",
    "TextSignatures",
    "VideoSignatures",
    "signatures_of",
]


def signatures_of(
    model: AdversarialModel,
    class_names: Sequence[str] = (),
    input_size: InputSize = None,
    directions: Directions | None = None,
    watermark: Watermark | None = None,
) -> Signatures:
    """Return the signatures of a model: those registered for its medium, or those of floats of any shape.

    Args:
        model: The model to export.
        class_names: The names of the classes of a class-conditional model; their numbers by default.
        input_size: The side of images where it is free: see `Signatures`.
        directions: Directions in latent space: see `Signatures`.
        watermark: Marks text: see `TextSignatures`.

    Raises:
        RuntimeError: If Keras does not run on TensorFlow, which these formats need.
        ValueError: If `class_names`, `input_size`, `directions` or `watermark` do not fit the model.
    """
    name = model.medium.name
    known = name in SIGNATURES
    own = SIGNATURES[name] if known else Signatures
    if watermark is None:
        return own(model, class_names, input_size, directions)
    if not issubclass(own, TextSignatures):
        raise ValueError(f"A watermark marks text, but this model makes {name}: leave watermark out.")
    return own(model, class_names, input_size, directions, watermark=watermark)
