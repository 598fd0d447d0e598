"""How evaluate and compare measure text models, and files of sentences."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from absl import flags

if TYPE_CHECKING:
    from keras_gans.data.text import Sentences
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
    from keras_gans.evaluation import evaluator_for

    first, models = subjects[0], [subject for subject in subjects if subject.model is not None]
    if not models and _TEMPERATURE.value is not None:
        raise ValueError(f"--temperature is for models, and {first.name} holds sentences.")
    _temperatures()
    for subject in models:
        if not subject.medium.tokenizer:
            raise ValueError(f"{subject.name} has no tokenizer to turn its tokens into text.")
    source = settings.dataset or next((subject.metadata.dataset for subject in models), None)
    if not source:
        raise ValueError(f"--dataset is missing: give the text that {first.name} was trained on, as --dataset=text:PATH.")
    read = _reader_of_windows(models) or _reader_of_sentences(models)
    training, others = _real_text(source, settings.split, settings.held_out or "held_out", read)
    kinds = {subject.model.tokenizer.kind for subject in models}
    measured_by = _MEASURE_BY.value or ("characters" if kinds == {"characters"} else "words")
    files = {subject.name: len(subject.samples) for subject in subjects if subject.model is None}
    for name, count in files.items():
        if count < min(10, settings.num):
            raise ValueError(f"{name} holds {count} sentence(s); at least 10 are needed.")
    evaluator: Any = evaluator_for(first.medium)
    num, metrics = min([settings.num, *files.values()]), settings.metrics or evaluator.default_metrics
    return evaluator(training, others, metrics, num, measured_by=measured_by, progress=settings.progress)


# Reads a split of a text file.
_Read: TypeAlias = Callable[[str, str], "Sentences"]


def _reader_of_windows(models: Sequence[Subject]) -> _Read | None:
    """Return what reads running text as windows of the models; None if they are trained on sentences."""
    from keras_gans.data.text import TextOptions, read_windows

    if not any(subject.metadata.training.windows for subject in models):
        return None
    first, *rest = models
    media: list[Any] = [each.medium for each in models]
    made = [(medium.tokenizer, medium.sample_shape, medium.context_length) for medium in media]
    for subject, own in zip(rest, made[1:], strict=True):
        if not subject.metadata.training.windows or own != made[0]:
            raise ValueError(
                f"{first.name} and {subject.name} are not trained on the same windows of running text: measure each alone."
            )
    tokenizer, (length,), context = made[0]
    options = TextOptions(
        windows=True,
        length=length,
        contexts=context > 0,
        context_length=context or None,
        text_field=first.metadata.training.text_field,
        tokenizer=tokenizer,
    )
    return lambda path, split: read_windows(path, split, options)


def _reader_of_sentences(models: Sequence[Subject]) -> _Read:
    """Return what reads sentences, with the conditions that the models take."""
    from keras_gans.conditions import CONTEXT, LABELS
    from keras_gans.data.text import read_sentences
    from keras_gans.data.text_files import Columns

    told = {name for subject in models for name in subject.model.conditions}
    fields = {
        name: next((field for subject in models if (field := getattr(subject.metadata.training, name))), None)
        for name in ("text_field", "label_field", "context_field")
    }
    columns = Columns(LABELS in told, CONTEXT in told, **fields)
    return lambda path, split: read_sentences(path, split, columns)


def _real_text(source: str, split: str | None, held_out: str, read: _Read) -> tuple[Sentences, Sentences]:
    """Return the training and the held-out sentences."""
    if not source.startswith(_SOURCE):
        raise ValueError(f"--dataset={source} is not text: give text:PATH.")
    path = source.removeprefix(_SOURCE)
    if held_out == "held_out":
        if split not in (None, "train"):
            raise ValueError(f"--split={split} leaves no held-out text: give other text with --held_out=text:PATH.")
        return read(path, "train"), read(path, "held_out")
    if not held_out.startswith(_SOURCE):
        raise ValueError(
            f"--held_out={held_out}: give text:PATH, or held_out for the twentieth of the training text that training leaves "
            "out."
        )
    # With held-out text from another file, all of this one is training text.
    return read(path, split or "all"), read(held_out.removeprefix(_SOURCE), "all")


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
