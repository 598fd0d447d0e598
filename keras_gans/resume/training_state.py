"""The state of training: every variable of a model, its optimizer and its metrics, as arrays."""

import re

import numpy as np
from keras import ops


def sync_variables(model) -> None:
    """Makes a model's variables hold their newest values: on JAX, `fit` keeps them apart from the variables."""
    getattr(model, "jax_state_sync", lambda: None)()


def capture_state(model) -> dict[str, list[np.ndarray]]:
    """Copies the values of all variables into arrays, in three groups: `model`, `optimizer` and `metrics`.

    Networks, their average, BatchNorm's statistics and all seed generators, those of dropout layers included, are the model's.
    """
    sync_variables(model)
    # Copied, because on a CPU the arrays may share the variables' memory.
    return {
        group: [np.array(ops.convert_to_numpy(variable)) for variable in variables]
        for group, variables in _groups(model).items()
    }


def describe_state(model) -> dict[str, list]:
    """Returns path, shape and dtype of every variable, as JSON holds them, in the groups of `capture_state`.

    The numbers that Keras gives to names ("dense_3") are left out: they count what a process has built before.
    """
    return {
        group: [[_unnumbered(v.path), list(v.shape), str(v.dtype)] for v in variables]
        for group, variables in _groups(model).items()
    }


def restore_state(model, state: dict[str, list[np.ndarray]], groups=("model", "optimizer")) -> None:
    """Assigns what `capture_state` returned, for these groups."""
    variables = _groups(model)
    for group in groups:
        for variable, value in zip(variables[group], state[group], strict=True):
            dtype = np.dtype(variable.dtype)  # bfloat16 and its like are kept as the integers of their bits
            variable.assign(value.view(dtype) if dtype.kind == "V" else value)


def refuse_other_state(folder, model, description: dict[str, list], groups=("model", "optimizer")) -> None:
    """Checks that a model has the variables that `describe_state` found.

    Args:
        folder: Of the checkpoints, for the message.
        model: The model.
        description: What `describe_state` returned.
        groups: Which groups to compare.

    Raises:
        ValueError: If it has others, naming the first that differs.
    """
    own = describe_state(model)
    for group in groups:
        found, expected = description[group], own[group]
        for one, other in zip(found, expected, strict=False):
            if one != other:
                raise ValueError(f"{folder} holds checkpoints of another model: {_words(one)} where this has {_words(other)}.")
        if len(found) != len(expected):
            raise ValueError(
                f"{folder} holds checkpoints of another model: {len(found)} variables of its {group}, where this has "
                f"{len(expected)}."
            )


def _groups(model):
    optimizer = getattr(model, "optimizer", None)
    return {
        "model": [*model.trainable_variables, *model.non_trainable_variables],
        "optimizer": list(optimizer.variables) if optimizer is not None else [],
        "metrics": list(model.metrics_variables),
    }


def _unnumbered(path):
    return re.sub(r"_\d+(?=[_/]|$)", "", path)


def _words(variable):
    path, shape, dtype = variable
    return f"{path} of shape {tuple(shape)} in {dtype}"
