"""Measures the speed of the library on this machine, and what its models and metrics can do.

    keras-gans benchmark training                        steps per second of every model, and of other ways to train it
    keras-gans benchmark training --models=dcgan --rounds=9 --json
    keras-gans benchmark training --models=pggan --set=image_shape=[32,32,1]
    keras-gans benchmark inference --models=dcgan --seconds=0.3 --csv=speed.csv    speed of every export format
    keras-gans benchmark exports                         how far each export format of every model differs from Keras
    keras-gans benchmark drift --steps=5000              whether steps become slower during training
    keras-gans benchmark sanity --chart=sanity.png       how the metrics respond to degraded real samples
    keras-gans benchmark sanity --dataset=folder:flowers128 --extractor=imagenet
    keras-gans benchmark clips --dataset=moving_digits --num=500    how the metrics respond to clips that were made wrong
    keras-gans benchmark prediction --dataset=video:radar/test --runs=runs/radar --chart=radar.png    what comes next in clips
    keras-gans benchmark modes --chart=modes.png         which modes of a grid of 25 Gaussians each model covers
    keras-gans benchmark text_oracle --oracle=target_params.npz --seeds=3 --chart=oracle.png    text GANs on synthetic text
    keras-gans benchmark text_corpus --dataset=text:captions.txt --chart=captions.png                 the same on real text
    keras-gans benchmark learning --dataset=mnist --results=loop.json --runs=runs/dcgan,runs/r3gan --chart=learning.png
    keras-gans benchmark learning --runs=runs/projected_gan,runs/dcgan
    keras-gans benchmark augmentation --dataset=mnist --num=500 --runs=cgan_mnist --seeds=5     a classifier of few real images
    keras-gans benchmark augmentation --dataset=folder:cells/train --held_out=folder:cells/test --runs=runs/cells
    keras-gans benchmark inpainting --dataset=folder:flowers128/test --image_size=64 --mask=strokes --runs=runs/inpainting
    keras-gans benchmark projection --dataset=mnist --num=16 --runs=dcgan_mnist --set=steps=500
    keras-gans benchmark upscaling --dataset=folder:set5 --runs=runs/x4,runs/crisp --chart=tradeoff.png
    keras-gans benchmark watermark --runs=next_token_gan_coco --num=1000 --seeds=4 --dataset=text:captions.txt

`training` compares gan, dcgan and wgan_gp with a plain PyTorch loop over the same networks (if torch is installed: pip install
"keras-gans[benchmark]"), gan and dcgan also with a train_step as in the examples on keras.io, and with the rate of matrix
products on this machine. `inference` compares Keras, SavedModel, TFLite in each quantisation, ONNX Runtime, PyTorch (gan,
dcgan, wgan_gp) and, with --url, a REST server, in batches of 1 and 32, on one core and on two. `learning` draws FID over time
of training runs and, with --results, of the DCGAN in a plain PyTorch loop (--set=width=32 --minutes=20), which it trains first
if that file does not exist. `augmentation` trains classifiers on --num images and five times as many others: the same images
again, moved ones, or samples of each conditional preset in --runs; also in numbers that make unequal classes equal. It prints
the share of test images that are classified correctly, its mean over classes, and that of the rarest class. `inpainting` fills
in holes without a network (mean colour, harmonic, biharmonic and, where OpenCV is installed, Telea's and the Navier-Stokes
method; these need the extra benchmark), and with models, --runs=NAME@0 before adversarial training.
`projection` searches for the latents of held-out images, and of samples of the model, and prints the PSNR that is reached;
--set is for arguments of `keras_gans.editing.project`.
`upscaling` reduces photographs of any size, enlarges them again with Pillow and with models, and compares both with them;
--runs=NAME@0,NAME@0.5,NAME is a model before adversarial training, half-way, and after it.
`prediction` continues the clips of --dataset, which no run may have been trained on: by repeating the last frame, along the
optical flow (with the extra benchmark), and by --members samples of each run. It compares the frames --leads with the truth.
`watermark` marks text with --seeds keys and says how often the mark is found in five sentences, and in unmarked ones of the
model and of --dataset.

Each contestant is a separate process, and only one works at a time, so changes of the machine's speed affect all of them.
Numbers are medians over the rounds, and ratios medians of the ratios within a round. Charts need the extra reports.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from absl import flags

from keras_gans import errors, registry
from keras_gans.evaluation.progress import Progress, ProgressLine
from keras_gans.files import read_object, write_json

from .common import program

_MODELS = flags.DEFINE_list("models", [], "Names of models; all (for most benchmarks: of images) if empty.")
_SET = flags.DEFINE_multi_string(
    "set", [], "argument=value for the models that `training` and `inference` measure, or for `projection`; may be repeated."
)
_BATCH_SIZE = flags.DEFINE_integer("batch_size", 64, "Samples per step.", lower_bound=1)
_ROUNDS = flags.DEFINE_integer("rounds", 7, "Number of turns of each contestant.", lower_bound=1)
_SECONDS = flags.DEFINE_float("seconds", 3.0, "Approximate length of a turn, in seconds.", lower_bound=0.1)
_STEPS = flags.DEFINE_integer("steps", 5000, "Number of training steps of `drift`.", lower_bound=200)
_DATASET = flags.DEFINE_string(
    "dataset",
    "digits",
    "Images for `sanity` (with labels), `learning`, `augmentation`, `inpainting`, `projection` or `upscaling`; clips for "
    "`clips` and `prediction`; text:PATH for `text_corpus` and `watermark`.",
)
_EXTRACTOR = flags.DEFINE_string(
    "extractor", None, "Feature extractor of `sanity` (default: that of `keras-gans evaluate` for the images)."
)
_HELD_OUT = flags.DEFINE_string(
    "held_out", None, "Test images of `augmentation` or `projection` (default: split test of --dataset)."
)
_METRICS = flags.DEFINE_list("metrics", None, "Metrics of `sanity` (default: all that the extractor allows).")
_NUM = flags.DEFINE_integer(
    "num", 10_000, "Maximum number of images or sentences that are measured (default for `projection`: 16).", lower_bound=2
)
_SEED = flags.DEFINE_integer("seed", 0, "Seed of training in `modes` and `learning`.")
_SEEDS = flags.DEFINE_integer(
    "seeds",
    3,
    "Number of seeds with which `text_oracle`, `text_corpus` and `augmentation` train each model, or of keys of `watermark`.",
    lower_bound=1,
)
_ORACLE = flags.DEFINE_string("oracle", None, "Weights of the oracle of `text_oracle`: SeqGAN's target_params, as .npz.")
_LENGTH = flags.DEFINE_integer("length", 20, "Tokens of sequences in `text_oracle` and `text_corpus`.", lower_bound=1)
_RESULTS = flags.DEFINE_string(
    "results",
    None,
    "A JSON file that keeps the results of `text_oracle`, `text_corpus` or the loop of `learning` for later calls.",
)
_RUNS = flags.DEFINE_list(
    "runs",
    [],
    "Training runs for `learning`, or presets for `augmentation` (conditional), `inpainting`, `prediction`, `projection`, "
    "`upscaling` or `watermark`.",
)
_LEADS = flags.DEFINE_list("leads", None, "Predicted frames that `prediction` measures, from 1 (default: 1,4,8).")
_MEMBERS = flags.DEFINE_integer("members", 8, "Samples of a model for each clip of `prediction`.", lower_bound=1)
_MINUTES = flags.DEFINE_float("minutes", 20.0, "Duration of training the PyTorch loop in `learning`.", lower_bound=0.01)
_MASK = flags.DEFINE_string("mask", "strokes", "Masks of the holes in the images of `inpainting`, as train takes them.")
_IMAGE_SIZE = flags.DEFINE_string("image_size", None, "Size of the images of `inpainting` (default: their own).")
_CHART = flags.DEFINE_string("chart", None, "Image file for the curves of a benchmark, or the samples of `modes`.")
_FORMATS = flags.DEFINE_list("formats", [], "Formats that `exports` measures; all if empty.")
_URL = flags.DEFINE_string("url", None, "A model on a server for `inference`: http://localhost:8501/v1/models/NAME.")
_CSV = flags.DEFINE_string("csv", None, "Write the numbers of `inference` to this file.")
_JSON = flags.DEFINE_boolean("json", False, "Print JSON.")


def main(arguments: list[str]) -> None:
    """Run the benchmark that the argument names."""
    which = program.one_argument(arguments, f"BENCHMARK ({', '.join(_BENCHMARKS)})")
    if which not in _BENCHMARKS:
        raise ValueError(errors.no_such("benchmark", which, sorted(_BENCHMARKS)))
    if _CHART.value:
        from keras_gans.evaluation.report.extra import import_extra

        import_extra("matplotlib")
    with ProgressLine() as progress:
        progress.at_terminal(f"{which}: starting")
        show = _BENCHMARKS[which](progress)
    show()


# Prints and draws the results of a benchmark.
_Show = Callable[[], None]


def _show(rows: Any, describe: Callable[[Any], str]) -> None:
    """Print rows: as JSON, or a description of each."""
    print(json.dumps(rows, indent=2) if _JSON.value else "\n".join(map(describe, rows)))


def _draw(draw: Callable[[Any, str], None], results: Any) -> None:
    if _CHART.value:
        draw(results, _CHART.value)


def _image_models() -> list[str]:
    for name in _MODELS.value:
        registry.get_entry(name)
    return _MODELS.value or registry.list_models("images")


def _names(settings: Mapping[str, Any], kind: str) -> list[str]:
    for name in _MODELS.value:
        if name not in settings:
            raise ValueError(errors.no_such(kind, name, sorted(settings)))
    return _MODELS.value or list(settings)


def _settings() -> dict[str, Any]:
    return dict(program.parse_setting(setting) for setting in _SET.value)


def _told(names: Iterable[str], progress: Progress) -> Iterable[str]:
    for name in names:
        progress(name)
        yield name


def _measure_training(progress: Progress) -> _Show:
    from .benchmarks import training

    rows = [
        training.measure(name, _BATCH_SIZE.value, _ROUNDS.value, _SECONDS.value, _settings(), progress)
        for name in _image_models()
    ]
    return lambda: _show(rows, training.describe)


def _measure_inference(progress: Progress) -> _Show:
    program.import_keras()
    from .benchmarks import inference

    names, timing = _image_models(), (_ROUNDS.value, _SECONDS.value)
    tables = [inference.measure(name, _settings(), *timing, progress, _URL.value) for name in names]
    rows = [row for rows in tables for row in rows]

    def show() -> None:
        if _CSV.value:
            Path(_CSV.value).write_text(inference.as_csv(rows), encoding="utf-8")
        print(json.dumps(rows, indent=2) if _JSON.value else "\n\n".join(map(inference.describe, tables)))

    return show


def _measure_exports(progress: Progress) -> _Show:
    program.import_keras()
    from .benchmarks import exports

    for name in _MODELS.value:
        registry.get_entry(name)
    formats = _FORMATS.value or exports.FORMATS
    for kind in formats:
        if kind not in exports.FORMATS:
            raise ValueError(errors.no_such("format", kind, list(exports.FORMATS)))
    rows = []
    for name in _told(_MODELS.value or registry.list_models(), progress):
        with program.quietly():
            rows.append(exports.measure(name, formats))
    return lambda: print(json.dumps(rows, indent=2) if _JSON.value else exports.describe(rows))


def _measure_drift(progress: Progress) -> _Show:
    from .benchmarks import drift

    rows = [drift.measure(name, _BATCH_SIZE.value, _STEPS.value) for name in _told(_image_models(), progress)]
    return lambda: _show(rows, drift.describe)


def _measure_clips(progress: Progress) -> _Show:
    program.import_keras()
    from .benchmarks import clips

    dataset = _DATASET.value if flags.FLAGS["dataset"].present else "moving_digits"
    found = clips.measure(dataset, _NUM.value, progress)
    return lambda: print(json.dumps(found, indent=2) if _JSON.value else clips.describe(found))


def _measure_sanity(progress: Progress) -> _Show:
    program.import_keras()
    from .benchmarks import sanity

    found = sanity.measure(_DATASET.value, _NUM.value, _EXTRACTOR.value, progress, _METRICS.value)

    def show() -> None:
        print(json.dumps(found, indent=2) if _JSON.value else sanity.describe(found))
        _draw(sanity.draw, found)

    return show


def _measure_learning(progress: Progress) -> _Show:
    if _RESULTS.value is None and not _RUNS.value:
        raise ValueError("Give training runs with --runs, or a file for the results of a PyTorch loop with --results.")
    from .benchmarks import learning

    curves = [learning.read_run(folder) for folder in _RUNS.value]
    if _RESULTS.value is not None:
        path = Path(_RESULTS.value)
        if not path.is_file():
            program.import_keras()
            settings = _settings()
            if set(settings) - {"width"}:
                raise ValueError(f"--set of learning takes width alone; received {', '.join(settings)}.")
            width, minutes = settings.get("width", 64), _MINUTES.value
            write_json(path, learning.train_in_pytorch(_DATASET.value, width, minutes, _SEED.value, progress))
        curves.insert(0, read_object(path))
    rows = learning.compare(curves)

    def show() -> None:
        _show(rows, functools.partial(learning.describe, first=curves[0]["name"]))
        _draw(learning.draw, curves)

    return show


def _measure_augmentation(progress: Progress) -> _Show:
    program.import_keras()
    from .benchmarks import augmentation

    rows = augmentation.measure(_DATASET.value, _NUM.value, _RUNS.value, _SEEDS.value, progress, _HELD_OUT.value)
    return lambda: _show(rows, augmentation.describe)


def _measure_inpainting(progress: Progress) -> _Show:
    program.import_keras()
    from .benchmarks import inpainting

    size = program.parse_size(_IMAGE_SIZE.value)
    rows = inpainting.measure(_DATASET.value, _MASK.value, size, _NUM.value, _RUNS.value, progress)
    return lambda: _show(rows, inpainting.describe)


def _measure_prediction(progress: Progress) -> _Show:
    if not flags.FLAGS["dataset"].present:
        raise ValueError("--dataset is missing: give clips that no run was trained on, such as --dataset=video:PATH.")
    leads = None if _LEADS.value is None else _read_leads(_LEADS.value)
    program.import_keras()
    from .benchmarks import prediction

    found = prediction.measure(_DATASET.value, _RUNS.value, leads, _MEMBERS.value, _NUM.value, progress)

    def show() -> None:
        results = {name: value for name, value in found.items() if name != "shown"}
        print(json.dumps(results, indent=2) if _JSON.value else prediction.describe(found))
        _draw(prediction.draw, found)

    return show


def _read_leads(given: Sequence[str]) -> list[int]:
    if not all(lead.strip().isdecimal() for lead in given):
        raise ValueError(f"--leads must be numbers of frames, such as 1,4,8; received '{','.join(given)}'.")
    return [int(lead) for lead in given]


def _measure_projection(progress: Progress) -> _Show:
    if not _RUNS.value:
        raise ValueError("--runs is missing: give presets of images from latent vectors, such as --runs=dcgan_digits.")
    program.import_keras()
    from .benchmarks import projection

    num = 16 if flags.FLAGS["num"].using_default_value else _NUM.value
    rows = projection.measure(_DATASET.value, _RUNS.value, num, _settings(), progress, _HELD_OUT.value)
    return lambda: _show(rows, projection.describe)


def _measure_watermark(progress: Progress) -> _Show:
    if not _RUNS.value:
        raise ValueError("--runs is missing: give presets of text, such as --runs=next_token_gan_coco.")
    kind, _, path = _DATASET.value.partition(":")
    if kind != "text" and not flags.FLAGS["dataset"].using_default_value:
        raise ValueError(f"watermark tests text of people, --dataset=text:PATH; received {_DATASET.value}.")
    program.import_keras()
    from .benchmarks import watermark

    rows = watermark.measure(_RUNS.value, _NUM.value, _SEEDS.value, path or None, progress)
    return lambda: _show(rows, watermark.describe)


def _measure_upscaling(progress: Progress) -> _Show:
    kind, _, folder = _DATASET.value.partition(":")
    if kind != "folder":
        raise ValueError(f"upscaling enlarges photographs of any size, --dataset=folder:PATH; received {_DATASET.value}.")
    program.import_keras()
    from .benchmarks import upscaling

    rows = upscaling.measure(Path(folder), _RUNS.value, progress, _NUM.value)

    def show() -> None:
        print(json.dumps(rows, indent=2) if _JSON.value else upscaling.describe(rows))
        _draw(upscaling.draw, rows)

    return show


def _measure_modes(progress: Progress) -> _Show:
    program.import_keras()
    from .benchmarks import modes

    names = _names(modes.SETTINGS, "model with settings for the grid")
    measured = [modes.measure(name, _SEED.value) for name in _told(names, progress)]

    def show() -> None:
        _show([row for row, _ in measured], modes.describe)
        _draw(modes.draw, measured)

    return show


def _measure_text_oracle(progress: Progress) -> _Show:
    program.import_keras()
    from .benchmarks import text_oracle

    if _ORACLE.value is None:
        raise ValueError("--oracle is missing: give the .npz file of the oracle's weights.")
    names = _names(text_oracle.SETTINGS, "model with settings for the oracle")
    return _measure_curves(text_oracle.Oracle(_ORACLE.value, _LENGTH.value), names, progress)


def _measure_text_corpus(progress: Progress) -> _Show:
    program.import_keras()
    from .benchmarks import text_corpus

    names = _names(text_corpus.SETTINGS, "model with settings for real text")
    return _measure_curves(text_corpus.Corpus(_DATASET.value, _LENGTH.value), names, progress)


def _measure_curves(task: Any, names: Sequence[str], progress: Progress) -> _Show:
    from .benchmarks import text_curves

    results = text_curves.measure_all(names, range(_SEEDS.value), task, _RESULTS.value, progress)

    def show() -> None:
        print(json.dumps(results, indent=2) if _JSON.value else text_curves.describe(task, results))
        _draw(functools.partial(text_curves.draw, task), results)

    return show


_BENCHMARKS: dict[str, Callable[[Progress], _Show]] = {
    "training": _measure_training,
    "inference": _measure_inference,
    "exports": _measure_exports,
    "drift": _measure_drift,
    "sanity": _measure_sanity,
    "clips": _measure_clips,
    "learning": _measure_learning,
    "augmentation": _measure_augmentation,
    "inpainting": _measure_inpainting,
    "modes": _measure_modes,
    "prediction": _measure_prediction,
    "projection": _measure_projection,
    "upscaling": _measure_upscaling,
    "watermark": _measure_watermark,
    "text_oracle": _measure_text_oracle,
    "text_corpus": _measure_text_corpus,
}


if __name__ == "__main__":
    program.run(main)
