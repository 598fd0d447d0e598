"""The passages that generated text shares with the training text, with their sources."""

from __future__ import annotations

import dataclasses
from collections.abc import Container, Sequence
from typing import TYPE_CHECKING

import numpy as np

from keras_gans.evaluation.text.splitting import split
from keras_gans.metrics.text import copied_runs

if TYPE_CHECKING:
    from keras_gans.evaluation.text.evaluator import TextEvaluator


@dataclasses.dataclass(frozen=True)
class Passage:
    """A run of words that a generated sentence shares with a training sentence.

    Attributes:
        count: Number of words.
        generated: The generated sentence before the run, the run, and the sentence after it; together, they are the sentence.
        source: Those of the first training sentence that holds it.
    """

    count: int
    generated: tuple[str, str, str]
    source: tuple[str, str, str]


def most_copied(evaluator: TextEvaluator, lines: Sequence[str], n: int = 10) -> list[Passage]:
    """Return the longest runs of words that sentences share with the training text, longest first.

    Args:
        evaluator: Whose training text is searched, and whose words or characters are counted.
        lines: Generated sentences.
        n: Maximum number of passages. Each sentence has at most one; equal runs are shown once.
    """
    words = split(lines, evaluator.measured_by)
    runs = copied_runs(evaluator.number(words), evaluator.training_ids)
    found: dict[tuple[str, ...], Passage] = {}
    for row in np.argsort(-runs, kind="stable"):
        if len(found) == n or runs[row] == 0:
            break
        sentence, count = words[row], int(runs[row])
        places = {tuple(sentence[start : start + count]): start for start in range(len(sentence) - count + 1)}
        # A generator that repeats itself must not have the training text searched for each of its sentences.
        if not places.keys() & found.keys():
            run, source, start = _source(places, count, evaluator)
            found[run] = Passage(
                count, _around(sentence, places[run], count, evaluator), _around(source, start, count, evaluator)
            )
    return list(found.values())


def _source(
    runs: Container[tuple[str, ...]], count: int, evaluator: TextEvaluator
) -> tuple[tuple[str, ...], Sequence[str], int]:
    """Return the first of some runs in the training text, the sentence that holds it, and its place there."""
    for source in evaluator.training_words:
        for start in range(len(source) - count + 1):
            if (run := tuple(source[start : start + count])) in runs:
                return run, source, start
    raise AssertionError("copied_runs found a run that the training text does not hold.")


def _around(words: Sequence[str], start: int, count: int, evaluator: TextEvaluator) -> tuple[str, str, str]:
    space = "" if evaluator.measured_by == "characters" else " "
    before, run, after = (space.join(part) for part in (words[:start], words[start : start + count], words[start + count :]))
    return before + space if before else "", run, space + after if after else ""
