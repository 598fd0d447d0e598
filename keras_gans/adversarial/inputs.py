"""What `fit` and `evaluate` accept as samples, and the errors for what they do not."""

import math

import keras
import numpy as np
from keras import ops

from keras_gans.data.batches import Batches
from keras_gans.errors import check_finite

_BATCH_SIZE = 32  # Keras' own default

_NO_WEIGHTS = "Weights of single samples have no meaning for adversarial training: leave {} out."


def check_fit_arguments(samples, arguments):
    """Checks what can be seen before training begins.

    Args:
        samples: The data given to `fit`; only NumPy arrays are looked into.
        arguments: `fit`'s keyword arguments.

    Raises:
        ValueError: If training could not give what the user wants, saying why.
    """
    for name in ("sample_weight", "class_weight"):
        if arguments.get(name) is not None:
            raise ValueError(_NO_WEIGHTS.format(name))
    if arguments.get("epochs", 1) < 1:
        raise ValueError(f"epochs must be at least 1; received {arguments['epochs']}.")
    if isinstance(samples, np.ndarray):
        _check_array(samples, arguments.get("batch_size") or _BATCH_SIZE)


def order_batches(arguments, seed_and_epoch, steps_per_execution=1):
    """Turns `fit`'s data into batches whose order is a function of (seed, epoch, step), where that can be done.

    Args:
        arguments: `fit`'s arguments; what the batches stand for is taken out of them.
        seed_and_epoch: Gives, for a number of steps an epoch, the seed and the first epoch of batches made from an array.
        steps_per_execution: Steps that are done without returning to Python; epochs are cut to a multiple.

    Returns:
        `Batches`, or what has its `seek` and `as_dataset`; None for data that have an order of their own, such as a
        `tf.data.Dataset`.

    Raises:
        ValueError: If `steps_per_epoch` is more than there is, or less than `steps_per_execution`.
    """
    x, y = arguments["x"], arguments.get("y")
    if isinstance(x, np.ndarray) and (y is None or isinstance(y, np.ndarray)):
        _split_validation(arguments)
        x, y = arguments.pop("x"), arguments.pop("y", None)
        batch_size, shuffle = arguments.pop("batch_size", None) or _BATCH_SIZE, arguments.pop("shuffle", True)
        seed, epoch = seed_and_epoch(max(1, len(x) // batch_size))
        batches = Batches(x, y, batch_size, seed, max(epoch, arguments.get("initial_epoch", 0)), bool(shuffle))
    elif getattr(x, "ordered", False):
        batches = arguments.pop("x")
        arguments.pop("shuffle", None)
    else:
        return None
    steps = arguments.pop("steps_per_epoch", None) or len(batches)
    if steps < steps_per_execution:
        raise ValueError(f"steps_per_execution={steps_per_execution} is more than the {steps} steps of an epoch.")
    steps -= steps % steps_per_execution
    return batches if steps == len(batches) else batches.take(steps)


def _split_validation(arguments):
    """Puts the last samples aside for validation, as Keras does where `validation_split` is given."""
    share = arguments.pop("validation_split", 0.0)
    if not share:
        return
    kept = math.floor(len(arguments["x"]) * (1.0 - share))
    parts = [arguments[name] for name in ("x", "y") if arguments.get(name) is not None]
    arguments["validation_data"] = tuple(part[kept:] for part in parts)
    arguments |= dict(zip(("x", "y"), (part[:kept] for part in parts), strict=False))


def _check_array(samples, batch_size):
    if len(samples) < batch_size:
        raise ValueError(
            f"There are {len(samples)} samples, fewer than one batch of {batch_size}: set batch_size to at most {len(samples)}."
        )
    if np.issubdtype(samples.dtype, np.floating):
        check_finite(samples)
        largest = np.abs(samples).max()
        if samples.ndim == 4 and largest > 1.0 + 1e-3:
            raise ValueError(
                f"Images in floating point must lie in [-1, 1]; these reach {largest:g}. Pass uint8 images, or x / 127.5 - 1."
            )


def unpack_batch(data, sample_shape):
    """Returns the real samples of a batch as float32 in [-1, 1], and their labels or None.

    Args:
        data: What a data set yields: samples, or samples and labels. Images may be uint8.
        sample_shape: The shape of one sample that the model generates.

    Raises:
        ValueError: If the shape or the dtype is another, or there are sample weights.
    """
    real, labels, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
    if sample_weight is not None:
        raise ValueError(_NO_WEIGHTS.format("sample_weight"))
    if tuple(real.shape[1:]) != sample_shape:
        raise ValueError(
            f"The data hold samples of shape {tuple(real.shape[1:])}, but this model generates {sample_shape}. Resize the data "
            "or build the model with their shape."
        )
    dtype = keras.backend.standardize_dtype(real.dtype)
    if dtype == "uint8":
        return ops.cast(real, "float32") / 127.5 - 1.0, labels
    if not keras.backend.is_float_dtype(dtype):
        raise ValueError(f"Samples must be uint8 (0 to 255) or floats in [-1, 1]; these are {dtype}.")
    return ops.cast(real, "float32"), labels
