"""What both backends multiply by: scores before they are differentiated by an input, and losses in float16."""

from typing import Any

import keras
from keras import ops

# A power of two, by which float32 and bfloat16 numbers can be multiplied and divided without a change. In float16, whose
# smallest number of full precision is 6e-5, it makes gradients down to 6e-8 precise; those of 64 and more are too large.
GRADIENT_SCALE = 1024.0


def norm_of_step(optimizer: keras.optimizers.Optimizer, norm: Any) -> Any:
    """Return the gradient norm of a step that an optimizer has taken, or -1 if loss scaling has skipped it.

    Dynamic loss scaling tries large scales, skips the steps whose gradients overflow, and halves the scale. That does not mean
    divergence, unless gradients still overflow at a scale of 1.

    Args:
        optimizer: The optimizer.
        norm: The norm of the gradients, without the scale of the loss: a float32 scalar.
    """
    if not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return norm
    skipped = ops.logical_and(ops.logical_not(ops.isfinite(norm)), ops.cast(optimizer.dynamic_scale, "float32") >= 1.0)
    return ops.where(skipped, -1.0, norm)
