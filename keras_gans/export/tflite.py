"""TFLite, which runs on LiteRT (`ai_edge_litert`)."""

import contextlib
import os
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

from keras_gans.export import parity, quantization
from keras_gans.export.associated_files import pack
from keras_gans.export.parity import Difference
from keras_gans.export.signatures import signatures_of
from keras_gans.export.transposed_convolutions import lowered
from keras_gans.files import refuse_existing, replacing


def tflite(
    model,
    output: str | os.PathLike,
    batch: int | None = 1,
    overwrite: bool = False,
    class_names: Sequence[str] = (),
    quantize: str = quantization.NONE,
) -> tuple[Path, Difference]:
    """Exports a generator as a TFLite file with builtin operators only.

    The signature is that of `saved_model`: `latents` (and `labels`) -> `images` in [0, 1], float32 however the file computes.

    Images that are conditions have the size that the model takes; where it takes any, 32x32, the size of a tile.

    Text models have two signatures, as in `saved_model`, but `generate` returns `token_ids` only. The file is then a zip
    archive, too, that holds `vocabulary.txt` (see `keras_gans.export.vocabulary`), as TFLite's metadata format packs it: text
    is its lines joined, with U+2581 for spaces. The file of a class-conditional model holds `labels.txt`: a class a line.

    Args:
        model: An `AdversarialModel`.
        output: The file, ending in `.tflite`.
        batch: A fixed batch size, which GPU delegates need; None for a dynamic one.
        overwrite: Whether to replace an existing file.
        class_names: The names of the classes of a class-conditional model.
        quantize: `"none"` (float32), `"float16"`, `"dynamic"` or `"int8"`: see `keras_gans.export.quantization`.

    Returns:
        The file, and the largest difference from Keras' output that a process without keras_gans and TensorFlow found, with
        the mean difference as its attribute `mean`.

    Raises:
        FileExistsError: If the file exists and `overwrite` is false.
        ValueError: If the suffix is another, the model cannot be quantised so, or the exported model differs from the Keras
            model by more than 1e-4 (a quantised one: by more than its samples may show).
        RuntimeError: If Keras does not run on TensorFlow.
    """
    output = Path(output)
    if output.suffix != ".tflite":
        raise ValueError(f"A TFLite file must end in .tflite; received {output}.")
    refuse_existing(output, overwrite)
    signatures = signatures_of(model)
    quantization.check(quantize, signatures)
    contents = signatures.contents("tflite", class_names, batch, lowered(signatures.network))
    converted = _convert(signatures, contents, batch, quantize)
    with replacing(output) as temporary:
        temporary.write_bytes(converted)
        pack(temporary, contents.files)
        difference = parity.checked("tflite", temporary, signatures, quantize)
    return output, difference


def _convert(signatures, contents, batch, quantize):
    import tensorflow as tf

    # By way of a SavedModel, because only from one the converter keeps the signature's names.
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(contents.module, folder, signatures=contents.functions)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=list(contents.functions))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        quantization.prepare(converter, quantize, signatures, batch)
        with _only_errors():
            return converter.convert()


@contextlib.contextmanager
def _only_errors():
    """Keeps warnings of the converter about its own parts from the user, who can mend none of them."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"(?s).*tf\.lite\.Interpreter is deprecated")
        yield
