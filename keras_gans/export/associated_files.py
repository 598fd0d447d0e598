"""Where the files that belong to an exported model lie: a text model's vocabulary, the names of classes.

SavedModels hold them in `assets/`. TFLite files are zip archives, too, that hold them, as TFLite's metadata format packs them.
"""

import contextlib
import tempfile
import zipfile
from pathlib import Path


@contextlib.contextmanager
def as_assets(module, files):
    """Makes files, by name, assets of a `tf.Module` that is saved inside the block."""
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in files]
        for path, content in zip(paths, files.values(), strict=True):
            path.write_bytes(content)
        module.assets = [tf.saved_model.Asset(str(path)) for path in paths]
        yield


def pack(path, files):
    """Appends files, by name, to a TFLite file as a zip archive."""
    if not files:
        return
    with zipfile.ZipFile(path, "a") as archive:
        for name, content in files.items():
            # Of no date, so that the same model gives the same bytes; not compressed, so that it can be mapped into memory.
            archive.writestr(zipfile.ZipInfo(name), content)
