"""Exports a preset or a training run to files that run without Keras.

    keras-gans export runs/dcgan --format=saved_model --output=exports            writes exports/dcgan/1/
    keras-gans export runs/dcgan --format=tflite --output=dcgan.tflite            for phones
    keras-gans export runs/dcgan --format=tflite --quantize=int8 --output=small.tflite --dataset=mnist
    keras-gans export runs/dcgan --format=onnx --output=dcgan.onnx                (pip install 'keras-gans[onnx]')
    keras-gans export runs/dcgan --format=all --output=exports                    all of these: exports/dcgan.onnx, ...

All take float32 `latents`, and what the model is told, and return `images`, float32 in [0, 1]. SavedModels also have a
signature `generate`, from seeds to images or text; so do TFLite files of text models (to tokens, with the vocabulary in the
file). Each export is then run in a process that does not import keras_gans, and the largest difference from the Keras model is
printed; above 1e-4 nothing is kept.

Beside the SavedModels lies what TensorFlow Serving is started with: `docker compose up` in exports/ serves all models there. A
new version is served as soon as it is whole. With --version_label=canary it is served beside the one that is `stable`.

--quantize makes TFLite files smaller: float16 by a half, dynamic and int8 to about a quarter. Their difference is printed, and
with --dataset (and --metrics, --num, --seeds as in evaluate) also what the quantised model scores, beside the float32 one.
"""

from pathlib import Path

from absl import flags

from keras_gans import files, presets

from .common import evaluation, program

FORMATS = ("saved_model", "tflite", "onnx", "all")
QUANTIZE = ("none", "float16", "dynamic", "int8")
_FORMAT = flags.DEFINE_enum("format", None, FORMATS, "The kind of file.")
_OUTPUT = flags.DEFINE_string("output", None, "saved_model, all: the folder of a server's models; tflite, onnx: a file.")
_NAME = flags.DEFINE_string("name", None, "saved_model, all: what the model is called; by default as the preset or run.")
_QUANTIZE = flags.DEFINE_enum("quantize", "none", QUANTIZE, "tflite: in fewer bits.")
_BATCH = flags.DEFINE_string("batch", "1", "tflite: a fixed batch size, which GPU delegates need, or 'dynamic'.")
_VERSION = flags.DEFINE_integer("version", None, "saved_model: the version; the next free one if not given.", lower_bound=1)
_LABEL = flags.DEFINE_string("version_label", "stable", "saved_model: what the version is to be called.")
_KEEP = flags.DEFINE_integer("keep", None, "saved_model: keep so many versions, and those with labels.", lower_bound=1)
_OVERWRITE = flags.DEFINE_boolean("overwrite", False, "tflite, onnx: replace an existing file.")

SHARED_FLAGS = (evaluation,)


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
    if evaluation.DATASET.value is not None and _QUANTIZE.value == "none" and _FORMAT.value != "all":
        raise ValueError("--dataset measures quantised files: give --quantize or --format=all, too.")
    if evaluation.DATASET.value is not None and not preset.medium.continuous:
        raise ValueError(f"--dataset measures images, and {what} makes {preset.medium.name}: export it without.")
    batch = None if _BATCH.value == "dynamic" else int(_BATCH.value)
    if _FORMAT.value in ("tflite", "onnx"):
        files.refuse_existing(_OUTPUT.value, _OVERWRITE.value)
    program.import_keras()
    model = preset.load()
    name = _NAME.value or program.served_name(preset)
    names = preset.metadata.classes
    if _FORMAT.value == "all":
        written = _export_all(model, name, names, batch)
    else:
        written = [_export(model, _FORMAT.value, _OUTPUT.value, name, names, batch, _QUANTIZE.value)]
    if evaluation.DATASET.value is not None:
        _measure(preset, model, written)


def _export(model, kind, output, name, names, batch, quantize="none"):
    """Exports, says so, and returns how it was quantised and where it is."""
    from keras_gans import export

    with program.quietly():
        if kind == "saved_model":
            path, difference = export.publish(model, output, name, _VERSION.value, names, _LABEL.value, _KEEP.value)
        elif kind == "onnx":
            path, difference = export.onnx(model, output, _OVERWRITE.value)
        else:
            path, difference = export.tflite(model, output, batch, _OVERWRITE.value, names, quantize)
    program.report_export(path, difference, quantize)
    return quantize, path


def _export_all(model, name, names, batch):
    """Writes every format that the model has; returns the TFLite files as pairs of quantisation and path."""
    folder = Path(_OUTPUT.value)
    kinds = [("tflite", quantize, folder / program.exported_name(name, quantize)) for quantize in QUANTIZE]
    kinds.append(("onnx", "none", folder / f"{name}.onnx"))
    for _, _, path in kinds:
        files.refuse_existing(path, _OVERWRITE.value)
    _export(model, "saved_model", folder, name, names, batch)
    written = []
    for kind, quantize, path in kinds:
        try:
            found = _export(model, kind, path, name, names, batch, quantize)
        except ValueError as error:
            print(f"No {path}: {error}")
        else:
            written += [found] if kind == "tflite" else []
    return written


def _measure(preset, model, written):
    """Prints what quantised files score, beside the Keras model."""
    from keras_gans.export.signatures import signatures_of
    from keras_gans.export.tflite_sampler import Sampler

    subject = evaluation.Subject("float32", model.sample_shape, model=model, preset=preset)
    evaluator = evaluation.make_evaluator([subject])
    results = evaluation.measure(evaluator, subject)
    signatures = signatures_of(model)
    for quantize, path in written:
        if quantize != "none":
            with program.quietly():
                subject = evaluation.Subject(quantize, model.sample_shape, model=Sampler(signatures, path))
                results += evaluation.measure(evaluator, subject)
    print(evaluation.describe(results[0]["protocol"]))
    print(evaluation.table(results))


if __name__ == "__main__":
    program.run(main)
