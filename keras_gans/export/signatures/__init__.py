"""What an export of a model holds: one class per medium. It is decided once, here; the formats only write it down.

A package that adds a medium registers its signatures in one line, `@SIGNATURES.register("waveforms")`, or does without: then
its samples are exported as the network makes them.
"""

from keras_gans.export.signatures.base import SIGNATURES, Signature, Signatures
from keras_gans.export.signatures.images import ImageSignatures
from keras_gans.export.signatures.text import TextSignatures

__all__ = ["SIGNATURES", "ImageSignatures", "Signature", "Signatures", "TextSignatures", "signatures_of"]


def signatures_of(model) -> Signatures:
    """Returns the `Signatures` of a model: those registered for its medium, or those of floats of any shape.

    Args:
        model: An `AdversarialModel`.

    Raises:
        RuntimeError: If Keras does not run on TensorFlow, the home of these formats.
    """
    name = model.medium.name
    if name not in SIGNATURES:
        return Signatures(model)
    return SIGNATURES[name](model)
