"""A loaded version of a model, and its signatures."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gans.serving.errors import invalid, of_tensorflow
from keras_gans.serving.screening import read_graph
from keras_gans.video.clip import check_fps

if TYPE_CHECKING:
    import tensorflow as tf
    from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef, TensorInfo

LOGGER = logging.getLogger("keras_gans.serving")
DEFAULT = "serving_default"
_PROBED = 4
_TOLERANCE = 1e-3
_LARGEST_LIST = 2**20  # bytes of assets/labels.txt and assets/condition_names.json


class Signature:
    """A function of a SavedModel.

    Args:
        name: Its name.
        definition: Its `SignatureDef` in the file.
        function: Takes and returns tensors by name.

    Attributes:
        name, definition: The arguments.
        inputs, outputs: `TensorInfo` by name.
        joins: Whether requests may be joined in one call, because the outputs of a row do not depend on other rows.
    """

    def __init__(self, name: str, definition: SignatureDef, function: Callable[..., dict[str, Any]]):
        self.name, self.definition, self._function = name, definition, function
        self.inputs, self.outputs = dict(definition.inputs), dict(definition.outputs)
        self.joins = False

    def check_shapes(self, shapes: Mapping[str, Sequence[int]]) -> None:
        """Raise a `ServingError` if the shapes of inputs, by name, do not fit the signature."""
        for name, given in shapes.items():
            shape = self.inputs[name].tensor_shape
            if shape.unknown_rank:
                continue
            wanted = [dim.size for dim in shape.dim]
            if len(wanted) != len(given) or any(w not in (-1, g) for w, g in zip(wanted, given, strict=True)):
                raise invalid(
                    f"Input '{name}' has shape {list(given)}; the signature '{self.name}' takes {wanted}, where -1 is "
                    "any number."
                )

    def run(self, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the outputs by name.

        Args:
            arrays: An array for each input, with `bytes` objects for strings.

        Raises:
            ServingError: If the graph refuses them.
        """
        import tensorflow as tf

        try:
            given = {name: tf.constant(array, tf.as_dtype(self.inputs[name].dtype)) for name, array in arrays.items()}
            # TensorFlow returns a single string as bytes.
            return {name: np.asarray(v.numpy(), v.dtype.as_numpy_dtype) for name, v in self._function(**given).items()}
        except Exception as error:
            raise of_tensorflow(error) from error

    @property
    def rows_are_free(self) -> bool:
        """Whether the first dimension of all inputs and outputs may be any size."""
        shapes = [info.tensor_shape for info in (*self.inputs.values(), *self.outputs.values())]
        return bool(self.inputs) and all(not s.unknown_rank and s.dim and s.dim[0].size == -1 for s in shapes)

    def probe(self) -> None:
        """Warm the function up, and find out whether its rows are independent.

        They are not in a discriminator with minibatch statistics, for example.
        """
        import tensorflow as tf

        # What a file must look like cannot be told from a signature.
        if not self.rows_are_free or any(name.endswith("_bytes") for name in self.inputs):
            return
        rng = np.random.default_rng(0)
        rows = {name: _plausible(rng, name, info, tf.as_dtype(info.dtype)) for name, info in self.inputs.items()}
        try:
            together = self.run(rows)
            alone = [self.run({name: value[i : i + 1] for name, value in rows.items()}) for i in range(_PROBED)]
        except Exception as error:
            LOGGER.info("requests for '%s' are not joined, because it refused the inputs that were tried: %s", self.name, error)
            return
        self.joins = all(
            value.ndim and len(value) == _PROBED and _agree(value, [answer[name] for answer in alone])
            for name, value in together.items()
        )


def check_rows(count: int, most: int) -> None:
    """Raise a `ServingError` if a request has too many rows."""
    if count > most:
        raise invalid(f"The request has {count} rows; at most {most} are taken at a time (--max_rows).")


