"""The models and versions in a folder, and which of them to serve.

The layout is TensorFlow Serving's: `MODEL/<version>/saved_model.pb`, and `models.config`, a `ModelServerConfig` in protobuf's
text format (https://www.tensorflow.org/tfx/serving/serving_config), which chooses models, versions and labels. Without it the
latest version of each model is served.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from keras_gans.serving.model_folder import CONFIG, read_config, versions

if TYPE_CHECKING:
    from tensorflow_serving.config.model_server_config_pb2 import ModelConfig


@dataclass(frozen=True)
class Model:
    """What to serve of a model.

    Attributes:
        versions: The folders of the versions to serve, by version.
        labels: Versions by label, such as `stable`.
    """

    versions: dict[int, Path]
    labels: dict[str, int] = field(default_factory=dict)


def scan(root: str | os.PathLike) -> dict[str, Model]:
    """Return the models of a folder by name.

    Args:
        root: A folder of models, or the folder of one model, which holds versions.

    Raises:
        ValueError: If `models.config` cannot be read as a `ModelServerConfig`.
        OSError: If the folder cannot be read.
    """
    root = Path(root)
    if (root / CONFIG).is_file():
        return {name: _configured(root, name, config) for name, config in _read_config(root / CONFIG).items()}
    if versions(root):
        return {root.resolve().name: Model(_latest(versions(root), 1))}
    # A name with line breaks, say, could write what it likes into logs and metrics.
    folders = sorted(
        child for child in root.iterdir() if not child.name.startswith(".") and child.name.isprintable() and child.is_dir()
    )
    found = {folder.name: versions(folder) for folder in folders}
    return {name: Model(_latest(there, 1)) for name, there in found.items() if there}


def fingerprint(folder: Path) -> tuple:
    """Return what changes while a folder is being copied: the names, sizes and times of its files."""
    found: list[tuple[str, int, int]] = []
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):  # gone again
            info = path.stat()
            found.append((str(path), info.st_size, info.st_mtime_ns))
    return tuple(sorted(found))


def _latest(there: dict[int, Path], count: int) -> dict[int, Path]:
    return {number: there[number] for number in sorted(there)[-count:]}


def _read_config(path: Path) -> dict[str, ModelConfig]:
    """Return the `ModelConfig` of each model by name."""
    models: dict[str, ModelConfig] = {}
    for model in read_config(path).model_config_list.config:
        if not model.name or not model.name.isprintable():
            raise ValueError(f"{path}: each config needs a name of printable characters; received {model.name!r}.")
        if model.name in models:
            raise ValueError(f"{path}: there are two configs with the name '{model.name}'.")
        models[model.name] = model
    if not models:
        raise ValueError(f"{path} lists no model: it needs model_config_list {{ config {{ name: ... base_path: ... }} }}.")
    return models


def _configured(root: Path, name: str, config: ModelConfig) -> Model:
    # Paths are those of a container, such as /models/NAME; here the models lie beside the file.
    last = PurePosixPath(config.base_path or name).name
    folder = root if last == root.resolve().name and not (root / last).is_dir() else root / last
    there = versions(folder)
    policy = config.model_version_policy
    kind = policy.WhichOneof("policy_choice")
    if kind == "specific":
        chosen = {number: there[number] for number in policy.specific.versions if number in there}
    elif kind == "all":
        chosen = there
    else:
        chosen = _latest(there, max(1, policy.latest.num_versions))
    return Model(chosen, dict(config.version_labels))
