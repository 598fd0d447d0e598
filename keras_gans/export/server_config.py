"""`models.config`. A new version changes its own model's entry: the labels, and which versions are served.

Everything else in the file is kept, and so is a choice of versions made by hand. A comment records what was chosen here last; a
policy that differs was made by hand. Other comments are lost, because the file is parsed.

Reference: TensorFlow Serving, "Serving Configuration"; `model_server_config.proto`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from keras_gans._typing import PathLike
from keras_gans.files import replacing
from keras_gans.serving.model_folder import CONFIG, read_config, versions

_MOUNTED = "/models"  # where the server's container has the folder
_HEAD = "# Versions chosen by the last export. If you choose others, they are kept.\n"
_CHOSEN = re.compile(r"^#   (\S+): (latest|none|[\d ]+)$", re.MULTILINE)


class ServerConfig:
    """The configuration of a folder of models. Without a file, that of all models in the folder.

    Args:
        root: The folder of models.

    Raises:
        ValueError: If the file cannot be read.
    """

    def __init__(self, root: PathLike):
        from tensorflow_serving.config import model_server_config_pb2

        self._root, self._path = Path(root), Path(root, CONFIG)
        self._chosen: dict[str, str] = {}
        if self._path.exists():
            self._config = read_config(self._path)
            if self._config.WhichOneof("config") == "custom_model_config":
                raise ValueError(f"{self._path} has a custom_model_config; models can only be added to a model_config_list.")
            self._chosen = dict(_CHOSEN.findall(self._path.read_text(encoding="utf-8")))
        else:
            self._config = model_server_config_pb2.ModelServerConfig()
            for folder in sorted(path for path in self._root.glob("*") if path.is_dir() and versions(path)):
                self._choose(self._entry(folder.name), set())

    def needed(self, name: str) -> set[int]:
        """Return the versions of a model that have a label or are listed by hand."""
        entry = self._entry(name)
        by_hand = () if self._is_ours(entry) else entry.model_version_policy.specific.versions
        return {*entry.version_labels.values(), *by_hand}

    def set_label(self, name: str, label: str, version: int) -> None:
        """Give a version of a model a label, and serve it unless the versions are chosen by hand."""
        entry = self._entry(name)
        is_ours = self._is_ours(entry)
        entry.version_labels[label] = version
        there = versions(self._root / name)
        for gone in [key for key, value in entry.version_labels.items() if value not in there]:
            del entry.version_labels[gone]
        if is_ours:
            self._choose(entry, {max(there), *entry.version_labels.values()})
        else:
            self._chosen.setdefault(name, "none")

    def write(self) -> None:
        """Write the file."""
        from google.protobuf import text_format

        comment = _HEAD + "".join(f"#   {name}: {chosen}\n" for name, chosen in sorted(self._chosen.items()))
        with replacing(self._path) as temporary:
            temporary.write_text(comment + text_format.MessageToString(self._config), encoding="utf-8")

    def _entry(self, name: str) -> Any:
        """Return a model's `ModelConfig`, adding one if there is none."""
        entries = self._config.model_config_list.config
        found = next((entry for entry in entries if entry.name == name), None)
        return found or entries.add(name=name, base_path=f"{_MOUNTED}/{name}", model_platform="tensorflow")

    def _choose(self, entry: Any, wanted: Collection[int]) -> None:
        policy = entry.model_version_policy
        policy.Clear()
        if len(wanted) > 1:
            policy.specific.versions.extend(sorted(wanted))
        else:
            policy.latest.num_versions = 1
        self._chosen[entry.name] = _text(policy)

    def _is_ours(self, entry: Any) -> bool:
        policy = entry.model_version_policy
        if policy.WhichOneof("policy_choice") is None:
            return True
        if entry.name in self._chosen:
            return _text(policy) == self._chosen[entry.name]
        # Without the comment: whether it is what would have been written.
        labelled = sorted(set(entry.version_labels.values()))
        return _text(policy) in ("latest", " ".join(map(str, labelled)) or None)


def _text(policy: Any) -> str:
    """Return a policy as in the comment; an empty string for one that is never chosen here."""
    if policy.WhichOneof("policy_choice") == "specific":
        return " ".join(map(str, policy.specific.versions))
    return "latest" if policy.latest.num_versions == 1 else ""
