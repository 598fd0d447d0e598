import json
import time
from pathlib import Path

import keras

from keras_gans.files import remove_leftovers, replacing


class JSONLog(keras.callbacks.Callback):
    """Appends a line of JSON an epoch to a file: the epoch's number from 1, seconds since training began, and its logs.

    Args:
        path: The file; its folder is made where it does not exist.
        append: Whether to keep what is in the file, and to count seconds on from its last line.
    """

    def __init__(self, path, append=False):
        super().__init__()
        self.path = Path(path)
        self.append = append

    def on_train_begin(self, logs=None):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not self.append:
            self.path.write_text("", encoding="utf-8")
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.is_file() else []
        self._began = time.perf_counter() - (json.loads(lines[-1])["seconds"] if lines else 0.0)

    def on_epoch_end(self, epoch, logs=None):
        seconds = round(time.perf_counter() - self._began, 3)
        numbers = {name: float(value) for name, value in (logs or {}).items()}
        with open(self.path, "a", encoding="utf-8") as f:
            f.write(json.dumps({"epoch": epoch + 1, "seconds": seconds, **numbers}) + "\n")


def read_until(path, key, last, parse=json.loads):
    """Returns the entries of a log up to one, and removes from the file those after it and what was half written.

    Args:
        path: A file of one entry a line; it need not exist.
        key: What numbers the entries, such as `"step"`.
        last: The number of the last entry to keep.
        parse: Makes a dict of a line; raises ValueError where it cannot.
    """
    path = Path(path)
    remove_leftovers(path.parent, path.name)
    if not path.is_file():
        return []
    lines, kept, entries = path.read_text(encoding="utf-8").splitlines(keepends=True), [], []
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
