"""What the raters of a study were like, and who is left out."""

from __future__ import annotations

import collections
import dataclasses
import math
import statistics
from collections.abc import Sequence

from keras_gans.study.answers import Answer
from keras_gans.study.folder import Study
from keras_gans.study.plan import model_of, plan, qualifies
from keras_gans.study.protocols import Protocol

_GUESSING = 0.05  # a rater passes the gold trials if guessing would pass so many of them with at most this probability
_ONE_ANSWER = 0.95  # share of one and the same answer from which on a rater did not look
_FEW = 20  # answers, from which on that share is looked at
_LEAST_VARIANCE = 0.1  # of ratings: the toolkit of P.808, Naderi and Cutler 2020


@dataclasses.dataclass(frozen=True)
class Rater:
    """What the answers of a participant were like.

    Attributes:
        number: The participant's number.
        model: Name of the model whose samples they saw, or None if all were shown.
        answers: Answers that count.
        finished: Whether all trials were answered.
        golds: Trials with an obvious answer.
        golds_right: How many of these were answered rightly.
        repeats: Trials that were repetitions.
        repeats_same: How many of these got the answer of the first time.
        seconds: Median time of an answer, or None.
        left_out: Why the rater's answers do not count; empty if they do.
    """

    number: int
    model: str | None
    answers: int
    finished: bool
    golds: int
    golds_right: int
    repeats: int
    repeats_same: int
    seconds: float | None
    left_out: tuple[str, ...]


def least_golds(golds: int, chance: float = 0.5) -> int:
    """Return how many gold trials must be right: guessing must not reach it in more than 5 % of the cases; at most all.

    Args:
        golds: Number of gold trials.
        chance: Probability that guessing is right.
    """
    for least in range(golds + 1):
        tail = sum(math.comb(golds, k) * chance**k * (1 - chance) ** (golds - k) for k in range(least, golds + 1))
        if tail <= _GUESSING:
            return least
    return golds


def rate_raters(study: Study, answers: Sequence[Answer]) -> list[Rater]:
    """Return what each participant's answers were like, and why they are left out if they are.

    Args:
        study: The study.
        answers: All answers.
    """
    by_rater: dict[int, list[Answer]] = collections.defaultdict(list)
    for answer in answers:
        by_rater[answer.participant].append(answer)
    return [_rater(study, number, given) for number, given in sorted(by_rater.items())]


def _rater(study: Study, number: int, given: Sequence[Answer]) -> Rater:
    protocol = study.protocol
    scored = [answer for answer in given if answer.counts]
    golds = [answer for answer in given if answer.kind == "gold"]
    choices = {answer.trial: answer.choice for answer in given}
    repeats = [answer for answer in given if answer.kind == "repeat" and answer.repeats in choices]
    asked = [(answer.source, bool(answer.correct)) for answer in given if answer.phase == "qualification"]
    seconds = statistics.median(answer.milliseconds for answer in scored) / 1000 if scored else None
    right = sum(bool(answer.correct) for answer in golds)
    passed = len(asked) < study.qualification or qualifies(asked)
    finished = passed and len(given) == len(plan(study, number))
    reasons = []
    if not passed:
        reasons.append("did not pass the qualification")
    elif not finished:
        reasons.append("did not finish")
    chance = 0.4 if protocol.is_rating else 0.5
    if len(golds) == study.golds > 0 and right < least_golds(len(golds), chance):
        reasons.append(f"answered {right} of {len(golds)} gold trials rightly, {least_golds(len(golds), chance)} are needed")
    if seconds is not None and seconds < protocol.least_seconds:
        reasons.append(f"answered in {seconds:.2f} s (median), faster than {protocol.least_seconds:g} s")
    if monotony := _monotony(protocol, [answer.choice for answer in scored]):
        reasons.append(monotony)
    return Rater(
        number,
        model_of(study, number),
        len(scored),
        finished,
        len(golds),
        right,
        len(repeats),
        sum(choices[answer.repeats] == answer.choice for answer in repeats if answer.repeats is not None),
        seconds,
        tuple(reasons),
    )


def _monotony(protocol: Protocol, choices: Sequence[str]) -> str | None:
    if len(choices) < _FEW:
        return None
    if protocol.is_rating:
        variance = statistics.pvariance([int(choice) for choice in choices])
        return f"gave ratings of variance {variance:.2f}, below {_LEAST_VARIANCE}" if variance < _LEAST_VARIANCE else None
    choice, count = collections.Counter(choices).most_common(1)[0]
    return f"answered '{choice}' in {count} of {len(choices)} trials" if count >= _ONE_ANSWER * len(choices) else None