def _plausible(rng: np.random.Generator, name: str, info: TensorInfo, dtype: tf.DType) -> np.ndarray:
    """Return values that most functions accept as seeds, classes, latents or pixels."""
    shape = (_PROBED, *(8 if dim.size == -1 else dim.size for dim in info.tensor_shape.dim[1:]))
    if dtype.is_bool:
        return np.ones(shape, bool)
    if dtype.is_integer:
        return (np.arange(np.prod(shape)).reshape(shape) % 2).astype(dtype.as_numpy_dtype)
    if dtype.is_floating:
        values = rng.standard_normal(shape) if name == "latents" else rng.uniform(0.25, 1.0, shape)
        return values.astype(dtype.as_numpy_dtype)
    return np.full(shape, b"", object)


def _agree(together: np.ndarray, rows: list[np.ndarray]) -> bool:
    if any(row.shape != (1, *together.shape[1:]) for row in rows):
        return False
    alone = np.concatenate(rows)
    if alone.dtype.kind != "f":
        # Rounding may move a pixel by one step.
        step = 1 if alone.dtype == np.uint8 else 0
        return bool((together == alone).all()) if not step else int(np.abs(together.astype(int) - alone).max(initial=0)) <= step
    scale = max(1.0, float(np.abs(alone).max(initial=0)))
    return bool(np.allclose(together, alone, atol=_TOLERANCE * scale, rtol=0, equal_nan=True))


class Servable:
    """A loaded SavedModel.

    Args:
        name: The model's name.
        version: Its version.
        folder: The folder that holds `saved_model.pb`.
        trusted: Whether the model may use any operation; see `keras_gans.serving.screening`.

    Attributes:
        signatures: `Signature` by name.
        definitions: All `SignatureDef`s of the file by name, including those that are not served.
        classes: The names of the classes, from `assets/labels.txt`; empty if there is no such file.
        condition_names: The names of the values of other conditions, such as speakers, from `assets/condition_names.json`.
        fps: Frames per second of clips, from `assets/video.json`; None if there is no such file.

    Raises:
        Exception: What TensorFlow raises if the model cannot be loaded.
    """

    def __init__(self, name: str, version: int, folder: str | os.PathLike, trusted: bool = False):
        import tensorflow as tf

        self.name, self.version, self.folder = name, version, Path(folder)
        self.definitions = dict(read_graph(self.folder, trusted).signature_def)
        # The functions hold its variables by weak references only.
        self._loaded = tf.saved_model.load(str(folder))
        self.signatures = {
            key: Signature(key, self.definitions[key], function)
            for key, function in self._loaded.signatures.items()
            if key in self.definitions
        }
        self.classes = _lines(self.folder / "assets" / "labels.txt")
        self.condition_names = _lists(self.folder / "assets" / "condition_names.json")
        self.fps = _rate(self.folder / "assets" / "video.json")
        for signature in self.signatures.values():
            signature.probe()

    def signature(self, name: str) -> Signature:
        """Return a signature, or the default one for an empty name.

        Raises:
            ServingError: If there is no such signature.
        """
        name = name or DEFAULT
        if name not in self.signatures:
            raise invalid(f'Serving signature name: "{name}" not found in signature def')
        return self.signatures[name]


def _lines(path: Path) -> list[str]:
    """Return the lines of a small file; none if there is no such file."""
    return _text(path).splitlines()[:10_000]


def _lists(path: Path) -> dict[str, list[str]]:
    """Return the lists of strings in a small file of JSON, by name; none if there is no such file, or it holds others."""
    try:
        found = json.loads(_text(path) or "{}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    lists = {name: names for name, names in found.items() if isinstance(names, list)}
    return {name: names for name, names in lists.items() if all(isinstance(each, str) for each in names)}


def _rate(path: Path) -> float | None:
    """Return the number `fps` in a small file of JSON; None if there is no such file, or it holds another."""
    try:
        return check_fps(json.loads(_text(path) or "{}")["fps"])
    except (ValueError, RecursionError, KeyError, TypeError):
        return None


def _text(path: Path) -> str:
    """Return the beginning of a file; nothing if there is no such file."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return file.read(_LARGEST_LIST).decode("utf-8", "replace")
