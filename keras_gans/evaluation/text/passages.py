"""The passages that generated text shares with the training text, with their sources."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
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
        passage = _passage(words[row], int(runs[row]), evaluator)
        found.setdefault(tuple(passage.generated[1].split()), passage)
    return list(found.values())


def _passage(words: Sequence[str], count: int, evaluator: TextEvaluator) -> Passage:
    runs = {tuple(words[start : start + count]): start for start in range(len(words) - count + 1)}
    for source in evaluator.training_words:
        for start in range(len(source) - count + 1):
            run = tuple(source[start : start + count])
            if run in runs:
                return Passage(count, _around(words, runs[run], count, evaluator), _around(source, start, count, evaluator))
    raise AssertionError("copied_runs found a run that the training text does not hold.")


def _around(words: Sequence[str], start: int, count: int, evaluator: TextEvaluator) -> tuple[str, str, str]:
    space = "" if evaluator.measured_by == "characters" else " "
    before, run, after = (space.join(part) for part in (words[:start], words[start : start + count], words[start + count :]))
    return before + space if before else "", run, space + after if after else ""
