"""How evaluate and compare measure models that write, and files of sentences."""

import math
import sys

from absl import flags

_TEMPERATURE = flags.DEFINE_list("temperature", None, "Of text: one or several, each measured (default: 1).")
_MEASURE_BY = flags.DEFINE_enum(
    "measure_by",
    None,
    ["words", "characters"],
    "Of text: what it is measured by (default: words; characters where that is what all models' tokens are).",
)

_SOURCE = "text:"


def refuse_flags(name):
    """Raises ValueError if a flag is given that is about text, and what is measured is none."""
    for flag in (_TEMPERATURE, _MEASURE_BY):
        if flag.value is not None:
            raise ValueError(f"--{flag.name} is about text, and {name} is none.")


def read_lines(path):
    """Returns the sentences of a file, one a line."""
    from keras_gans.data.text import read_sentences

    return read_sentences(path).lines


def make_evaluator(subjects, dataset, split, held_out, metrics, num):
    """Returns the `TextEvaluator` that measures all subjects alike.

    Args:
        subjects: `measuring.Subject`s.
        dataset: The training text as --dataset says it; what the first model was trained on if None.
        split: Its split, or None.
        held_out: `text:PATH`, or `held_out` for what is held out of the training text, which is the default.
        metrics: Their names.
        num: Sentences at most.

    Raises:
        ValueError: If they do not fit each other.
    """
    from keras_gans.evaluation import TextEvaluator

    first, models = subjects[0], [subject for subject in subjects if subject.model is not None]
    if not models and _TEMPERATURE.value is not None:
        raise ValueError(f"--temperature is for models, and {first.name} holds sentences that are already written.")
    _temperatures()
    for subject in models:
        if subject.model.tokenizer is None:
            raise ValueError(f"{subject.name} has no tokenizer, by which its tokens become text.")
        if subject.preset.facts.get("training", {}).get("windows"):
            raise ValueError(f"{subject.name} writes running text in windows; what is measured is sentences.")
    source = dataset or next((subject.preset.facts.get("dataset") for subject in models), None)
    if not source:
        raise ValueError(f"--dataset=text:PATH is needed: which text did {first.name} learn from?")
    labelled = any(subject.model.conditional for subject in models)
    training, others = _real_text(source, split, held_out or "held_out", labelled)
    kinds = {subject.model.tokenizer.kind for subject in models}
    measured_by = _MEASURE_BY.value or ("characters" if kinds == {"characters"} else "words")
    counts = [len(subject.text) for subject in subjects if subject.text is not None]
    for subject in subjects:
        if subject.text is not None and len(subject.text) < min(10, num):
            raise ValueError(f"{subject.name} holds {len(subject.text)} sentence(s); 10 are needed at least.")
    return TextEvaluator(training, others, metrics, min([num, *counts]), measured_by=measured_by)


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
        return [evaluator.evaluate(_drawn(subject.text, evaluator.num), name=subject.name)]
    results = []
    for number, temperature in enumerate(temperatures := _temperatures(), 1):
        if sys.stderr.isatty():
            print(f"{subject.name}: temperature {temperature:g}, {number} of {len(temperatures)}", file=sys.stderr)
        name = subject.name if _TEMPERATURE.value is None else f"{subject.name} t={temperature:g}"
        results.append(evaluator.evaluate(subject.model, seeds, name, temperature))
    return results


def _drawn(lines, num):
    """Returns some sentences of a file, which need not be in random order."""
    import numpy as np

    return [lines[index] for index in np.random.default_rng(0).permutation(len(lines))[:num]]


def describe(protocol: dict) -> str:
    """Returns a protocol in one line."""
    return (
        f"{protocol['fake']:,} sentences by {protocol['measured_by']}; learnt from: {protocol['training']:,} of "
        f"{protocol['dataset']} ({protocol['split']}), of which {protocol['real']:,} are the real row; held out: "
        f"{protocol['held_out']:,} of {protocol['held_out_dataset']} ({protocol['held_out_split']})"
    )


def notes(results) -> list[str]:
    """Returns what must be said below a table of results."""
    tokenizers = {result["tokenizer"]["sha256"] for result in results if "tokenizer" in result}
    if len(tokenizers) > 1 and any("nll" in result["metrics"] for result in results):
        return ["nll is of each model's own tokens, which are not the same here: do not compare it."]
    return []


def samples(result, num) -> str:
    """Returns some sentences of a result, as they came."""
    lines = result["samples"][:num]
    return "\n".join([f"{result['name']}, unedited:", *(f"  {line}" for line in lines)])


def is_result(protocol: dict) -> bool:
    """Whether a protocol is one of text."""
    return "measured_by" in protocol
