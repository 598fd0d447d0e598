"""A folder of models for TensorFlow Serving: `ROOT/MODEL/<version>/`, beside the files that the server is started with.

`models.config` says which versions are served and what the labels, such as `stable` and `canary`, mean. Each new version
changes its model's entry: see `keras_gans.export.server_config`. The other files are written once and may be edited:
`batching.config`, `monitoring.config`, `docker-compose.yaml`, `kubernetes.yaml`, and `clients/`, with programs that ask the
server for a sample and a request for each model.

Reference: TensorFlow Serving, "Serving Configuration".
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from keras_gans._typing import PathLike
from keras_gans.errors import check_count
from keras_gans.export.parity import Difference
from keras_gans.export.saved_model import write_version
from keras_gans.export.server_config import ServerConfig
from keras_gans.export.signatures import signatures_of
from keras_gans.files import replacing, write_json
from keras_gans.serving.model_folder import versions

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel
    from keras_gans.editing import Directions
    from keras_gans.sequences import Watermark

_CLIENTS = ("clients/client.sh", "clients/client.py", "clients/client.mjs")
_FILES = ("batching.config", "monitoring.config", "docker-compose.yaml", "kubernetes.yaml", *_CLIENTS)


def publish(
    model: AdversarialModel,
    root: PathLike,
    name: str,
    version: int | None = None,
    class_names: Sequence[str] = (),
    label: str = "stable",
    keep: int | None = None,
    directions: Directions | None = None,
    watermark: Watermark | None = None,
) -> tuple[Path, Difference]:
    """Export a model as a new version in a server's folder of models.

    Args:
        model: The model to export.
        root: The folder of models.
        name: The model's name on the server.
        version: An integer of at least 1; the next free one by default.
        class_names: The names of the classes of a class-conditional model; their numbers by default.
        label: The label of this version. A version that had the label before loses it.
        keep: The number of newest versions to keep; all by default. Versions that have a label, or that `models.config` lists
            by hand, are kept as well.
        directions: Directions in latent space: see `saved_model`.
        watermark: Marks all text: see `saved_model`.

    Returns:
        The version's folder, and the largest difference from Keras' output, as from `saved_model`.

    Raises:
        ValueError: If the name or label is not valid, `keep` is below 1, or `models.config` cannot be read; and as
            `saved_model`.
    """
    root = Path(root)
    for kind, given in (("name", name), ("label", label)):
        if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", given, re.ASCII):
            raise ValueError(
                f"A {kind} consists of letters, digits, '_', '-' and '.' and begins with a letter or digit; received '{given}'."
            )
    if keep is not None:
        keep = check_count("keep", keep)
    ServerConfig(root)  # raises its errors before the export
    signatures = signatures_of(model, class_names, directions=directions, watermark=watermark)
    folder, difference = write_version(signatures, root / name, version)
    config = ServerConfig(root)
    config.set_label(name, label, int(folder.name))
    there = versions(root / name)
    # A server must know which versions to serve before others disappear.
    config.write()
    for each in list(there)[: -keep if keep else 0]:
        if each not in config.needed(name):
            _remove(there[each])
    _write_once(root)
    signature, row = signatures.request()
    write_json(root / "clients" / f"{name}.json", {"signature_name": signature, "instances": [row]})
    return folder, difference


def _remove(folder: Path) -> None:
    """Remove a version at once: a server never sees half of it."""
    gone = folder.with_name(f".{folder.name}.removed")
    folder.replace(gone)
    shutil.rmtree(gone)


def _write_once(root: Path) -> None:
    templates = resources.files("keras_gans.export") / "serving"
    for name in _FILES:
        if not (root / name).exists():
            with replacing(root / name) as temporary:
                temporary.write_text((templates / Path(name).name).read_text(encoding="utf-8"), encoding="utf-8")
                temporary.chmod(0o755 if name in _CLIENTS else 0o644)
