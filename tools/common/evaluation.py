"""What evaluate and compare share: what is measured, against what, and how results are shown."""

import dataclasses
import json
from pathlib import Path

import numpy as np
from absl import flags

from keras_gans import presets, registry

from . import text_evaluation

DATASET = flags.DEFINE_string(
    "dataset", None, "The real samples, as train takes them (default: what the model was trained on)."
)
_SPLIT = flags.DEFINE_string("split", None, "The split that is compared with (default: train).")
_HELD_OUT = flags.DEFINE_string(
    "held_out",
    None,
    "The split of the real row, or other data (folder:PATH, npz:PATH), or half (of the data), or none (default: test where "
    "there is one, else half). Of text: text:PATH (default: the twentieth of the training text that training leaves out).",
)
_METRICS = flags.DEFINE_list("metrics", None, "What to measure, or all (default: fid,kid,precision_recall; of text all).")
_NUM = flags.DEFINE_integer("num", 10_000, "Samples to measure, at most.", lower_bound=2)
_SEEDS = flags.DEFINE_integer("seeds", 3, "Over how many seeds a model is measured.", lower_bound=1)
_EXTRACTOR = flags.DEFINE_string(
    "extractor", None, "What makes features (default: digits28 for grey images, color32 for colours)."
)
_CROP = flags.DEFINE_string("crop", None, "How real images get the proportions of those measured: centre (the default) or pad.")
_BACKGROUND = flags.DEFINE_string("background", None, "Behind transparent and beside padded real images (default: white).")

_DEFAULT_METRICS = ("fid", "kid", "precision_recall")


@dataclasses.dataclass
class Subject:
    """What is measured.

    Attributes:
        name: What it is called.
        shape: Of one sample.
        model: An `AdversarialModel`, or None.
        samples: Samples, where there is no model.
        preset: The `Preset` of the model, or None.
        text: Sentences, where these are what is measured and there is no model.
    """

    name: str
    shape: tuple[int, ...]
    model: object = None
    samples: np.ndarray | None = None
    preset: presets.Preset | None = None
    text: list[str] | None = None

    @property
    def is_text(self):
        """Whether sentences are measured, a model's or these."""
        return self.text is not None or (self.preset is not None and _task(self.preset) == "text")


def _task(preset):
    return registry.get_entry(preset.config["model"]).task


def find_subject(what: str) -> Subject:
    """Returns what a preset's name, a run's folder, a folder of images, an .npy file or a .txt file of sentences holds.

    Raises:
        ValueError: If it is none of these, or cannot be read.
    """
    path = Path(what)
    if path.suffix == ".npy":
        samples = _load_array(path)
        return Subject(what, samples.shape[1:], samples=samples)
    if path.suffix == ".txt":
        return Subject(what, (), text=text_evaluation.read_lines(path))
    if path.is_dir() and not (path / presets.CONFIG).is_file():
        from keras_gans.data import load_data

        # Not flipped, cut or resized: the samples themselves are measured.
        samples = load_data(f"folder:{what}").samples
        return Subject(what, tuple(samples.shape[1:]), samples=np.asarray(samples[np.arange(len(samples))]))
    preset = presets.find_preset(what)
    model = preset.load()
    return Subject(what, model.sample_shape, model=model, preset=preset)


def _load_array(path):
    try:
        samples = np.load(path, allow_pickle=False)
    except ValueError as error:
        raise ValueError(f"{path} is no NumPy array of numbers: {error}") from error
    if samples.ndim < 2:
        raise ValueError(f"{path} holds an array of shape {samples.shape}; samples are (n, height, width, channels) or (n, d).")
    return samples[..., None] if samples.ndim == 3 else samples


def make_evaluator(subjects: list[Subject]):
    """Returns the `Evaluator` of the flags that measures all subjects alike, or the `TextEvaluator`.

    Raises:
        ValueError: If they do not fit each other or the flags.
    """
    from keras_gans.data import load_data
    from keras_gans.evaluation import Evaluator
    from keras_gans.media.pictures import is_image_shape

    first = subjects[0]
    for subject in subjects[1:]:
        if subject.is_text != first.is_text:
            words, pictures = (subject, first) if subject.is_text else (first, subject)
            raise ValueError(f"{words.name} is text, and {pictures.name} is none: they cannot be compared.")
    if first.is_text:
        for flag in (_EXTRACTOR, _CROP, _BACKGROUND):
            if flag.value is not None:
                raise ValueError(f"--{flag.name} is about images, and {first.name} is text.")
        return text_evaluation.make_evaluator(
            subjects, DATASET.value, _SPLIT.value, _HELD_OUT.value, _METRICS.value or "all", _NUM.value
        )
    text_evaluation.refuse_flags(first.name)
    for subject in subjects[1:]:
        if subject.shape != first.shape:
            raise ValueError(f"{first.name} has samples of shape {first.shape}, {subject.name} of {subject.shape}.")
    facts = next((subject.preset.facts for subject in subjects if subject.preset is not None), {})
    source = DATASET.value or facts.get("dataset")
    if not source:
        raise ValueError(f"--dataset is needed: against which real samples is {first.name} to be measured?")
    shape = first.shape if is_image_shape(first.shape) else None
    # What a model was trained on is what it is compared with, in the same cuts; random ones are measured at the centre.
    recorded = facts.get("training", {}) if source == facts.get("dataset") else {}
    split = _SPLIT.value or recorded.get("split") or "train"
    given = {"crop": _CROP.value or recorded.get("crop"), "background": _BACKGROUND.value or recorded.get("background")}
    options = {name: value for name, value in given.items() if value is not None}
    data = load_data(source, shape, split, **options)
    counts = [len(subject.samples) for subject in subjects if subject.samples is not None]
    held_out = _held_out(source, shape, split, options)
    return Evaluator(data, _METRICS.value or _DEFAULT_METRICS, min([_NUM.value, *counts]), _EXTRACTOR.value, held_out=held_out)


