"""The flags, evaluators and tables of evaluate and compare."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from absl import flags

from keras_gans._typing import PathLike

from . import sample_evaluation, text_evaluation
from .subjects import Subject, find_subject

if TYPE_CHECKING:
    from keras_gans.evaluation import BaseEvaluator

__all__ = ["DATASET", "Subject", "as_json", "check_dataset", "describe", "find_subject", "make_evaluator", "measure", "table"]

DATASET = flags.DEFINE_string("dataset", None, "Real samples, as train takes them (default: the training data of the model).")
_SPLIT = flags.DEFINE_string("split", None, "Split of the real samples (default: train).")
_HELD_OUT = flags.DEFINE_string(
    "held_out",
    None,
    "Held-out real samples: a split, other data (folder:PATH, npz:PATH), half (of the data) or none (default: test if that "
    "split exists, else half). For text: text:PATH (default: the twentieth of the training text that training leaves out).",
)
_METRICS = flags.DEFINE_list(
    "metrics",
    None,
    "Metrics to measure, or all (default: fid,kid,precision_recall, and what models of pairs are trained for; for text: all).",
)
_NUM = flags.DEFINE_integer("num", 10_000, "Maximum number of samples to measure.", lower_bound=2)
_SEEDS = flags.DEFINE_integer("seeds", 3, "Number of seeds with which a model is sampled and measured.", lower_bound=1)
_EXTRACTOR = flags.DEFINE_string(
    "extractor",
    None,
    "Feature extractor (default: imagenet for images of 48 pixels and more, or color32 for models trained against it; digits28 "
    "for smaller grey images, color32 for smaller ones in colour).",
)
_CROP = flags.DEFINE_string("crop", None, "How real images get the measured proportions: centre (the default) or pad.")
_BACKGROUND = flags.DEFINE_string("background", None, "Colour behind and beside real images (default: white).")

_MASK = flags.DEFINE_string(
    "mask", None, "Inpainting: masks of the holes to fill in, as train takes them (default: those of the training data)."
)

# By the family of the evaluators: the module that creates and runs them, and their flags with what these are about.
_WAYS = {"samples": sample_evaluation, "sentences": text_evaluation}
_ABOUT = {"samples": ("images", (_EXTRACTOR, _CROP, _BACKGROUND, _MASK)), "sentences": ("text", text_evaluation.FLAGS)}


@dataclasses.dataclass(frozen=True)
class Settings:
    """The flags about an evaluator. None for a flag that is not given.

    Attributes:
        dataset: The real samples.
        split: Their split.
        held_out: Held-out real samples.
        metrics: Names of metrics.
        num: Maximum number of samples.
        extractor: Name of a feature extractor.
        crop: How real images are cropped.
        background: Colour behind and beside real images.
        mask: Masks of the holes to fill in.
        progress: Is called with a line of text before each part of the work.
    """

    dataset: str | None
    split: str | None
    held_out: str | None
    metrics: list[str] | None
    num: int
    extractor: str | None
    crop: str | None
    background: str | None
    mask: str | None
    progress: Callable[[str], object] | None


def check_dataset() -> None:
    """Check that what --dataset names exists, in milliseconds and without Keras.

    Raises:
        ValueError: If there is no such source.
        FileNotFoundError: If the source's file or folder does not exist.
    """
    from keras_gans.data import check_source

    if DATASET.value is not None:
        check_source(DATASET.value, split=_SPLIT.value or "train")


def make_evaluator(subjects: list[Subject], progress: Callable[[str], object] | None = None) -> BaseEvaluator:
    """Return the evaluator that measures all subjects under the protocol of the flags.

    Raises:
        ValueError: If they do not fit each other or the flags.
    """
    from keras_gans.evaluation import evaluator_for

    first = subjects[0]
    family = evaluator_for(first.medium).family
    for subject in subjects[1:]:
        if evaluator_for(subject.medium).family != family:
            raise ValueError(
                f"{first.name} is {first.medium.name}, {subject.name} is {subject.medium.name}: they cannot be compared."
            )
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
        _MASK.value,
        progress,
    )
    return _WAYS[family].make_evaluator(subjects, settings)


def measure(evaluator: BaseEvaluator, subject: Subject) -> list[dict[str, Any]]:
    """Return the results of a subject, as `evaluate` of the evaluator does: one for each temperature of a text model."""
    return _WAYS[evaluator.family].measure(evaluator, subject, range(_SEEDS.value))


def check_report(subject: Subject) -> None:
    """Check that the flags ask for a single result, which a report can show.

    Raises:
        ValueError: If they ask for several.
    """
    from keras_gans.evaluation import evaluator_for

    if evaluator_for(subject.medium).family == "sentences":
        text_evaluation.check_report()


def report_parts(evaluator: BaseEvaluator, subject: Subject, result: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of a report that show samples, as `write_report` takes them."""
    return _WAYS[evaluator.family].report_parts(evaluator, subject, result)


