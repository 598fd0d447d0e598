"""Export a preset or a training run to files that run without Keras.

    keras-gans export runs/dcgan --format=saved_model --output=exports            writes exports/dcgan/1/
    keras-gans export runs/dcgan --format=tflite --output=dcgan.tflite            for phones
    keras-gans export runs/dcgan --format=tflite --quantize=int8 --output=small.tflite --dataset=mnist
    keras-gans export runs/dcgan --format=onnx --output=dcgan.onnx                (pip install 'keras-gans[onnx]')
    keras-gans export runs/dcgan --format=all --output=exports                    all of these: exports/dcgan.onnx, ...
    keras-gans export runs/dcgan --format=web --runtime=onnxruntime-web-1.30.0.tgz --output=page    a page that runs it

All take float32 `latents` and the model's conditions and return `images`, float32 in [0, 1]. SavedModels also have a signature
`generate`, from seeds to images or text; so do TFLite files of text models (to tokens, with the vocabulary in the file). Each
export is then run in a process that does not import keras_gans, and the largest difference from the Keras model is printed; if
it is above 1e-4, nothing is kept.

Beside the SavedModels are the files that TensorFlow Serving is started with: `docker compose up` in exports/ serves all models
there. A new version is served as soon as it is complete. With --version_label=canary it is served beside the `stable` version.

--watermark=@key.txt marks all text of a SavedModel or TFLite file with a secret key (docs/origin.md). Do not publish such
files: their readers can find, imitate and remove the mark.

--format=web writes a folder with a page that draws samples in the browser, by ONNX Runtime Web, which `npm pack
onnxruntime-web` gets. Any server of files serves the folder: python -m http.server --directory=page.

--quantize makes TFLite files smaller: float16 by a half, dynamic and int8 to about a quarter. Their difference is printed. With
--dataset (and --metrics, --num, --seeds as in evaluate) the quantised model is measured beside the float32 model.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from keras_gans import files, presets

from .common import evaluation, program, watermark_flags, watermark_strength

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keras_gans import Watermark
    from keras_gans.adversarial import AdversarialModel
    from keras_gans.editing import Directions
    from keras_gans.presets.preset import Preset

FORMATS = ("saved_model", "tflite", "onnx", "all", "web")
QUANTIZE = ("none", "float16", "dynamic", "int8")
_FORMAT = flags.DEFINE_string("format", None, f"The format of the export: {', '.join(FORMATS[:-1])} or {FORMATS[-1]}.")
_OUTPUT = flags.DEFINE_string("output", None, "saved_model, all: a server's folder of models; web: a folder; else a file.")
_NAME = flags.DEFINE_string("name", None, "saved_model, all: the model's name (default: that of the preset or run).")
_QUANTIZE = flags.DEFINE_enum("quantize", "none", QUANTIZE, "tflite: store the model in fewer bits.")
_BATCH = flags.DEFINE_string("batch", "1", "tflite: a fixed batch size, which GPU delegates need, or 'dynamic'.")
_INPUT_SIZE = flags.DEFINE_integer(
    "input_size", None, "tflite: side of the tiles, for models that take images of any size (default: 128, or what they need)."
)
_DIRECTIONS = flags.DEFINE_enum(
    "directions",
    "sefa",
    ["none", "sefa", "ganspace"],
    "saved_model: how directions in latent space are found, for sliders in the gallery (see keras-gans edit).",
)
_DIRECTION_COUNT = flags.DEFINE_integer("direction_count", 8, "saved_model: the number of directions.", lower_bound=1)
_VERSION = flags.DEFINE_integer("version", None, "saved_model: the version (default: the next free one).", lower_bound=1)
_LABEL = flags.DEFINE_string("version_label", "stable", "saved_model: the label of the version.")
_KEEP = flags.DEFINE_integer("keep", None, "saved_model: keep this many versions, besides those with labels.", lower_bound=1)
_OVERWRITE = flags.DEFINE_boolean("overwrite", False, "tflite, onnx, web: replace an existing file or folder.")
_RUNTIME = flags.DEFINE_string("runtime", None, "web: the npm package onnxruntime-web, its archive or its folder dist.")

SHARED_FLAGS = (evaluation, watermark_flags, watermark_strength)


def main(arguments: list[str]) -> None:
    """Export a model and print where the files are and how much they differ from it."""
    what = program.one_argument(arguments, "preset or run folder")
    kind = _required(_FORMAT)
    if kind not in FORMATS:
        several = " A command exports one: call it for each, or give all." if "," in kind else ""
        raise ValueError(f"--format must be one of {', '.join(FORMATS)}; received '{kind}'.{several}")
    output, preset = _required(_OUTPUT), presets.find_preset(what)
    if _BATCH.value != "dynamic" and not (_BATCH.value.isdigit() and int(_BATCH.value)):
        raise ValueError(f"--batch must be a positive integer or 'dynamic'; received '{_BATCH.value}'.")
    if _QUANTIZE.value != "none" and kind != "tflite":
        raise ValueError(f"--quantize is for --format=tflite; received --format={kind}.")
    if _INPUT_SIZE.value is not None and kind not in ("tflite", "all"):
        raise ValueError(f"--input_size is for --format=tflite; received --format={kind}.")
    if evaluation.DATASET.value is not None and _QUANTIZE.value == "none" and kind != "all":
        raise ValueError("--dataset measures quantised files: add --quantize or --format=all.")
    if evaluation.DATASET.value is not None and not preset.medium.continuous:
        raise ValueError(f"--dataset measures images, but {what} generates {preset.medium.name}: export it without --dataset.")
    if watermark_flags.WATERMARK.value is not None and preset.medium.name != "text":
        raise ValueError(f"--watermark marks text, but {what} generates {preset.medium.name}: leave it out.")
    batch = None if _BATCH.value == "dynamic" else int(_BATCH.value)
    if kind == "web" and _RUNTIME.value is None:
        raise ValueError(
            "--format=web needs --runtime=PATH, the npm package onnxruntime-web: `npm pack onnxruntime-web` gets it."
        )
    if kind != "web" and _RUNTIME.value is not None:
        raise ValueError(f"--runtime is for --format=web; received --format={kind}.")
    if kind in ("tflite", "onnx", "web"):
        files.refuse_existing(output, _OVERWRITE.value)
    program.import_keras()
    watermark = watermark_flags.watermark()
    model = preset.load()
    name = _NAME.value or program.served_name(preset)
    names = preset.metadata.classes
    if kind == "web":
        written = []
        _export_page(model, preset, Path(output), name, names)
    elif kind == "all":
        written = _export_all(model, Path(output), name, names, batch, watermark)
    else:
        written = [_export(model, kind, Path(output), name, names, batch, watermark, _QUANTIZE.value)]
    if evaluation.DATASET.value is not None:
        _measure(preset, model, written)


def _required(flag: flags.FlagHolder) -> str:
    """Return a flag's value, which must be given."""
    if flag.value is None:
        raise ValueError(f"--{flag.name} is required.")
    return flag.value


