"""TFLite, which runs on LiteRT (`ai_edge_litert`)."""

from __future__ import annotations

import contextlib
import json
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from keras_gans._typing import PathLike
from keras_gans.applying.receptive_field import field_of
from keras_gans.export import quantization
from keras_gans.export.associated_files import pack
from keras_gans.export.parity import Difference, write_checked
from keras_gans.export.signatures import Signatures, signatures_of
from keras_gans.export.signatures.base import Contents
from keras_gans.export.signatures.input_sizes import context_of
from keras_gans.files import refuse_existing

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel
    from keras_gans.sequences import Watermark

# The associated file that says how larger images are divided.
TILE = "tile.json"


def tflite(
    model: AdversarialModel,
    output: PathLike,
    batch: int | None = 1,
    overwrite: bool = False,
    class_names: Sequence[str] = (),
    quantize: str = quantization.NONE,
    input_size: int | None = None,
    watermark: Watermark | None = None,
) -> tuple[Path, Difference]:
    """Export a generator as a TFLite file that uses builtin operators only.

    The signature `serving_default` is that of `saved_model`: `latents` (and `labels`) -> `images` in [0, 1]. They are float32,
    however the file is quantised. Conditions that are images have the size that the model takes. If it takes any, the file
    takes tiles of one size; `docs/export.md` shows how to send larger images through it. How many pixels at the sides of a tile
    give no result, because they depend on its neighbours, is in `tile.json`.

    Text models also have `generate` and `generate_with_temperature`, which return `token_ids` only. Their file is a zip archive
    as well, with the vocabulary in `vocabulary.txt` (see `keras_gans.export.vocabulary`). The file of a class-conditional model
    contains `labels.txt`: a class per line.

    Args:
        model: The model to export.
        output: The file, ending in `.tflite`.
        batch: A fixed batch size, which GPU delegates need; None for any.
        overwrite: Whether to replace an existing file.
        class_names: The names of the classes of a class-conditional model; their numbers by default.
        input_size: Side of a tile, for models that take images of any size. By default 128, or four times the pixels at one
            side that give no result.
        quantize: `"none"` (float32), `"float16"`, `"dynamic"` or `"int8"`: see `keras_gans.export.quantization`.
        watermark: A `keras_gans.Watermark` that marks all text which the export generates. The files contain what finds,
            imitates and removes the mark: do not publish them. Default None.

    Returns:
        The file, and the largest difference from Keras' output, measured in a process without keras_gans and TensorFlow. Its
        attribute `mean` is the mean difference.

    Raises:
        FileExistsError: If the file exists and `overwrite` is false.
        ValueError: If the file has another suffix, the model cannot be quantised in this way, `class_names`, `input_size` or
            `watermark` does not fit it, or the exported model differs from the Keras model by more than 1e-4 (a quantised one:
            by more than `keras_gans.export.quantization` allows).
        RuntimeError: If Keras does not run on TensorFlow.
    """
    output = Path(output)
    if output.suffix != ".tflite":
        raise ValueError(f"A TFLite file must end in .tflite; received {output}.")
    refuse_existing(output, overwrite)
    signatures = signatures_of(model, class_names, input_size or "tile", watermark=watermark)
    quantization.check(quantize, signatures)
    contents = signatures.contents("tflite", batch)
    converted = _convert(signatures, contents, batch, quantize)

    def write(path: Path) -> None:
        path.write_bytes(converted)
        pack(path, {**contents.files, **_tile(signatures)})

    return write_checked("tflite", output, signatures, write, quantize)


def _tile(signatures: Signatures) -> dict[str, bytes]:
    """Return the file that says how larger images are divided, by name; none for models that take images of one size only."""
    if signatures.input_side is None:
        return {}
    field = field_of(signatures.network)
    if field is None:
        return {}
    context = None if field.radius is None else context_of(field)
    content = {"size": signatures.input_side, "context": context, "scale": float(field.scale)}
    return {TILE: f"{json.dumps(content)}\n".encode()}


def _convert(signatures: Signatures, contents: Contents, batch: int | None, quantize: str) -> bytes:
    import tensorflow as tf

    # The converter keeps the signature's names only when it converts a SavedModel.
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(contents.module, folder, signatures=contents.functions)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=list(contents.functions))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        quantization.prepare(converter, quantize, signatures, batch)
        with _without_deprecations():
            return converter.convert()


@contextlib.contextmanager
def _without_deprecations() -> Iterator[None]:
    """Hide the converter's warning about a part of its own, which users cannot act on."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"(?s).*tf\.lite\.Interpreter is deprecated")
        yield
