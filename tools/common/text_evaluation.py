"""How evaluate and compare measure text models, and files of sentences."""

import math
import sys

from absl import flags

_TEMPERATURE = flags.DEFINE_list(
    "temperature", None, "Temperatures of a text model, one or several, each measured (default: 1)."
)
_MEASURE_BY = flags.DEFINE_enum(
    "measure_by",
    None,
    ["words", "characters"],
    "What text is measured by (default: words; characters if that is what all models' tokens are).",
)

FLAGS = (_TEMPERATURE, _MEASURE_BY)
_SOURCE = "text:"


def make_evaluator(subjects, settings):
    """Returns the `TextEvaluator` that measures all subjects alike.

    Args:
        subjects: `Subject`s.
        settings: The `evaluation.Settings`. Its data sets are `text:PATH`; held out is `held_out` of the training text unless
            they say otherwise.

    Raises:
        ValueError: If they do not fit each other.
    """
    from keras_gans.evaluation import evaluator_for

    first, models = subjects[0], [subject for subject in subjects if subject.model is not None]
    if not models and _TEMPERATURE.value is not None:
        raise ValueError(f"--temperature is for models, and {first.name} holds sentences that are already written.")
    _temperatures()
    for subject in models:
        if not subject.medium.tokenizer:
            raise ValueError(f"{subject.name} has no tokenizer, by which its tokens become text.")
        if subject.preset.metadata.training.windows:
            raise ValueError(f"{subject.name} writes running text in windows; what is measured is sentences.")
    source = settings.dataset or next((subject.preset.metadata.dataset for subject in models), None)
    if not source:
        raise ValueError(f"--dataset=text:PATH is needed: which text did {first.name} learn from?")
    labelled = any(subject.model.conditional for subject in models)
    training, others = _real_text(source, settings.split, settings.held_out or "held_out", labelled)
    kinds = {subject.model.tokenizer.kind for subject in models}
    measured_by = _MEASURE_BY.value or ("characters" if kinds == {"characters"} else "words")
    files = {subject.name: len(subject.samples) for subject in subjects if subject.model is None}
    for name, count in files.items():
        if count < min(10, settings.num):
            raise ValueError(f"{name} holds {count} sentence(s); 10 are needed at least.")
    evaluator, num = evaluator_for(first.medium), min([settings.num, *files.values()])
    return evaluator(training, others, settings.metrics or evaluator.default_metrics, num, measured_by=measured_by)


def _real_text(source, split, held_out, labelled):
    """Returns the training and the held-out sentences."""
    from keras_gans.data.text import read_sentences

    if not source.startswith(_SOURCE):
        raise ValueError(f"--dataset={source} holds no text: it must be text:PATH.")
    path = source.removeprefix(_SOURCE)
    if held_out == "held_out":
        if split not in (None, "train"):
            raise ValueError(f"--split={split} leaves no text to hold out: give other text with --held_out=text:PATH.")
        return read_sentences(path, "train", labelled), read_sentences(path, "held_out", labelled)
    if not held_out.startswith(_SOURCE):
        raise ValueError(
            f"--held_out={held_out}: it must be text:PATH, or held_out, which is the twentieth of the training text that "
            "training leaves out."
        )
    # What another file is held out against is the whole of this one.
    return read_sentences(path, split or "all", labelled), read_sentences(held_out.removeprefix(_SOURCE), "all", labelled)


def _temperatures():
    given = ["1"] if _TEMPERATURE.value is None else _TEMPERATURE.value
    try:
        temperatures = [float(value) for value in given]
    except ValueError:
        temperatures = []
    if not temperatures or not all(0 < value < math.inf for value in temperatures):
        raise ValueError(f"--temperature takes numbers above 0, as in 1.0,0.8; received '{','.join(given)}'.")
    return list(dict.fromkeys(temperatures))


def measure(evaluator, subject, seeds) -> list[dict]:
    """Returns a result for each temperature; see `TextEvaluator.evaluate`."""
    if subject.model is None:
        return [evaluator.evaluate(_drawn(subject.samples, evaluator.num), name=subject.name)]
    results = []
    for number, temperature in enumerate(temperatures := _temperatures(), 1):
        if sys.stderr.isatty():
            print(f"{subject.name}: temperature {temperature:g}, {number} of {len(temperatures)}", file=sys.stderr)
        name = subject.name if _TEMPERATURE.value is None else f"{subject.name} t={temperature:g}"
        results.append(evaluator.evaluate(subject.model, seeds, name, temperature=temperature))
    return results


def _drawn(lines, num):
    """Returns some sentences of a file, which need not be in random order."""
    import numpy as np

    return [lines[index] for index in np.random.default_rng(0).permutation(len(lines))[:num]]
