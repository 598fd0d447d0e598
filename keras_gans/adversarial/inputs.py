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
        seed_and_epoch: Gives, for a number of steps an epoch and a batch size, the seed and the first epoch of batches made
            from an array.
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
        seed, epoch = seed_and_epoch(max(1, len(x) // batch_size), batch_size)
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


def check_labels(labels, num_classes):
    """Checks the labels that a conditional model is asked for or learns from.

    Args:
        labels: NumPy array of shape `(n,)` or `(n, 1)`.
        num_classes: How many classes the model has.

    Returns:
        The labels as int32 of shape `(n,)`.

    Raises:
        ValueError: If they are no integers of that shape from 0 to `num_classes` - 1.
    """
    labels = np.asarray(labels)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(
            f"Labels are integers of shape (n,), not one-hot vectors; received {labels.dtype} of shape {labels.shape}."
        )
    if labels.size and not (labels.min() >= 0 and labels.max() < num_classes):
        wrong = labels[(labels < 0) | (labels >= num_classes)][0]
        raise ValueError(f"Labels of this model are 0 to {num_classes - 1}; received {wrong}.")
    return labels.astype("int32")


def unpack_batch(data, sample_shape, labelled=False):
    """Returns the real samples of a batch as float32 in [-1, 1], and their labels or None.

    Args:
        data: What a data set yields: samples, or samples and labels. Images may be uint8.
        sample_shape: The shape of one sample that the model generates.
        labelled: Whether the model needs labels, which then are int32 of shape `(batch,)`.

    Raises:
        ValueError: If the shape or the dtype is another, labels are missing, or there are sample weights.
    """
    real, labels, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
    if not labelled:
        labels = None
    elif labels is None:
        raise ValueError(
            "This model is conditional and learns from labels: give fit(images, labels), pairs, or load_data(...).batches(..., "
            "labels=True)."
        )
    else:
        labels = ops.cast(ops.reshape(labels, (-1,)), "int32")
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
