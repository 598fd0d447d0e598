"""Which versions of which models lie in a folder, and which of them are to be served.

The layout is TensorFlow Serving's: `MODEL/<version>/saved_model.pb`, and `models.config`, a `ModelServerConfig` in protobuf's
text format (https://www.tensorflow.org/tfx/serving/serving_config), that chooses models, versions and labels. Without it every
model is served in its latest version.
"""

import contextlib
import os
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

CONFIG = "models.config"
GRAPH = "saved_model.pb"
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Model:
    """What is to be served of a model.

    Attributes:
        versions: Folders by version, of those that are to be served.
        labels: Versions by label, such as `stable`.
    """

    versions: dict[int, Path]
    labels: dict[str, int] = field(default_factory=dict)


def scan(root: str | os.PathLike) -> dict[str, Model]:
    """Returns the models of a folder by name.

    Args:
        root: A folder of models, or the folder of one model, which holds versions.

    Raises:
        ValueError: If `models.config` cannot be read as a `ModelServerConfig`.
        OSError: If the folder cannot be read.
    """
    root = Path(root)
    if (root / CONFIG).is_file():
        return {name: _configured(root, name, config) for name, config in _read_config(root / CONFIG).items()}
    if _versions(root):
        return {root.resolve().name: Model(_latest(_versions(root), 1))}
    folders = sorted(child for child in root.iterdir() if not child.name.startswith(".") and child.is_dir())
    found = {folder.name: _versions(folder) for folder in folders}
    return {name: Model(_latest(versions, 1)) for name, versions in found.items() if versions}


def fingerprint(folder: Path) -> tuple:
    """Returns what changes while a folder is being copied: names, sizes and times of its files."""
    found = []
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):  # gone again
            facts = path.stat()
            found.append((str(path), facts.st_size, facts.st_mtime_ns))
    return tuple(sorted(found))


def _versions(folder):
    """Returns the folders of a model's versions that hold a graph, by version."""
    found = {}
    if not folder.is_dir():
        return found
    for child in sorted(folder.iterdir()):
        if child.name.isascii() and child.name.isdigit() and int(child.name) <= _LARGEST and (child / GRAPH).is_file():
            found[int(child.name)] = child
    return found


def _latest(versions, count):
    return {number: versions[number] for number in sorted(versions)[-count:]}


def _read_config(path):
    """Returns the `ModelConfig` of each model by name."""
    from google.protobuf import text_format
    from tensorflow_serving.config import model_server_config_pb2

    try:
        config = text_format.Parse(path.read_text(encoding="utf-8"), model_server_config_pb2.ModelServerConfig())
    except (text_format.ParseError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no ModelServerConfig in protobuf's text format: {error}") from error
    models = {}
    for model in config.model_config_list.config:
        if not model.name:
            raise ValueError(f"{path}: each config needs a name.")
        if model.name in models:
            raise ValueError(f"{path}: there are two configs with the name '{model.name}'.")
        models[model.name] = model
    if not models:
        raise ValueError(f"{path} lists no model: it needs model_config_list {{ config {{ name: ... base_path: ... }} }}.")
    return models


def _configured(root, name, config):
    # Paths are those of a container, such as /models/NAME; here the models lie beside the file.
    last = PurePosixPath(config.base_path or name).name
    folder = root if last == root.resolve().name and not (root / last).is_dir() else root / last
    versions = _versions(folder)
    policy = config.model_version_policy
    kind = policy.WhichOneof("policy_choice")
    if kind == "specific":
        chosen = {number: versions[number] for number in policy.specific.versions if number in versions}
    elif kind == "all":
        chosen = versions
    else:
        chosen = _latest(versions, max(1, policy.latest.num_versions))
    return Model(chosen, dict(config.version_labels))
