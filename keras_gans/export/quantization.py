"""Smaller TFLite files: weights, or weights and activations, in fewer bits.

`float16` halves the weights; they are computed with in float32. `dynamic` keeps weights as 8-bit integers and computes products
in 8 bits, choosing the scale of the activations as it runs. `int8` computes everything in 8-bit integers, with scales that the
converter measures on representative data; inputs and outputs stay float32.

No bound of 1e-4 holds for these: the difference is stated, and what is broken is refused. The measure is the generator's own:
how far its samples of different latents lie from each other. A sample that lies more than a hundredth (`float16`) or a tenth
(`dynamic`, `int8`) of that way from the right one is on its way to another picture. Small trained entries of the zoo were
measured to stay below 0.0005, 0.015 and 0.053; `r3gan` of default size, at 0.18 in `int8`, is refused. Of tokens half of the
way is allowed: one that falls on its neighbour changes those that follow, and the sequence is as good as before.
"""

import numpy as np

from keras_gans.errors import no_such
from keras_gans.gans import SequenceGAN

NONE = "none"
KINDS = (NONE, "float16", "dynamic", "int8")
# Of the mean distance between samples of different latents.
_SHARES = {"float16": 0.01, "dynamic": 0.1, "int8": 0.1}
_SHARE_OF_TOKENS = 0.5
# What 8-bit pictures cannot show is never too much: a new model's samples all look alike.
_GREY_LEVEL = 1 / 255
# How many samples measure the ranges of activations.
_REPRESENTATIVE = 128


def check(kind, model):
    """Raises ValueError if there is no such kind, or the model cannot be quantised so."""
    if kind not in KINDS:
        raise ValueError(no_such("quantisation", kind, list(KINDS)))
    if kind == "int8" and isinstance(model, SequenceGAN):
        raise ValueError(
            "A model that writes cannot be quantised to int8: it draws token after token in a loop, whose activations the "
            "converter cannot measure. Use 'dynamic', which stores the same 8-bit weights, or 'float16'."
        )


def prepare(converter, kind, model, batch):
    """Makes a `tf.lite.TFLiteConverter` quantise.

    Args:
        converter: The converter, set to builtin operators.
        kind: One of `KINDS`.
        model: The `AdversarialModel`, which draws the representative data.
        batch: The fixed batch size, or None.
    """
    import tensorflow as tf

    if kind == NONE:
        return
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if kind == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if kind == "int8":
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.representative_dataset = lambda: _representative(model, batch or 1)


def _representative(model, batch):
    """Yields inputs of the signature as `sampling_inputs` draws them, every class in turn."""
    inputs = model.sampling_inputs(-(-_REPRESENTATIVE // batch) * batch)
    for start in range(0, _REPRESENTATIVE, batch):
        yield "serving_default", {name: value[start : start + batch] for name, value in inputs.items()}


def allowed(kind, samples) -> float:
    """Returns the largest mean difference from the right samples that a file of this kind may have.

    Args:
        kind: One of `KINDS`, but `"none"`.
        samples: What the Keras model generates from different latents, in the exported range: floats, or integers (tokens).
    """
    others = np.roll(samples, 1, axis=0)
    if np.issubdtype(samples.dtype, np.integer):
        return max(1 / samples.shape[1], _SHARE_OF_TOKENS * float((samples != others).mean()))
    return max(_GREY_LEVEL, _SHARES[kind] * float(np.abs(samples - others).mean()))
