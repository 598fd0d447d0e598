"""What `fit` and `evaluate` accept as samples and conditions, and the errors for what they do not."""

import math

import keras
import numpy as np

from keras_gans.data.batches import Batches

_BATCH_SIZE = 32  # Keras' own default

_NO_WEIGHTS = "Weights of single samples have no meaning for adversarial training: leave {} out."


def check_fit_arguments(samples, arguments, medium):
    """Checks what can be seen before training begins.

    Args:
        samples: The data given to `fit`; only NumPy arrays are looked into.
        arguments: `fit`'s keyword arguments.
        medium: The model's.

    Raises:
        ValueError: If training could not give what the user wants, saying why.
    """
    for name in ("sample_weight", "class_weight"):
        if arguments.get(name) is not None:
            raise ValueError(_NO_WEIGHTS.format(name))
    if arguments.get("epochs", 1) < 1:
        raise ValueError(f"epochs must be at least 1; received {arguments['epochs']}.")
    if isinstance(samples, np.ndarray):
        batch_size = arguments.get("batch_size") or _BATCH_SIZE
        if len(samples) < batch_size:
            raise ValueError(
                f"There are {len(samples)} samples, fewer than one batch of {batch_size}: set batch_size to at most "
                f"{len(samples)}."
            )
        medium.check(samples)


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
    if isinstance(x, np.ndarray) and all(isinstance(each, np.ndarray) for each in keras.tree.flatten(y) if each is not None):
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
    parts = {name: arguments[name] for name in ("x", "y") if arguments.get(name) is not None}
    arguments["validation_data"] = tuple(keras.tree.map_structure(lambda each: each[kept:], part) for part in parts.values())
    arguments |= {name: keras.tree.map_structure(lambda each: each[:kept], part) for name, part in parts.items()}


def name_conditions(values, conditions):
    """Returns values of conditions by name.

    Args:
        values: A dict by name, or the values of the only condition; None for none.
        conditions: The model's conditions by name.

    Raises:
        ValueError: If there are several conditions and the values bear no names, or a condition is missing.
    """
    if not conditions:
        return {}
    example = "labels" if "labels" in conditions else next(iter(conditions))
    if values is None:
        raise ValueError(
            f"This model is conditional and learns from {', '.join(conditions)}: give fit(samples, {example}), pairs, or "
            f"load_data(...).batches(..., conditions={list(conditions)})."
        )
    if not isinstance(values, dict):
        if len(conditions) > 1:
            raise ValueError(f"This model is told {', '.join(conditions)}: give fit(samples, {{{example!r}: ..., ...}}).")
        return {example: values}
    missing = [name for name in conditions if name not in values]
    if missing:
        raise ValueError(f"This model is told {', '.join(conditions)}; the data hold no {', '.join(missing)}.")
    return {name: values[name] for name in conditions}


def unpack_batch(data, medium, sample_shape, conditions):
    """Returns the real samples of a batch and their conditions, as networks take them.

    Args:
        data: What a data set yields: samples, or samples and conditions.
        medium: The model's.
        sample_shape: The shape of one sample that the model learns from.
        conditions: The model's conditions by name.

    Returns:
        `(samples, conditions)`: a tensor, and a dict of tensors by name.

    Raises:
        ValueError: If the shape or the dtype is another, conditions are missing, or there are sample weights.
    """
    real, values, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
    values = name_conditions(values, conditions)
    if sample_weight is not None:
        raise ValueError(_NO_WEIGHTS.format("sample_weight"))
    if not _fits(real.shape[1:], sample_shape):
        raise ValueError(
            f"The data hold samples of shape {tuple(real.shape[1:])}, but this model generates {sample_shape}. Resize the data "
            "or build the model with their shape."
        )
    return medium.to_network(real), {name: conditions[name].to_network(value) for name, value in values.items()}


def _fits(shape, wanted):
    return len(shape) == len(wanted) and all(
        one is None or two is None or one == two for one, two in zip(shape, wanted, strict=True)
    )