def check_grids(subjects: list[Subject]) -> None:
    """Raise ValueError if samples cannot be drawn."""
    for subject in subjects:
        if not subject.medium.drawable:
            raise ValueError(f"--grids draws pictures; the samples of {subject.name} are {subject.medium.many}.")


def draw_grids(path: PathLike, evaluator: Any, subjects: list[Subject]) -> None:
    """Draw samples of each subject, and real ones, side by side into a picture file."""
    from keras_gans.evaluation.report import figures, write_grids

    grids = {
        subject.name: subject.samples if subject.model is None else figures.some_samples(evaluator, subject.model)
        for subject in subjects
    }
    write_grids(path, {**grids, evaluator.real_name: evaluator.real_samples}, medium=evaluator.medium)


def read_results(path: PathLike) -> list[dict[str, Any]]:
    """Read the output of `evaluate --json`: one result, or one for each temperature.

    Raises:
        ValueError: If the file holds something else.
    """
    from keras_gans.files import read_json

    found = read_json(path)
    results = found if isinstance(found, list) and found else [found]
    for result in results:
        if not (isinstance(result, dict) and {"name", "protocol", "metrics", "real"} <= set(result)):
            raise ValueError(f"{path} does not hold a result of keras-gans evaluate.")
    return results


def table(results: list[dict[str, Any]]) -> str:
    """Return results as a table with a column for each result, a row for each metric, and the real samples last.

    Raises:
        ValueError: If the results have different protocols.
    """
    from keras_gans.evaluation import evaluator_of, known_metrics, refuse_differences

    refuse_differences(results)
    evaluator, metrics = evaluator_of(results[0]["protocol"]), known_metrics()
    names = list(dict.fromkeys(name for result in results for name in result["metrics"]))
    better = {True: "higher", False: "lower", None: "as real"}
    rows = [("metric", "better", *(result["name"] for result in results), evaluator.real_name)]
    for name in names:
        real = next((result["real"].get(name) for result in results if result["real"].get(name) is not None), None)
        cells = [_cell(result["metrics"].get(name)) for result in results]
        # Results may hold metrics of a package that is not installed.
        way = metrics[name].higher_is_better if name in metrics else None
        direction = "-" if real is None and way is None else better[way]
        rows.append((name, direction, *cells, _cell({"mean": real})))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, *evaluator.notes(results)])


def _cell(values: dict[str, Any] | None) -> str:
    from keras_gans.evaluation.wording import with_spread

    if values is None or values["mean"] is None:
        return "-"
    mean, std = with_spread(values["mean"], values.get("std"))
    return f"{mean} ± {std}" if std else mean


def describe(protocol: dict[str, Any], name: str | None = None) -> str:
    """Return a protocol in a few lines, after the name of a result if one is given."""
    from keras_gans.evaluation import evaluator_of

    first, *others = evaluator_of(protocol).describe(protocol).split("; ")
    return "\n  ".join([first if name is None else f"{name}: {first}", *others])


def shown_samples(results: list[dict[str, Any]], num: int) -> list[str]:
    """Return the samples that results hold for reading, unedited: a line for each."""
    lines: list[str] = []
    for result in results:
        if num and result.get("samples"):
            lines += [f"{result['name']}, unedited:", *(f"  {line}" for line in result["samples"][:num])]
    return lines


def as_json(results: dict[str, Any] | list[dict[str, Any]]) -> str:
    """Return one result, or a list of several, as JSON."""
    return json.dumps(results, indent=2, ensure_ascii=False)


def check_names(what: list[str]) -> None:
    """Raise ValueError if there are no names, or one appears twice."""
    if not what:
        raise ValueError("Nothing to measure. Give presets, run folders, folders of images, .npy or .txt files, or results.")
    for name in what:
        if what.count(name) > 1:
            raise ValueError(f"{name} is given twice.")
