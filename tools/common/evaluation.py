"""What evaluate and compare share: what is measured, against what, and how results are shown."""

import dataclasses
import json

from absl import flags

from . import sample_evaluation, text_evaluation
from .subjects import Subject, find_subject

__all__ = ["DATASET", "Subject", "as_json", "describe", "find_subject", "make_evaluator", "measure", "table"]

DATASET = flags.DEFINE_string(
    "dataset", None, "The real samples, as train takes them (default: what the model was trained on)."
)
_SPLIT = flags.DEFINE_string("split", None, "The split that is compared with (default: train).")
_HELD_OUT = flags.DEFINE_string(
    "held_out",
    None,
    "The split of the real row, or other data (folder:PATH, npz:PATH), or half (of the data), or none (default: test where "
    "there is one, else half). For text: text:PATH (default: the twentieth of the training text that training leaves out).",
)
_METRICS = flags.DEFINE_list("metrics", None, "What to measure, or all (default: fid,kid,precision_recall; all of text).")
_NUM = flags.DEFINE_integer("num", 10_000, "Samples to measure, at most.", lower_bound=2)
_SEEDS = flags.DEFINE_integer("seeds", 3, "Over how many seeds a model is measured.", lower_bound=1)
_EXTRACTOR = flags.DEFINE_string(
    "extractor", None, "What makes features (default: digits28 for grey images, color32 for colours)."
)
_CROP = flags.DEFINE_string("crop", None, "How real images get the proportions of those measured: centre (the default) or pad.")
_BACKGROUND = flags.DEFINE_string("background", None, "Behind transparent and beside padded real images (default: white).")

# By the evaluators' family: how they are made and used, what only they have flags for, and these flags.
_WAYS = {"samples": sample_evaluation, "sentences": text_evaluation}
_ABOUT = {"samples": ("images", (_EXTRACTOR, _CROP, _BACKGROUND)), "sentences": ("text", text_evaluation.FLAGS)}


@dataclasses.dataclass(frozen=True)
class Settings:
    """What the flags say of an evaluator. None where they say nothing.

    Attributes:
        dataset: The real samples.
        split: Their split.
        held_out: Other real samples.
        metrics: Names of metrics.
        num: Samples at most.
        extractor: Name of a feature extractor.
        crop: How real images are cut.
        background: Colour behind and beside real images.
    """

    dataset: str | None
    split: str | None
    held_out: str | None
    metrics: list[str] | None
    num: int
    extractor: str | None
    crop: str | None
    background: str | None


def make_evaluator(subjects: list[Subject]):
    """Returns the evaluator of the flags that measures all subjects alike: that of their medium.

    Raises:
        ValueError: If they do not fit each other or the flags.
    """
    from keras_gans.evaluation import evaluator_for

    first = subjects[0]
    family = evaluator_for(first.medium).family
    for subject in subjects[1:]:
        if evaluator_for(subject.medium).family != family:
            raise ValueError(f"{first.name} is {first.medium.name}, and {subject.name} is none: they cannot be compared.")
    for other, (about, others_flags) in _ABOUT.items():
        for flag in others_flags:
            if other != family and flag.value is not None:
                raise ValueError(f"--{flag.name} is about {about}, and {first.name} is {first.medium.name}.")
    settings = Settings(
        DATASET.value,
        _SPLIT.value,
        _HELD_OUT.value,
        _METRICS.value,
        _NUM.value,
        _EXTRACTOR.value,
        _CROP.value,
        _BACKGROUND.value,
    )
    return _WAYS[family].make_evaluator(subjects, settings)


def measure(evaluator, subject: Subject) -> list[dict]:
    """Returns the results of a subject, as `evaluate` of the evaluator does: of a text model one for each temperature."""
    return _WAYS[evaluator.family].measure(evaluator, subject, range(_SEEDS.value))


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


def table(results: list[dict]) -> str:
    """Returns results of one protocol as text: a column each, a row for each metric, the real samples last.

    Raises:
        ValueError: If they are not of one protocol.
    """
    from keras_gans.evaluation import evaluator_of, known_metrics, refuse_differences

    refuse_differences(results)
    evaluator, metrics = evaluator_of(results[0]["protocol"]), known_metrics()
    names = list(dict.fromkeys(name for result in results for name in result["metrics"]))
    better = {True: "higher", False: "lower", None: "as real"}
    rows = [("metric", "better", *(result["name"] for result in results), evaluator.real_name)]
    for name in names:
        real = next((result["real"].get(name) for result in results if result["real"].get(name) is not None), None)
        cells = [_with_spread(result["metrics"].get(name)) for result in results]
        # Results of a package that is not installed may hold others.
        way = metrics[name].higher_is_better if name in metrics else None
        direction = "-" if real is None and way is None else better[way]
        rows.append((name, direction, *cells, _number(real)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, *evaluator.notes(results)])


def _with_spread(values):
    if values is None or values["mean"] is None:
        return "-"
    return _number(values["mean"]) + (f" ± {_number(values['std'])}" if values["std"] is not None else "")


def _number(value):
    return "-" if value is None else f"{value:.4g}"


def describe(protocol: dict) -> str:
    """Returns a protocol in one line."""
    from keras_gans.evaluation import evaluator_of

    return evaluator_of(protocol).describe(protocol)


def shown_samples(results: list[dict], num: int) -> list[str]:
    """Returns the samples that results hold to be read, as they came: a line each."""
    lines = []
    for result in results:
        if num and result.get("samples"):
            lines += [f"{result['name']}, unedited:", *(f"  {line}" for line in result["samples"][:num])]
    return lines


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
