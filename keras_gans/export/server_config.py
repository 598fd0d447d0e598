"""`models.config`, of which a new version changes its own model's entry: the labels, and which versions are served.

Whatever else is in the file stays, and so does a choice of versions that the user made. To know that one, a comment holds what
was chosen here last: a policy that is another now was made by hand. (Other comments go, because the file is parsed.)

Reference: TensorFlow Serving, "Serving Configuration"; `model_server_config.proto`.
"""

import os
import re
from pathlib import Path

from keras_gans.files import replacing
from keras_gans.serving.model_folder import CONFIG, read_config, versions

_MOUNTED = "/models"  # where the server's container has the folder
_HEAD = "# The export chose these versions last; where you choose others, they stay.\n"
_CHOSEN = re.compile(r"^#   (\S+): (latest|none|[\d ]+)$", re.MULTILINE)


class ServerConfig:
    """The configuration of a folder of models; where the file is missing, of all models that lie there.

    Args:
        root: The folder of models.

    Raises:
        ValueError: If there is a file that cannot be read.
    """

    def __init__(self, root: str | os.PathLike):
        from tensorflow_serving.config import model_server_config_pb2

        self._root, self._path = Path(root), Path(root, CONFIG)
        self._chosen = {}
        if self._path.exists():
            self._config = read_config(self._path)
            if self._config.WhichOneof("config") == "custom_model_config":
                raise ValueError(f"{self._path} has a custom_model_config; models can be added to a model_config_list only.")
            self._chosen = dict(_CHOSEN.findall(self._path.read_text(encoding="utf-8")))
        else:
            self._config = model_server_config_pb2.ModelServerConfig()
            for folder in sorted(path for path in self._root.glob("*") if path.is_dir() and versions(path)):
                self._choose(self._entry(folder.name), set())

    def needed(self, name: str) -> set[int]:
        """Returns the versions of a model that have a label, or that the user chose one by one."""
        entry = self._entry(name)
        by_hand = () if self._is_ours(entry) else entry.model_version_policy.specific.versions
        return {*entry.version_labels.values(), *by_hand}

    def set_label(self, name: str, label: str, version: int) -> None:
        """Gives a version of a model a label, and has it served if the user does not choose the versions."""
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
        """Writes the file."""
        from google.protobuf import text_format

        comment = _HEAD + "".join(f"#   {name}: {chosen}\n" for name, chosen in sorted(self._chosen.items()))
        with replacing(self._path) as temporary:
            temporary.write_text(comment + text_format.MessageToString(self._config), encoding="utf-8")

    def _entry(self, name):
        """Returns a model's `ModelConfig`, a new one if there is none."""
        entries = self._config.model_config_list.config
        found = next((entry for entry in entries if entry.name == name), None)
        return found or entries.add(name=name, base_path=f"{_MOUNTED}/{name}", model_platform="tensorflow")

    def _choose(self, entry, wanted):
        policy = entry.model_version_policy
        policy.Clear()
        if len(wanted) > 1:
            policy.specific.versions.extend(sorted(wanted))
        else:
            policy.latest.num_versions = 1
        self._chosen[entry.name] = _text(policy)

    def _is_ours(self, entry):
        policy = entry.model_version_policy
        if policy.WhichOneof("policy_choice") is None:
            return True
        if entry.name in self._chosen:
            return _text(policy) == self._chosen[entry.name]
        # Without the comment: what would have been written.
        labelled = sorted(set(entry.version_labels.values()))
        return _text(policy) in ("latest", " ".join(map(str, labelled)) or None)


def _text(policy):
    """Returns a policy as the comment has it, and nothing for one that is never chosen here."""
    if policy.WhichOneof("policy_choice") == "specific":
        return " ".join(map(str, policy.specific.versions))
    return "latest" if policy.latest.num_versions == 1 else ""