def _held_out(source, shape, split, options):
    from keras_gans.data import load_data

    given = _HELD_OUT.value
    if given in ("half", "none"):
        return None if given == "none" else given
    if given is None and split == "test":
        return "half"
    if given is not None and ":" in given:
        return load_data(given, shape, **options)
    try:
        return load_data(source, shape, given or "test", **options)
    except ValueError:
        if given is not None:
            raise
        return "half"


def measure(evaluator, subject: Subject) -> list[dict]:
    """Returns the results of a subject, as `Evaluator.evaluate` does: of a model that writes one for each temperature."""
    if subject.is_text:
        return text_evaluation.measure(evaluator, subject, range(_SEEDS.value))
    if subject.model is not None:
        return [evaluator.evaluate(subject.model, range(_SEEDS.value), subject.name)]
    # A file's samples need not be in random order: those of a folder lie class by class.
    order = np.sort(np.random.default_rng(0).permutation(len(subject.samples))[: evaluator.num])
    return [evaluator.evaluate(subject.samples[order], name=subject.name)]


def read_results(path) -> list[dict]:
    """Reads what `evaluate --json` printed: one result, or one for each temperature.

    Raises:
        ValueError: If the file holds something else.
    """
    from keras_gans.files import read_json

    found = read_json(path)
    results = found if isinstance(found, list) and found else [found]
    for result in results:
        if not (isinstance(result, dict) and {"name", "protocol", "metrics", "real"} <= set(result)):
            raise ValueError(f"{path} holds no result of keras-gans evaluate.")
    return results


def known_metrics() -> dict:
    """Returns name -> `Metric` of all there are, of images and of text."""
    from keras_gans.evaluation import METRICS, TEXT_METRICS

    return METRICS | TEXT_METRICS


def table(results: list[dict]) -> str:
    """Returns results of one protocol as text: a column each, a row for each metric, the real samples last.

    Raises:
        ValueError: If they are not of one protocol.
    """
    from keras_gans.evaluation import refuse_differences

    refuse_differences(results)
    metrics = known_metrics()
    names = list(dict.fromkeys(name for result in results for name in result["metrics"]))
    better = {True: "higher", False: "lower", None: "as real"}
    real_row = "real text" if text_evaluation.is_result(results[0]["protocol"]) else "real samples"
    rows = [("metric", "better", *(result["name"] for result in results), real_row)]
    for name in names:
        real = next((result["real"].get(name) for result in results if result["real"].get(name) is not None), None)
        cells = [_with_spread(result["metrics"].get(name)) for result in results]
        way = metrics[name].higher_is_better
        direction = "-" if real is None and way is None else better[way]
        rows.append((name, direction, *cells, _number(real)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, *text_evaluation.notes(results)])


def _with_spread(values):
    if values is None or values["mean"] is None:
        return "-"
    return _number(values["mean"]) + (f" ± {_number(values['std'])}" if values["std"] is not None else "")


def _number(value):
    return "-" if value is None else f"{value:.4g}"


def describe(protocol: dict) -> str:
    """Returns a protocol in one line."""
    if text_evaluation.is_result(protocol):
        return text_evaluation.describe(protocol)
    held_out = f"; real row: {protocol['held_out']:,} others" if protocol["held_out"] else ""
    counts = (
        f"{protocol['fake']:,} samples against {protocol['real']:,} of {protocol['dataset']} ({protocol['split']}){held_out}"
    )
    features = f"{protocol['extractor']} {protocol['extractor_sha256'][:8]}"
    return f"{counts}; features: {features}, resize: {protocol['resize']}, {protocol['pixels']}"


def as_json(results) -> str:
    """Returns one result, or a list of several, as JSON."""
    return json.dumps(results, indent=2, ensure_ascii=False)


def check_names(what: list[str]) -> None:
    """Raises ValueError if nothing is named, or something twice."""
    if not what:
        raise ValueError("name what to measure: presets, run folders, folders of images, .npy and .txt files, results (.json).")
    for name in what:
        if what.count(name) > 1:
            raise ValueError(f"{name} is named twice.")
