import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras

from keras_gans._typing import PathLike
from keras_gans.files import remove_leftovers, replacing


class JSONLog(keras.callbacks.Callback):
    """Appends a line of JSON per epoch to a file: the epoch (from 1), the seconds since training began, and the logs.

    Args:
        path: The file. Its folder is created if necessary.
        append: Whether to keep the content of the file, and to count seconds from its last line.
    """

    def __init__(self, path: PathLike, append: bool = False):
        super().__init__()
        self.path = Path(path)
        self.append = append

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not self.append:
            self.path.write_text("", encoding="utf-8")
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.is_file() else []
        self._began = time.perf_counter() - (json.loads(lines[-1])["seconds"] if lines else 0.0)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        seconds = round(time.perf_counter() - self._began, 3)
        numbers = {name: float(value) for name, value in (logs or {}).items()}
        with open(self.path, "a", encoding="utf-8") as f:
            f.write(json.dumps({"epoch": epoch + 1, "seconds": seconds, **numbers}) + "\n")


def read_until(
    path: PathLike, key: str, last: int, parse: Callable[[str], dict[str, Any]] = json.loads
) -> list[dict[str, Any]]:
    """Return the entries of a log up to a given one, and remove later and incomplete ones from the file.

    Args:
        path: A file with one entry per line. It need not exist.
        key: The key by which entries are numbered, such as `"step"`.
        last: The number of the last entry to keep.
        parse: Turns a line into a dict; raises ValueError if it cannot.
    """
    path = Path(path)
    remove_leftovers(path.parent, path.name)
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept, entries = [], []
    for line in lines:
        try:
            entry = parse(line)
        except ValueError:
            continue
        if line.endswith("\n") and entry[key] <= last:
            kept.append(line)
            entries.append(entry)
    if len(kept) < len(lines):
        with replacing(path) as temporary:
            temporary.write_text("".join(kept), encoding="utf-8")
    return entries
