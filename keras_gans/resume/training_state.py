"""The state of training: all variables of a model, its optimizer and its metrics, as arrays."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import keras
import numpy as np
from keras import ops

from keras_gans._typing import Array, PathLike

# Arrays by group: `model`, `optimizer` and `metrics`.
State: TypeAlias = dict[str, list[Array]]
# Path, shape and dtype of each variable, by the same groups.
Description: TypeAlias = Mapping[str, list[list[Any]]]
_RESTORED = ("model", "optimizer")


def sync_variables(model: keras.Model) -> None:
    """Update a model's variables: on JAX, `fit` keeps the current values elsewhere."""
    getattr(model, "jax_state_sync", lambda: None)()


def capture_state(model: keras.Model) -> State:
    """Copy the values of all variables into arrays, in three groups: `model`, `optimizer` and `metrics`.

    The group `model` includes the networks, the moving average, statistics of BatchNormalization, and all seed generators.
    """
    sync_variables(model)
    # Copied, because on a CPU the arrays may share the variables' memory.
    return {
        group: [np.array(ops.convert_to_numpy(variable)) for variable in variables]
        for group, variables in _groups(model).items()
    }


def describe_state(model: keras.Model) -> Description:
    """Return path, shape and dtype of every variable as JSON values, in the groups of `capture_state`.

    The numbers that Keras appends to names ("dense_3") are left out: they count what a process has built before.
    """
    return {
        group: [[_unnumbered(v.path), list(v.shape), str(v.dtype)] for v in variables]
        for group, variables in _groups(model).items()
    }


def restore_state(model: keras.Model, state: State, groups: Sequence[str] = _RESTORED) -> None:
    """Assign the arrays of `capture_state` to the variables of these groups."""
    variables = _groups(model)
    for group in groups:
        for variable, value in zip(variables[group], state[group], strict=True):
            dtype = np.dtype(variable.dtype)  # bfloat16 and similar types are stored as integers
            variable.assign(value.view(dtype) if dtype.kind == "V" else value)


def refuse_other_state(
    folder: PathLike, model: keras.Model, description: Description, groups: Sequence[str] = _RESTORED
) -> None:
    """Check that a model has the variables that a checkpoint describes.

    Args:
        folder: The folder of checkpoints, for the message.
        model: The model.
        description: The result of `describe_state`.
        groups: The groups to compare.

    Raises:
        ValueError: If the variables differ, naming the first difference.
    """
    own = describe_state(model)
    for group in groups:
        found, expected = description[group], own[group]
        for one, other in zip(found, expected, strict=False):
            if one != other:
                raise ValueError(f"{folder} holds checkpoints of another model: {_words(one)}, here {_words(other)}.")
        if len(found) != len(expected):
            raise ValueError(
                f"{folder} holds checkpoints of another model: its {group} has {len(found)} variables, that of this model "
                f"{len(expected)}."
            )


def _groups(model: keras.Model) -> dict[str, list[Any]]:
    optimizer = getattr(model, "optimizer", None)
    return {
        "model": [*model.trainable_variables, *model.non_trainable_variables],
        "optimizer": list(optimizer.variables) if optimizer is not None else [],
        "metrics": list(model.metrics_variables),
    }


def _unnumbered(path: str) -> str:
    return re.sub(r"_\d+(?=[_/]|$)", "", path)


def _words(variable: list[Any]) -> str:
    path, shape, dtype = variable
    return f"{path} of shape {tuple(shape)} in {dtype}"
