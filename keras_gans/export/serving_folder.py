"""A folder of models as TensorFlow Serving takes it: `ROOT/MODEL/<version>/`, and beside them what the server is started with.

`models.config` says which versions are served and what the labels, such as `stable` and `canary`, mean; each version changes
its model's entry there: see `keras_gans.export.server_config`. The other files are written once, and may be edited:
`batching.config`, `monitoring.config`, `docker-compose.yaml`, `kubernetes.yaml`, and `clients/`, with programs that ask the
server for a sample and a request for each model.

Reference: TensorFlow Serving, "Serving Configuration".
"""

import os
import re
import shutil
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from keras_gans.errors import check_count
from keras_gans.export.saved_model import write_version
from keras_gans.export.server_config import ServerConfig
from keras_gans.export.signatures import signatures_of
from keras_gans.files import replacing, write_json
from keras_gans.serving.model_folder import versions

_CLIENTS = ("clients/client.sh", "clients/client.py", "clients/client.mjs")
_FILES = ("batching.config", "monitoring.config", "docker-compose.yaml", "kubernetes.yaml", *_CLIENTS)


def publish(
    model,
    root: str | os.PathLike,
    name: str,
    version: int | None = None,
    class_names: Sequence[str] = (),
    label: str = "stable",
    keep: int | None = None,
) -> tuple[Path, float]:
    """Exports a model as a new version in a server's folder of models.

    Args:
        model: An `AdversarialModel`.
        root: The folder of models.
        name: What the server calls the model.
        version: Integer >= 1; the next free one if None.
        class_names: The names of the classes of a class-conditional model.
        label: What the version is called; a version that was called so before is so no more.
        keep: How many of the newest versions stay; all if None. Versions that have a label, or that the user lists in
            `models.config`, stay, too.

    Returns:
        The version's folder, and the largest difference from Keras' output, as `saved_model` does.

    Raises:
        ValueError: If a name or label is none, `keep` is below 1, or `models.config` cannot be read; and as `saved_model` does.
    """
    root = Path(root)
    for kind, given in (("name", name), ("label", label)):
        if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", given, re.ASCII):
            raise ValueError(
                f"A {kind} is of letters, digits, '_', '-' and '.', and begins with one of the first; received '{given}'."
            )
    if keep is not None:
        check_count("keep", keep, 1)
    ServerConfig(root)  # what is wrong with it is said before the work is done
    signatures = signatures_of(model)
    folder, difference = write_version(signatures, root / name, version, class_names)
    config = ServerConfig(root)
    config.set_label(name, label, int(folder.name))
    there = versions(root / name)
    # A server is to read which versions it serves before others are gone.
    config.write()
    for each in list(there)[: -keep if keep else 0]:
        if each not in config.needed(name):
            _remove(there[each])
    _write_once(root)
    signature, row = signatures.request()
    write_json(root / "clients" / f"{name}.json", {"signature_name": signature, "instances": [row]})
    return folder, difference


def _remove(folder):
    """Removes a version at once: a server never sees half of it."""
    gone = folder.with_name(f".{folder.name}.removed")
    folder.replace(gone)
    shutil.rmtree(gone)


def _write_once(root):
    templates = resources.files("keras_gans.export") / "serving"
    for name in _FILES:
        if not (root / name).exists():
            with replacing(root / name) as temporary:
                temporary.write_text((templates / Path(name).name).read_text(encoding="utf-8"), encoding="utf-8")
                temporary.chmod(0o755 if name in _CLIENTS else 0o644)
