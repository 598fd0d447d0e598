"""How far each format of every entry lies from the Keras model."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gans.files import kilobytes

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel

QUANTIZED = ("float16", "dynamic", "int8")
FORMATS = ("saved_model", "tflite", *QUANTIZED, "onnx")
# The shortest schedule with which a growing model reaches its full size, and a small text model.
_SETTINGS: dict[str, dict[str, Any]] = {
    "images": {"fade_images": 64, "stable_images": 64},
    "text": {"vocabulary_size": 200, "length": 12, "pretraining_epochs": 1, "rollouts": 1, "head_start": 1, "filters": 0.1},
}
_SENTENCES = 512


def measure(name: str, formats: Sequence[str] = FORMATS) -> dict[str, Any]:
    """Train an entry for one epoch, on `digits` or on random tokens, and export it.

    Args:
        name: Name of the entry.
        formats: Some of `FORMATS`.

    Returns:
        A dict: `model`, and by format `largest` and `mean` differences and `kilobytes`, or None if the format is impossible.
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
    found: dict[str, Any] = {"model": name}
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


def _data(model: AdversarialModel) -> tuple[np.ndarray, np.ndarray | None]:
    """Return training data and labels: digits, or random tokens for a text model."""
    from keras_gans.data import load_data
    from keras_gans.media import Text

    if isinstance(model.medium, Text):
        shape = (_SENTENCES, *model.sample_shape)
        tokens = np.random.default_rng(0).integers(1, model.medium.vocabulary_size, shape, "int32")
        return tokens, model.class_labels(_SENTENCES)
    data = load_data("digits", model.data_shape)
    return np.asarray(data.samples[np.arange(len(data))]), data.labels if model.conditional else None


def _export(model: AdversarialModel, kind: str, folder: Path) -> tuple[Path, Any]:
    from keras_gans import export

    if kind == "saved_model":
        return export.saved_model(model, folder / "served")
    if kind == "onnx":
        return export.onnx(model, folder / "model.onnx")
    return export.tflite(model, folder / "model.tflite", quantize=kind if kind in QUANTIZED else "none")


def describe(rows: Sequence[dict[str, Any]]) -> str:
    """Return a Markdown table of the largest differences, with the mean in brackets for quantised files."""
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
