"""Files that belong to an exported model: a text model's vocabulary, the names of classes.

SavedModels contain them in `assets/`. A TFLite file with such files is a zip archive as well, as in TFLite's metadata format.
"""

import contextlib
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


@contextlib.contextmanager
def as_assets(module: Any, files: Mapping[str, bytes]) -> Iterator[None]:
    """Make files, by name, assets of a `tf.Module` that is saved inside the block."""
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in files]
        for path, content in zip(paths, files.values(), strict=True):
            path.write_bytes(content)
        module.assets = [tf.saved_model.Asset(str(path)) for path in paths]
        yield


def pack(path: Path, files: Mapping[str, bytes]) -> None:
    """Append files, by name, to a TFLite file as a zip archive."""
    if not files:
        return
    with zipfile.ZipFile(path, "a") as archive:
        for name, content in files.items():
            # Without a date, so that the same model gives the same bytes; uncompressed, so that the file can be memory-mapped.
            archive.writestr(zipfile.ZipInfo(name), content)
