"""Measures what the library costs on this machine.

    keras-gans benchmark training                        steps a second of every model, and of other ways to train it
    keras-gans benchmark training --models=dcgan --rounds=9 --json
    keras-gans benchmark training --models=pggan --set=image_shape=[32,32,1]
    keras-gans benchmark inference --models=dcgan --seconds=0.3 --csv=speed.csv    batches a second in every export format
    keras-gans benchmark exports                         how far each export format lies from Keras, of every model
    keras-gans benchmark drift --steps=5000              whether steps become slower as training goes on
    keras-gans benchmark sanity --chart=sanity.png       how the metrics move when real samples are spoilt
    keras-gans benchmark modes --chart=modes.png         which modes of a grid of 25 Gaussians each model covers
    keras-gans benchmark text_oracle --oracle=target_params.npz --seeds=3 --chart=oracle.png    text GANs on synthetic text
    keras-gans benchmark learning --dataset=mnist --results=loop.json --runs=runs/dcgan,runs/r3gan --chart=learning.png
    keras-gans benchmark augmentation --dataset=mnist --num=500 --runs=cgan_mnist --seeds=5     a classifier of few real images

`training` compares gan, dcgan and wgan_gp with a plain PyTorch loop over the same networks (where torch is installed: pip
install '.[benchmark]'), gan and dcgan with a train_step in the manner of the examples on keras.io, too, and with the rate at
which this machine multiplies matrices. `inference` compares Keras, SavedModel, TFLite in each quantisation, ONNX Runtime,
PyTorch (gan, dcgan, wgan_gp) and, with --url, a REST server, in batches of 1 and 32, on one core and on two. `learning` draws
FID against time, of training runs and of the DCGAN in a plain PyTorch loop (--set=width=32 --minutes=20), which it trains first
if --results is not there yet. `augmentation` trains classifiers on the first --num images and five times as many
others: the same again, moved ones, or samples of each conditional preset in --runs.

Each contestant has a process of its own; one at a time works, in turn, so that a machine that becomes slower is so for all.
Figures are medians over the rounds; ratios are medians of the ratios within a round.
"""

import json
from pathlib import Path

from absl import flags

from keras_gans import errors, registry
from keras_gans.files import read_object, write_json

from .common import program

_MODELS = flags.DEFINE_list("models", [], "Which models; all (for most benchmarks: of images) if none is named.")
_SET = flags.DEFINE_multi_string(
    "set", [], "argument=value of the models that `training` and `inference` measure; may be repeated."
)
_BATCH_SIZE = flags.DEFINE_integer("batch_size", 64, "Samples a step.", lower_bound=1)
_ROUNDS = flags.DEFINE_integer("rounds", 7, "How often each contestant has its turn.", lower_bound=1)
_SECONDS = flags.DEFINE_float("seconds", 3.0, "About how long a turn takes.", lower_bound=0.1)
_STEPS = flags.DEFINE_integer("steps", 5000, "How many steps `drift` trains.", lower_bound=200)
_DATASET = flags.DEFINE_string("dataset", "digits", "The images of `sanity`, of ten classes, or of `learning`.")
_NUM = flags.DEFINE_integer("num", 10_000, "How many of them are measured, at most.", lower_bound=2)
_SEED = flags.DEFINE_integer("seed", 0, "Of the trainings of `modes` and `learning`.")
_SEEDS = flags.DEFINE_integer("seeds", 3, "How often `text_oracle` and `augmentation` train each model.", lower_bound=1)
_ORACLE = flags.DEFINE_string("oracle", None, "The weights of `text_oracle`'s oracle: SeqGAN's target_params, as .npz.")
_LENGTH = flags.DEFINE_integer("length", 20, "Tokens of its sequences.", lower_bound=1)
_RESULTS = flags.DEFINE_string(
    "results", None, "A JSON file that keeps what `text_oracle` or the loop of `learning` has measured, to go on from."
)
_RUNS = flags.DEFINE_list("runs", [], "The training runs of `learning`, or the conditional presets of `augmentation`.")
_MINUTES = flags.DEFINE_float("minutes", 20.0, "How long `learning` trains the PyTorch loop.", lower_bound=0.01)
_CHART = flags.DEFINE_string("chart", None, "Where `sanity`, `learning` and `text_oracle` draw curves, or `modes` the samples.")
_FORMATS = flags.DEFINE_list("formats", [], "Which formats `exports` measures; all if none is named.")
_URL = flags.DEFINE_string("url", None, "A model on a server for `inference`: http://localhost:8501/v1/models/NAME.")
_CSV = flags.DEFINE_string("csv", None, "A file that `inference` writes its figures to.")
_JSON = flags.DEFINE_boolean("json", False, "Print JSON.")


def main(arguments):
    """Runs the benchmark that the argument names."""
    which = program.one_argument(arguments, f"BENCHMARK ({', '.join(_BENCHMARKS)})")
    if which not in _BENCHMARKS:
        raise ValueError(errors.no_such("benchmark", which, sorted(_BENCHMARKS)))
    _BENCHMARKS[which]()


