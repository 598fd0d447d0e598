"""Smaller TFLite files: weights, or weights and activations, in fewer bits.

`float16` halves the weights; computation is in float32. `dynamic` stores weights as 8-bit integers and computes products in 8
bits, with scales for the activations that are chosen at run time. `int8` computes everything in 8-bit integers, with scales
that the converter measures on representative data. Inputs and outputs stay float32.

The bound of 1e-4 does not apply to these. Their difference is reported, and a file that is visibly worse is rejected. The
measure is the mean distance between samples of different latents: `float16` may differ by a hundredth of it, `dynamic` and
`int8` by a tenth. Small trained zoo entries stayed below 0.0005, 0.015 and 0.053; `r3gan` of default size, at 0.18 in `int8`,
is rejected. For text, half as many tokens may differ as between two sequences. See `Signatures.allowed_difference`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from keras_gans.errors import no_such

if TYPE_CHECKING:
    import numpy as np

    from keras_gans.export.signatures import Signatures

NONE = "none"
KINDS = (NONE, "float16", "dynamic", "int8")
# Number of samples on which the ranges of activations are measured.
_REPRESENTATIVE = 128


def check(kind: str, signatures: Signatures) -> None:
    """Raise ValueError for an unknown quantisation, or one that a model with these signatures does not support."""
    if kind not in KINDS:
        raise ValueError(no_such("quantisation", kind, list(KINDS)))
    if kind == "int8" and signatures.int8_refusal:
        raise ValueError(signatures.int8_refusal)


def prepare(converter: Any, kind: str, signatures: Signatures, batch: int | None) -> None:
    """Make a `tf.lite.TFLiteConverter` quantise.

    Args:
        converter: The converter, set to builtin operators.
        kind: One of `KINDS`.
        signatures: The model's signatures, whose examples are the representative data.
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


def _representative(signatures: Signatures, batch: int) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """Yield examples of the inputs of `serving_default`, every class in turn."""
    inputs = signatures.all["serving_default"].examples(-(-_REPRESENTATIVE // batch) * batch)
    for start in range(0, _REPRESENTATIVE, batch):
        yield "serving_default", {name: value[start : start + batch] for name, value in inputs.items()}
