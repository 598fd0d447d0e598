"""What determines a training run besides its variables. If any of it changes, resuming would match neither run."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import keras
from keras import ops

if TYPE_CHECKING:
    from keras_gans._typing import PathLike
    from keras_gans.data.batches import Batches

# Arguments of `compile` that affect how a step is computed, but not its result.
_HOW = ("run_eagerly", "steps_per_execution", "jit_compile")
# Keys of Keras' serialization that are not values. Names contain the number of objects a process has built before.
_NAMES = ("module", "registered_name", "build_config", "compile_config", "name")

SEED = "seed of the data"


def json_config(config: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a copy of a user's dict after a round trip through JSON.

    Raises:
        ValueError: If it is not a dict of JSON values.
    """
    try:
        return dict(json.loads(json.dumps(config or {})))
    except (TypeError, ValueError) as error:
        raise ValueError(f"config must be a dict of JSON values; received {config!r}: {error}") from error


def compile_config(model: keras.Model) -> dict[str, Any]:
    """Return the plain values among the arguments of a model's `compile`, by dotted names.

    The result is empty for a model that has been trained, because callbacks may have changed its learning rates.
    """
    if model.optimizer is None or int(ops.convert_to_numpy(model.optimizer.iterations)):
        return {}
    try:
        config = keras.saving.serialize_keras_object(model.get_compile_config() or {})
    except Exception:  # a custom object that Keras cannot serialize cannot be compared either
        return {}
    return {name: value for name, value in _leaves(config) if name.split(".")[0] not in _HOW}


def data_facts(batches: "Batches | None") -> dict[str, Any]:
    """Return what determines the order of batches; an empty dict for None."""
    if batches is None:
        return {}
    return {
        SEED: batches.seed,
        "batch_size": batches.batch_size,
        "steps an epoch": len(batches),
        "number of samples": len(batches.source),
        "shuffle": batches.shuffle,
        "kind of batches": type(batches).__name__,  # each kind has its own order
    }


def refuse_other(folder: "PathLike", recorded: Mapping[str, Any], given: Mapping[str, Any], common: bool = False) -> None:
    """Check that two flat dicts are equal. None equals a missing key: an earlier version may not have had the setting.

    Args:
        folder: The folder of checkpoints, for the message.
        recorded: The values of the checkpoint.
        given: The values of this run.
        common: Whether to compare only keys that are in both.

    Raises:
        ValueError: If they differ, naming the first difference with both values.
    """
    for name in recorded if common else {**recorded, **given}:
        old, new = recorded.get(name), given.get(name)
        if old != new and not (common and name not in given):
            raise ValueError(
                f"{folder} holds checkpoints made with {_assignment(name, old)}; this run has {_assignment(name, new)}. Repeat "
                "the original settings, or give another folder."
            )


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (dotted name, plain value) of a serialized Keras object."""
    if isinstance(value, dict):
        for key, member in value.items():
            if key not in _NAMES:
                yield from _leaves(member, name if key == "config" else f"{name}.{key}".lstrip("."))
    elif isinstance(value, float):
        yield name, float(f"{value:.7g}")  # as written, without the rounding of float32
    elif value is None or isinstance(value, str | int):
        yield name, value


def _assignment(name: str, value: Any) -> str:
    return f"no {name}" if value is None else f"{name}={value!r}"
