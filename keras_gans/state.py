"""All state of a training model in one file: what going on needs, and Keras' own saving leaves out in part."""

import json

import numpy as np
from keras import ops

from keras_gans.files import read_npz, replacing


def _variables(model):
    # Seed generators count among the non-trainable variables; metrics do not, and begin anew with each epoch.
    return [*model.trainable_variables, *model.non_trainable_variables, *model.optimizer.variables]


def capture_state(model, **facts) -> dict:
    """Copies every variable of a compiled model (networks, average, both optimizers, seeds) into arrays.

    Args:
        model: A compiled `AdversarialModel`.
        **facts: What JSON can hold, such as `epoch=3`, given back by `load_state`.

    Returns:
        What `save_state` takes.
    """
    model.sync_state()
    # Copied, because on a CPU the arrays may share the variables' memory.
    arrays = {str(index): np.array(ops.convert_to_numpy(variable)) for index, variable in enumerate(_variables(model))}
    return {"facts": facts, "arrays": arrays}


def save_state(path, state: dict) -> None:
    """Writes what `capture_state` returned to a `.npz` file, replacing it whole."""
    with replacing(path) as temporary, open(temporary, "wb") as f:
        np.savez(f, facts=json.dumps(state["facts"]), **state["arrays"])


def load_state(path, model) -> dict:
    """Restores what `save_state` wrote, and returns its facts.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is damaged, or belongs to a model with other variables; the model is left as it was.
    """
    variables = _variables(model)
    _, arrays = read_npz(path)
    facts = arrays.pop("facts", "{}")
    values = [arrays[name] for name in sorted(arrays, key=lambda name: name.zfill(6))]
    if [value.shape for value in values] != [tuple(variable.shape) for variable in variables]:
        raise ValueError(f"{path} holds the state of another model: its variables have other numbers or shapes.")
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    return json.loads(str(facts))
