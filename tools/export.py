"""Exports a preset or a training run to files that run without Keras.

    keras-gans export runs/dcgan --format=saved_model --output=exports            writes exports/dcgan/1/
    keras-gans export runs/dcgan --format=tflite --output=dcgan.tflite            for phones
    keras-gans export runs/dcgan --format=tflite --quantize=int8 --output=small.tflite --dataset=mnist
    keras-gans export runs/dcgan --format=onnx --output=dcgan.onnx                (pip install 'keras-gans[onnx]')
    keras-gans export runs/dcgan --format=all --output=exports                    all of these: exports/dcgan.onnx, ...

All take float32 `latents` and return `images`, float32 in [0, 1]. SavedModels have a signature `generate`, too, from seeds to
pictures or text; so have TFLite files of models that write (to tokens, with the vocabulary in the file). Each export is then run
in a process that does not import keras_gans, and the largest difference from the Keras model is printed; above 1e-4 nothing is
kept.

Beside the SavedModels lies what TensorFlow Serving is started with: `docker compose up` in exports/ serves all models there. A
new version is served as soon as it is whole. With --version_label=canary it is served beside the one that is `stable`.

--quantize makes TFLite files smaller: float16 by a half, dynamic and int8 to about a quarter. Their difference is printed, and
with --dataset (and --metrics, --num, --seeds as in evaluate) also what the quantised model scores, beside the float32 one.
"""

from pathlib import Path

from absl import flags

from keras_gans import files, presets, registry
from keras_gans_tools import measuring, program

FORMATS = ("saved_model", "tflite", "onnx", "all")
QUANTIZE = ("none", "float16", "dynamic", "int8")
_FORMAT = flags.DEFINE_enum("format", None, FORMATS, "The kind of file.")
_OUTPUT = flags.DEFINE_string(
    "output", None, "saved_model, all: the folder that holds a server's models; tflite, onnx: a file."
)
_NAME = flags.DEFINE_string("name", None, "saved_model, all: what the model is called; by default as the preset or run.")
_QUANTIZE = flags.DEFINE_enum("quantize", "none", QUANTIZE, "tflite: in fewer bits.")
_BATCH = flags.DEFINE_string("batch", "1", "tflite: a fixed batch size, which GPU delegates need, or 'dynamic'.")
_VERSION = flags.DEFINE_integer("version", None, "saved_model: the version; the next free one if not given.", lower_bound=1)
_LABEL = flags.DEFINE_string("version_label", "stable", "saved_model: what the version is to be called.")
_KEEP = flags.DEFINE_integer("keep", None, "saved_model: keep so many versions, and those with labels.", lower_bound=1)
_OVERWRITE = flags.DEFINE_boolean("overwrite", False, "tflite, onnx: replace an existing file.")

SHARED_FLAGS = (measuring,)


def main(arguments):
    """Exports and says what was found."""
    what = program.one_argument(arguments, "preset or run folder")
    preset = presets.find_preset(what)
    for flag in (_FORMAT, _OUTPUT):
        if flag.value is None:
            raise ValueError(f"--{flag.name} is needed.")
    if _BATCH.value != "dynamic" and not (_BATCH.value.isdigit() and int(_BATCH.value)):
        raise ValueError(f"--batch must be a positive integer or 'dynamic'; received '{_BATCH.value}'.")
    if _QUANTIZE.value != "none" and _FORMAT.value != "tflite":
        raise ValueError(f"--quantize is for --format=tflite; received --format={_FORMAT.value}.")
    if measuring.DATASET.value is not None and _QUANTIZE.value == "none" and _FORMAT.value != "all":
        raise ValueError("--dataset measures quantised files: give --quantize or --format=all, too.")
    if measuring.DATASET.value is not None and registry.get_entry(preset.config["model"]).task != "images":
        raise ValueError(f"--dataset measures pictures, and {what} makes none: export it without.")
    batch = None if _BATCH.value == "dynamic" else int(_BATCH.value)
    if _FORMAT.value in ("tflite", "onnx"):
        files.refuse_existing(_OUTPUT.value, _OVERWRITE.value)
    program.import_keras()
    model = preset.load()
    if _FORMAT.value == "all":
        written = _export_all(model, Path(_OUTPUT.value), batch)
    else:
        written = [(_QUANTIZE.value, _export(model, _FORMAT.value, _OUTPUT.value, batch, _QUANTIZE.value))]
    if measuring.DATASET.value is not None:
        _measure(preset, model, written)


def _export(model, kind, output, batch, quantize="none"):
    from keras_gans import export


if __name__ == "__main__":
    program.run(main)
