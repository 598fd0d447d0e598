"""Files that belong to an exported model: the vocabulary of one that writes, the names of the classes of a conditional one.

SavedModels hold them in `assets/`. TFLite files are zip archives, too, that hold them, as TFLite's metadata format packs them.
"""

import contextlib
import tempfile
import zipfile
from pathlib import Path

from keras_gans.export import vocabulary

LABELS = "labels.txt"


def associated_files(model, class_names=()) -> dict[str, bytes]:
    """Returns the files of a model by name.

    Args:
        model: An `AdversarialModel`.
        class_names: Of a conditional model; their numbers if there are none.

    Raises:
        ValueError: If there are more or fewer names than classes, or one has two lines.
    """
    files = {}
    if getattr(model, "tokenizer", None) is not None:
        files[vocabulary.NAME] = vocabulary.content(model)
    if model.conditional:
        names = [str(name) for name in class_names] or [str(number) for number in range(model.num_classes)]
        if len(names) != model.num_classes or any(len(name.splitlines()) > 1 for name in names):
            raise ValueError(f"class_names must be {model.num_classes} names of a line each; received {names}.")
        files[LABELS] = "".join(f"{name}\n" for name in names).encode()
    return files


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
