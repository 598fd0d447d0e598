"""What a `.h5` file of Keras 2 holds: the description of a model in JSON, and arrays of weights."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np


class SavedNetwork(NamedTuple):
    """A network as Keras 2 saved it.

    Attributes:
        description: `{"class_name": ..., "config": {...}}`.
        weights: Layer -> its weights by name, such as `dense/kernel:0`, in Keras 2's order: trained ones before others.
    """

    description: dict[str, Any]
    weights: dict[str, dict[str, np.ndarray]]


def read_file(path: str | Path) -> SavedNetwork:
    """Read a `.h5` file.

    Args:
        path: A file that `model.save("x.h5")` of Keras 2, or of `tf.keras` up to TensorFlow 2.15, wrote.

    Raises:
        ValueError: If the file is not HDF5, holds weights alone, was saved by another version of Keras, or refers to other
            files.
    """
    import h5py

    if not h5py.is_hdf5(path):
        raise ValueError(f"{path} is not an HDF5 file: Keras 2 writes one with model.save('generator.h5').")
    with h5py.File(path) as file:
        if "model_config" not in file.attrs:
            raise ValueError(
                f"{path} holds weights without their network: build it in Keras 2, load them, and save it with model.save()."
            )
        version = _text(file.attrs.get("keras_version", "1"))
        if not version.startswith("2."):
            reader = "keras.models.load_model reads it" if version.startswith("3") else "save it again with Keras 2"
            raise ValueError(f"{path} was saved by Keras {version}, and not by Keras 2: {reader}.")
        group = file["model_weights"]
        layers = {name: dict(_arrays(_member(group, name, path), path)) for name in _names(group, "layer_names")}
        return SavedNetwork(json.loads(_text(file.attrs["model_config"])), layers)


def _arrays(group: Any, path: str | Path) -> Iterator[tuple[str, np.ndarray]]:
    for name in _names(group, "weight_names"):
        dataset = group
        for part in name.split("/"):
            dataset = _member(dataset, part, path)
        if dataset.external or dataset.is_virtual:
            raise ValueError(f"The weights '{name}' of {path} lie in other files, which are not read.")
        yield name, np.asarray(dataset, "float32")


def _member(group: Any, name: str, path: str | Path) -> Any:
    import h5py

    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        raise ValueError(f"'{name}' of {path} is missing, or lies in another file, which is not read.")
    return group[name]


def _names(group: Any, attribute: str) -> list[str]:
    """Return a list of names. Keras 2 divides a long one among several attributes."""
    if attribute in group.attrs:
        return [_text(name) for name in group.attrs[attribute]]
    parts = itertools.takewhile(lambda part: part in group.attrs, (f"{attribute}{number}" for number in itertools.count()))
    return [_text(name) for part in parts for name in group.attrs[part]]


def _text(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)
