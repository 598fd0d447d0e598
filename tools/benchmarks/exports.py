"""How far each format of every entry lies from the Keras model."""

import tempfile
from pathlib import Path

import numpy as np

from keras_gans.files import kilobytes

QUANTIZED = ("float16", "dynamic", "int8")
FORMATS = ("saved_model", "tflite", *QUANTIZED, "onnx")
# Of a growing model the shortest schedule that reaches its full size; of text as much as shows.
_SETTINGS = {
    "images": {"fade_images": 64, "stable_images": 64},
    "text": {"vocabulary_size": 200, "length": 12, "pretraining_epochs": 1, "rollouts": 1, "head_start": 1, "filters": 0.1},
}
_SENTENCES = 512


def measure(name, formats=FORMATS) -> dict:
    """Trains an entry for one epoch, images on `digits`, text on random tokens, and exports it.

    Args:
        name: Of the entry.
        formats: Some of `FORMATS`.

    Returns:
        A dict: `model`, and by format `largest` and `mean` differences and `kilobytes`, or None where it cannot be exported so.
    """
    import keras

    import keras_gans
    from keras_gans import registry

    entry = registry.get_entry(name)
    settings = {key: value for key, value in _SETTINGS[entry.medium].items() if key in entry.arguments}
    if name == "relgan":
        settings["filters"] = 4
    keras.utils.set_random_seed(0)
    model = keras_gans.create_model(name, ema=0.9, seed=0, **settings)
    model.fit(*_data(model), batch_size=64, epochs=1, verbose=0)
    found = {"model": name}
    for kind in formats:
        with tempfile.TemporaryDirectory() as folder:
            try:
                path, difference = _export(model, kind, Path(folder))
            except ValueError:
                found[kind] = None
                continue
            size = round(kilobytes(path), 1)
        found[kind] = {"largest": float(difference), "mean": difference.mean, "kilobytes": size}
    return found


def _data(model):
    """Returns what a model is trained on: digits, or random tokens where samples are no numbers."""
    from keras_gans.data import load_data

    if not model.medium.continuous:
        shape = (_SENTENCES, *model.sample_shape)
        tokens = np.random.default_rng(0).integers(1, model.medium.vocabulary_size, shape, "int32")
        return tokens, model.class_labels(_SENTENCES)
    data = load_data("digits", model.data_shape)
    return np.asarray(data.samples[np.arange(len(data))]), data.labels if model.conditional else None


def _export(model, kind, folder):
    from keras_gans import export

    if kind == "saved_model":
        return export.saved_model(model, folder / "served")
    if kind == "onnx":
        return export.onnx(model, folder / "model.onnx")
    return export.tflite(model, folder / "model.tflite", quantize=kind if kind in QUANTIZED else "none")


def describe(rows) -> str:
    """Returns a Markdown table: the largest differences, those of quantised files with the mean behind it."""
    formats = [kind for kind in FORMATS if kind in rows[0]]
    lines = [f"| model | {' | '.join(formats)} |", "|---|" + "---|" * len(formats)]
    for row in rows:
        cells = []
        for kind in formats:
            cell = row[kind]
            mean = f" ({cell['mean']:.1g})" if cell and kind in QUANTIZED else ""
            cells.append("-" if cell is None else f"{cell['largest']:.1g}{mean}")
        lines.append(f"| `{row['model']}` | {' | '.join(cells)} |")
    return "\n".join(lines)
