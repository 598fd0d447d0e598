"""Smaller TFLite files: weights, or weights and activations, in fewer bits.

`float16` halves the weights; they are computed with in float32. `dynamic` keeps weights as 8-bit integers and computes products
in 8 bits, choosing the scale of the activations as it runs. `int8` computes everything in 8-bit integers, with scales that the
converter measures on representative data; inputs and outputs stay float32.

No bound of 1e-4 holds for these: the difference is stated, and what is broken is refused. The measure is the generator's own:
how far its samples of different latents lie from each other. A sample that lies more than a hundredth (`float16`) or a tenth
(`dynamic`, `int8`) of that way from the right one is on its way to another picture. Small trained entries of the zoo were
measured to stay below 0.0005, 0.015 and 0.053; `r3gan` of default size, at 0.18 in `int8`, is refused. Half of the way is
allowed for tokens. `Signatures.allowed_difference` says it for each medium.
"""

from keras_gans.errors import no_such

NONE = "none"
KINDS = (NONE, "float16", "dynamic", "int8")
# How many samples measure the ranges of activations.
_REPRESENTATIVE = 128


def check(kind, signatures):
    """Raises ValueError if there is no such kind, or a model with these signatures cannot be quantised so."""
    if kind not in KINDS:
        raise ValueError(no_such("quantisation", kind, list(KINDS)))
    if kind == "int8" and signatures.int8_refusal:
        raise ValueError(signatures.int8_refusal)


def prepare(converter, kind, signatures, batch):
    """Makes a `tf.lite.TFLiteConverter` quantise.

    Args:
        converter: The converter, set to builtin operators.
        kind: One of `KINDS`.
        signatures: The model's `Signatures`, whose examples are the representative data.
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
        converter.representative_dataset = lambda: _representative(signatures, batch or 1)


def _representative(signatures, batch):
    """Yields examples of the inputs of `serving_default`, every class in turn."""
    inputs = signatures.all["serving_default"].examples(-(-_REPRESENTATIVE // batch) * batch)
    for start in range(0, _REPRESENTATIVE, batch):
        yield "serving_default", {name: value[start : start + batch] for name, value in inputs.items()}