def _export(
    model: AdversarialModel,
    kind: str,
    output: Path,
    name: str,
    names: Sequence[str],
    batch: int | None,
    watermark: Watermark | None = None,
    quantize: str = "none",
) -> tuple[str, Path]:
    """Export in one format, print the result, and return the quantisation and the path."""
    from keras_gans import export

    with program.quietly():
        if kind == "saved_model":
            path, difference = export.publish(
                model, output, name, _VERSION.value, names, _LABEL.value, _KEEP.value, _find_directions(model), watermark
            )
        elif kind == "onnx":
            if watermark is not None:
                raise ValueError("ONNX files hold no watermark: opset 18 has no operators for its hash.")
            path, difference = export.onnx(model, output, _OVERWRITE.value)
        else:
            path, difference = export.tflite(
                model, output, batch, _OVERWRITE.value, names, quantize, _INPUT_SIZE.value, watermark
            )
    program.report_export(path, difference, quantize)
    return quantize, path


def _export_page(model: AdversarialModel, preset: Preset, output: Path, name: str, names: Sequence[str]) -> None:
    """Export as a page, and print the result."""
    from keras_gans import export

    with program.quietly():
        path, difference = export.web(
            model, output, _required(_RUNTIME), name, preset.metadata.description or "", names, _OVERWRITE.value
        )
    program.report_export(path, difference)


def _find_directions(model: AdversarialModel) -> Directions | None:
    """Return directions in the latent space of an image model; None if it has no latent vectors or none are wanted."""
    from keras_gans.editing import find_directions

    shape = model.latent_shape
    if _DIRECTIONS.value == "none" or model.medium.name != "images" or shape is None or len(shape) != 1:
        return None
    return find_directions(model, _DIRECTIONS.value, _DIRECTION_COUNT.value)


def _export_all(
    model: AdversarialModel,
    folder: Path,
    name: str,
    names: Sequence[str],
    batch: int | None,
    watermark: Watermark | None = None,
) -> list[tuple[str, Path]]:
    """Export in every format that the model supports; return the quantisation and path of each TFLite file."""
    kinds = [("tflite", quantize, folder / program.exported_name(name, quantize)) for quantize in QUANTIZE]
    kinds.append(("onnx", "none", folder / f"{name}.onnx"))
    for _, _, path in kinds:
        files.refuse_existing(path, _OVERWRITE.value)
    _export(model, "saved_model", folder, name, names, batch, watermark)
    written = []
    for kind, quantize, path in kinds:
        try:
            found = _export(model, kind, path, name, names, batch, watermark, quantize)
        except ValueError as error:
            print(f"No {path}: {error}")
        else:
            written += [found] if kind == "tflite" else []
    return written


def _measure(preset: Preset, model: AdversarialModel, written: Sequence[tuple[str, Path]]) -> None:
    """Measure quantised files and the Keras model, and print a table."""
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
