"""TFLite, which runs on LiteRT (`ai_edge_litert`)."""

import contextlib
import os
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

from keras_gans.export import parity, quantization
from keras_gans.export.associated_files import associated_files, pack
from keras_gans.export.parity import Difference
from keras_gans.export.signature import sampling_network, serving_module
from keras_gans.export.transposed_convolutions import lowered
from keras_gans.files import refuse_existing, replacing
from keras_gans.gans import SequenceGAN


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

    Models that write have two, as in `saved_model`, but `generate` returns `token_ids` only. The file is then a zip archive,
    too, that holds `vocabulary.txt` (see `keras_gans.export.vocabulary`), as TFLite's metadata format packs it: text is its
    lines joined, with U+2581 for spaces. That of a conditional model holds `labels.txt`: the name of a class a line.

    Args:
        model: An `AdversarialModel`.
        output: The file, ending in `.tflite`.
        batch: A fixed batch size, which GPU delegates need; None for a dynamic one.
        overwrite: Whether to replace an existing file.
        class_names: Names of the classes of a conditional model.
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
    quantization.check(quantize, model)
    network = sampling_network(model)
    associated = associated_files(model, class_names)
    content = _convert(model, network if isinstance(model, SequenceGAN) else lowered(network), batch, quantize)
    with replacing(output) as temporary:
        temporary.write_bytes(content)
        pack(temporary, associated)
        difference = parity.checked("tflite", temporary, model, network, quantize)
    return output, difference


def _convert(model, network, batch, quantize):
    import tensorflow as tf

    module, signatures = serving_module(model, network, batch, server=False)
    # By way of a SavedModel, because only from one the converter keeps the signature's names.
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures=signatures)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=list(signatures))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        quantization.prepare(converter, quantize, model, batch)
        with _only_errors():
            return converter.convert()


@contextlib.contextmanager
def _only_errors():
    """Keeps warnings of the converter about its own parts from the user, who can mend none of them."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"(?s).*tf\.lite\.Interpreter is deprecated")
        yield