def _show(rows, describe):
    print(json.dumps(rows, indent=2) if _JSON.value else "\n".join(describe(row) for row in rows))


def _image_models():
    for name in _MODELS.value:
        registry.get_entry(name)
    return _MODELS.value or registry.list_models("images")


def _names(settings, kind):
    for name in _MODELS.value:
        if name not in settings:
            raise ValueError(errors.no_such(kind, name, sorted(settings)))
    return _MODELS.value or list(settings)


def _measure_training():
    from .benchmarks import training

    settings = dict(program.parse_setting(setting) for setting in _SET.value)
    rows = [training.measure(name, _BATCH_SIZE.value, _ROUNDS.value, _SECONDS.value, settings) for name in _image_models()]
    _show(rows, training.describe)


def _measure_inference():
    program.import_keras()
    from .benchmarks import inference

    settings = dict(program.parse_setting(setting) for setting in _SET.value)
    with program.quietly():
        tables = [inference.measure(name, settings, _ROUNDS.value, _SECONDS.value, _URL.value) for name in _image_models()]
    rows = [row for rows in tables for row in rows]
    if _CSV.value:
        Path(_CSV.value).write_text(inference.as_csv(rows), encoding="utf-8")
    print(json.dumps(rows, indent=2) if _JSON.value else "\n\n".join(map(inference.describe, tables)))


def _measure_exports():
    program.import_keras()
    from .benchmarks import exports

    for name in _MODELS.value:
        registry.get_entry(name)
    formats = _FORMATS.value or exports.FORMATS
    for kind in formats:
        if kind not in exports.FORMATS:
            raise ValueError(errors.no_such("format", kind, list(exports.FORMATS)))
    with program.quietly():
        rows = [exports.measure(name, formats) for name in _MODELS.value or registry.list_models()]
    print(json.dumps(rows, indent=2) if _JSON.value else exports.describe(rows))


def _measure_drift():
    from .benchmarks import drift

    _show([drift.measure(name, _BATCH_SIZE.value, _STEPS.value) for name in _image_models()], drift.describe)


def _measure_sanity():
    program.import_keras()
    from .benchmarks import sanity

    found = sanity.measure(_DATASET.value, _NUM.value)
    print(json.dumps(found, indent=2) if _JSON.value else sanity.describe(found))
    if _CHART.value:
        sanity.draw(found, _CHART.value)


def _measure_learning():
    if _RESULTS.value is None:
        raise ValueError("--results is needed: the file that keeps what the PyTorch loop reached.")
    from .benchmarks import learning

    runs = [learning.read_run(folder) for folder in _RUNS.value]
    path = Path(_RESULTS.value)
    if not path.is_file():
        program.import_keras()
        settings = dict(program.parse_setting(setting) for setting in _SET.value)
        if set(settings) - {"width"}:
            raise ValueError(f"--set of learning takes width alone; received {', '.join(settings)}.")
        write_json(path, learning.train_in_pytorch(_DATASET.value, settings.get("width", 64), _MINUTES.value, _SEED.value))
    loop = read_object(path)
    rows = learning.compare(loop, runs)
    _show(rows, learning.describe)
    if _CHART.value:
        learning.draw([loop, *runs], _CHART.value)


def _measure_augmentation():
    program.import_keras()
    from .benchmarks import augmentation

    _show(augmentation.measure(_DATASET.value, _NUM.value, _RUNS.value, _SEEDS.value), augmentation.describe)


def _measure_modes():
    program.import_keras()
    from .benchmarks import modes

    names = _names(modes.SETTINGS, "model with settings for the grid")
    measured = [modes.measure(name, _SEED.value) for name in names]
    _show([row for row, _ in measured], modes.describe)
    if _CHART.value:
        modes.draw(measured, _CHART.value)


def _measure_text_oracle():
    program.import_keras()
    from .benchmarks import text_oracle

    if _ORACLE.value is None:
        raise ValueError("--oracle is needed: the .npz file of the oracle's weights.")
    names = _names(text_oracle.SETTINGS, "model with settings for the oracle")
    oracle = text_oracle.Oracle(_ORACLE.value, _LENGTH.value)
    results = text_oracle.measure_all(names, range(_SEEDS.value), oracle, _RESULTS.value)
    print(json.dumps(results, indent=2) if _JSON.value else text_oracle.describe(oracle, results))
    if _CHART.value:
        text_oracle.draw(results, _CHART.value)


_BENCHMARKS = {
    "training": _measure_training,
    "inference": _measure_inference,
    "exports": _measure_exports,
    "drift": _measure_drift,
    "sanity": _measure_sanity,
    "learning": _measure_learning,
    "augmentation": _measure_augmentation,
    "modes": _measure_modes,
    "text_oracle": _measure_text_oracle,
}


if __name__ == "__main__":
    program.run(main)
