"""How evaluate and compare measure text models, and files of sentences."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from absl import flags

if TYPE_CHECKING:
    from keras_gans.data.text import Sentences
    from keras_gans.data.text_files import Columns
    from keras_gans.evaluation import TextEvaluator

    from .evaluation import Settings
    from .subjects import Subject

_TEMPERATURE = flags.DEFINE_list("temperature", None, "One or more temperatures at which to measure a text model (default: 1).")
_MEASURE_BY = flags.DEFINE_enum(
    "measure_by",
    None,
    ["words", "characters"],
    "The unit of text to measure (default: words; characters if the tokens of all models are characters).",
)

FLAGS = (_TEMPERATURE, _MEASURE_BY)
_SOURCE = "text:"


def make_evaluator(subjects: Sequence[Subject], settings: Settings) -> TextEvaluator:
    """Return the `TextEvaluator` that measures all subjects under one protocol.

    Args:
        subjects: `Subject`s.
        settings: The `evaluation.Settings`. Its data sets are `text:PATH`; the default of `held_out` is the held-out part of
            the training text.

    Raises:
        ValueError: If they do not fit each other.
    """
    from keras_gans.conditions import CONTEXT, LABELS
    from keras_gans.data.text_files import Columns
    from keras_gans.evaluation import evaluator_for

    first, models = subjects[0], [subject for subject in subjects if subject.model is not None]
    if not models and _TEMPERATURE.value is not None:
        raise ValueError(f"--temperature is for models, and {first.name} holds sentences.")
    _temperatures()
    for subject in models:
        if not subject.medium.tokenizer:
            raise ValueError(f"{subject.name} has no tokenizer to turn its tokens into text.")
        if subject.metadata.training.windows:
            raise ValueError(f"{subject.name} generates running text in windows; only sentences can be measured.")
    source = settings.dataset or next((subject.metadata.dataset for subject in models), None)
    if not source:
        raise ValueError(f"--dataset is missing: give the text that {first.name} was trained on, as --dataset=text:PATH.")
    told = {name for subject in models for name in subject.model.conditions}
    fields = {
        name: next((field for subject in models if (field := getattr(subject.metadata.training, name))), None)
        for name in ("text_field", "label_field", "context_field")
    }
    columns = Columns(LABELS in told, CONTEXT in told, **fields)
    training, others = _real_text(source, settings.split, settings.held_out or "held_out", columns)
    kinds = {subject.model.tokenizer.kind for subject in models}
    measured_by = _MEASURE_BY.value or ("characters" if kinds == {"characters"} else "words")
    files = {subject.name: len(subject.samples) for subject in subjects if subject.model is None}
    for name, count in files.items():
        if count < min(10, settings.num):
            raise ValueError(f"{name} holds {count} sentence(s); at least 10 are needed.")
    evaluator: Any = evaluator_for(first.medium)
    num, metrics = min([settings.num, *files.values()]), settings.metrics or evaluator.default_metrics
    return evaluator(training, others, metrics, num, measured_by=measured_by, progress=settings.progress)


def _real_text(source: str, split: str | None, held_out: str, columns: Columns) -> tuple[Sentences, Sentences]:
    """Return the training and the held-out sentences."""
    from keras_gans.data.text import read_sentences

    if not source.startswith(_SOURCE):
        raise ValueError(f"--dataset={source} is not text: give text:PATH.")
    path = source.removeprefix(_SOURCE)
    if held_out == "held_out":
        if split not in (None, "train"):
            raise ValueError(f"--split={split} leaves no held-out text: give other text with --held_out=text:PATH.")
        return read_sentences(path, "train", columns), read_sentences(path, "held_out", columns)
    if not held_out.startswith(_SOURCE):
        raise ValueError(
            f"--held_out={held_out}: give text:PATH, or held_out for the twentieth of the training text that training leaves "
            "out."
        )
    # With held-out text from another file, all of this one is training text.
    return read_sentences(path, split or "all", columns), read_sentences(held_out.removeprefix(_SOURCE), "all", columns)


def _temperatures() -> list[float]:
    given = ["1"] if _TEMPERATURE.value is None else _TEMPERATURE.value
    try:
        temperatures = [float(value) for value in given]
    except ValueError:
        temperatures = []
    if not temperatures or not all(0 < value < math.inf for value in temperatures):
        raise ValueError(f"--temperature takes numbers above 0, as in 1.0,0.8; received '{','.join(given)}'.")
    return list(dict.fromkeys(temperatures))


def measure(evaluator: TextEvaluator, subject: Subject, seeds: Iterable[int]) -> list[dict[str, Any]]:
    """Return a result for each temperature; see `TextEvaluator.evaluate`."""
    if subject.model is None:
        return [evaluator.evaluate(_drawn(subject.samples, evaluator.num), name=subject.name)]
    results = []
    for temperature in _temperatures():
        name = subject.name if _TEMPERATURE.value is None else f"{subject.name} t={temperature:g}"
        results.append(evaluator.evaluate(subject.model, seeds, name, temperature=temperature))
    return results


def check_report() -> None:
    """Check that one temperature is given, no more.

    Raises:
        ValueError: If there are several.
    """
    if len(temperatures := _temperatures()) > 1:
        given = ",".join(f"{value:g}" for value in temperatures)
        raise ValueError(f"A report is about one temperature: --report does not take --temperature={given}.")


def report_parts(evaluator: TextEvaluator, subject: Subject, result: dict[str, Any]) -> dict[str, Any]:
    """Return sentences beside real ones, and what was copied, as `write_report` takes them."""
    from keras_gans.evaluation.report.rows import Sentence
    from keras_gans.evaluation.text.passages import most_copied

    if subject.model is None:
        lines = _drawn(subject.samples, evaluator.num)
    else:
        lines = evaluator.write(subject.model, result["seeds"][0], result["temperature"])
    real = _drawn(evaluator.training.lines, len(result["samples"]))
    passages = []
    for passage in most_copied(evaluator, lines):
        passages += [
            Sentence(*passage.generated, label=f"{passage.count} in a row:"),
            Sentence(*passage.source, label="training text:"),
        ]
    return {
        "texts": {
            "sentences": [Sentence(line) for line in result["samples"]],
            "real_sentences": [Sentence(line) for line in real],
            "passages": passages,
        }
    }


def _drawn(lines: Sequence[str], num: int) -> list[str]:
    """Return some sentences of a file in random order."""
    import numpy as np

    return [lines[index] for index in np.random.default_rng(0).permutation(len(lines))[:num]]
