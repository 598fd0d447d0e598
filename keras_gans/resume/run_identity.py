"""What determines a training run besides its variables: if it changes, going on would give the result of neither run."""

import json

import keras
from keras import ops

# Arguments of `compile` that say how a step is computed, not what.
_HOW = ("run_eagerly", "steps_per_execution", "jit_compile")
# What Keras' serialization says besides values. Names are numbered by how many objects a process has made.
_NAMES = ("module", "registered_name", "build_config", "compile_config", "name")
_MISSING = object()

SEED = "seed of the data"


def json_config(config) -> dict:
    """Returns a user's dict as JSON gives it back.

    Raises:
        ValueError: If it is no dict, or JSON cannot hold it.
    """
    try:
        return dict(json.loads(json.dumps(config or {})))
    except (TypeError, ValueError) as error:
        raise ValueError(f"config must be a dict of what JSON can hold; received {config!r}: {error}") from error


def compile_config(model) -> dict:
    """Returns the arguments of a model's `compile` that are plain values, by dotted names.

    Empty for a model that has been trained: callbacks may have changed its learning rates.
    """
    if model.optimizer is None or int(ops.convert_to_numpy(model.optimizer.iterations)):
        return {}
    try:
        config = keras.saving.serialize_keras_object(model.get_compile_config() or {})
    except Exception:  # a user's own object that Keras cannot describe: it cannot be compared either
        return {}
    return {name: value for name, value in _leaves(config) if name.split(".")[0] not in _HOW}


def data_facts(batches) -> dict:
    """Returns what gives batches of a known order that order; empty where there are none."""
    if batches is None:
        return {}
    return {
        SEED: batches.seed,
        "batch_size": batches.batch_size,
        "steps an epoch": len(batches),
        "number of samples": len(batches.source),
        "shuffle": batches.shuffle,
        "kind of batches": type(batches).__name__,  # each has an order of its own
    }


def refuse_other(folder, recorded: dict, given: dict, common=False) -> None:
    """Checks that two flat dicts are equal.

    Args:
        folder: Of the checkpoints, for the message.
        recorded: Of the checkpoint.
        given: Of this run.
        common: Whether to compare only what is in both.

    Raises:
        ValueError: If they differ, naming the first difference with both values.
    """
    for name in recorded if common else {**recorded, **given}:
        old, new = recorded.get(name, _MISSING), given.get(name, _MISSING)
        if old != new and not (common and new is _MISSING):
            raise ValueError(
                f"{folder} holds checkpoints made with {_assignment(name, old)}; this run has {_assignment(name, new)}. Run it "
                "as it was, or give another folder."
            )


def _leaves(value, name=""):
    """Yields (dotted name, plain value) for a serialized Keras object."""
    if isinstance(value, dict):
        for key, member in value.items():
            if key not in _NAMES:
                yield from _leaves(member, name if key == "config" else f"{name}.{key}".lstrip("."))
    elif isinstance(value, float):
        yield name, float(f"{value:.7g}")  # as it was written, and not as float32 holds it
    elif value is None or isinstance(value, str | int):
        yield name, value


def _assignment(name, value):
    return f"no {name}" if value is _MISSING else f"{name}={value!r}"
