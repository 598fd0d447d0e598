"""Simulated raters: how wide intervals will be, and how many raters and items a question needs."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np

from keras_gans.errors import check_count
from keras_gans.study.answers import Answer, answer_to
from keras_gans.study.folder import Item, Study
from keras_gans.study.plan import SPOILED, Trial, plan
from keras_gans.study.protocols import BALANCED, REAL, find_protocol
from keras_gans.study.results import summarise

_SECOND = 1000.0  # milliseconds of a simulated answer
_FRAME = 1000 / 60  # milliseconds
_RATING_DEVIATION = 1.0  # of votes within a rater
_SLOPE = 80.0  # milliseconds over which the threshold of a simulated rater rises


@dataclasses.dataclass(frozen=True)
class Truth:
    """What simulated raters are like.

    Attributes:
        scores: The true score of each model: share of errors; milliseconds at which 75 % of the answers are right; mean rating;
            or logarithm of odds against real samples, which have 0.
        correlation: Correlation of two answers of one rater beyond what their items explain (shares and comparisons), or the
            share of the variance that lies between raters (ratings). The share of errors of a rater follows a beta
            distribution, as in the beta-binomial model.
        careless: Share of raters who answer at random.
        slips: Probability that an attentive rater errs in a gold trial.
        real: Mean rating of real samples.
    """

    scores: tuple[float, ...]
    correlation: float = 0.02
    careless: float = 0.0
    slips: float = 0.01
    real: float = 4.5


def study_in_memory(protocol: str, models: int, trials: int | None = None, seed: int = 0, **counts: int) -> Study:
    """Return a study whose items have no files, for simulations.

    Args:
        protocol: A key of `PROTOCOLS`.
        models: Number of models, named `a`, `b` and so on.
        trials: Trials that count, for each rater; the protocol's number if None.
        seed: Seed of the study.
        **counts: `golds` and `repeats`, if not the protocol's; `pool`, items of each source (500).

    Raises:
        ValueError: If there is no such protocol, or a number is not one.
    """
    chosen = find_protocol(protocol)
    names = tuple(chr(ord("a") + k) for k in range(check_count("models", models)))
    pool = counts.get("pool", 500)
    kinds = [(source, "pool", pool) for source in (REAL, *names)] + [(SPOILED, "gold", 12), (REAL, "gold", 12)]
    items, number = [], 0
    for source, role, count in kinds:
        for _ in range(count):
            items.append(Item(f"{number:016x}", source, role, ""))
            number += 1
    return Study(
        protocol=chosen,
        models=names,
        dataset="simulated",
        medium=chosen.media[0],
        seed=seed,
        items=tuple(items),
        trials=check_count("trials", chosen.trials if trials is None else trials),
        golds=counts.get("golds", chosen.golds),
        repeats=counts.get("repeats", chosen.repeats),
        practice=0,
        qualification=0,
        break_every=50,
        staircase=BALANCED,
        question=chosen.question,
        consent="",
    )


def simulate_answers(study: Study, truth: Truth, raters: int, seed: int = 0) -> list[Answer]:
    """Return the answers of simulated raters, as the database would hold them.

    Args:
        study: What `study_in_memory` or `load_study` returned.
        truth: What raters are like; it has a score for each model.
        raters: Number of raters.
        seed: Seed of the raters.

    Raises:
        ValueError: If there are fewer or more scores than models.
    """
    if len(truth.scores) != len(study.models):
        raise ValueError(f"There must be a score for each of {len(study.models)} models; received {len(truth.scores)}.")
    rng, found = np.random.default_rng([seed, 3]), []
    for number in range(check_count("raters", raters)):
        rater = _Rater(study, truth, number, rng)
        found += [rater.answer(trial) for trial in plan(study, number)]
    return found


class _Rater:
    """A simulated rater: what is theirs alone is drawn when they begin."""

    def __init__(self, study: Study, truth: Truth, number: int, rng: np.random.Generator):
        self._study, self._truth, self._number, self._rng = study, truth, number, rng
        self._careless = bool(rng.random() < truth.careless)
        self._scores = dict(zip(study.models, truth.scores, strict=True))
        self._own = {name: self._drawn(score) for name, score in self._scores.items()}
        self._mood = rng.normal(0, math.sqrt(truth.correlation) * _RATING_DEVIATION) if study.protocol.is_rating else 0.0
        self._given: dict[int, str] = {}
        self._counted, self._exposure = 0, study.staircase.start

    def _drawn(self, score: float) -> float:
        """Return this rater's own value of a score."""
        name, rho = self._study.protocol.name, self._truth.correlation
        if name == "real_or_generated" and 0 < rho < 1 and 0 < score < 1:
            scale = (1 - rho) / rho
            return float(self._rng.beta(score * scale, (1 - score) * scale))
        if name == "timed":
            return float(self._rng.normal(score, 0.2 * score))
        if name == "a_or_b":
            # The variance of a latent logistic variable is pi^2 / 3, of which this is the rater's share.
            return float(self._rng.normal(score, math.sqrt(rho / (1 - rho) * math.pi**2 / 3)))
        return score

    def answer(self, trial: Trial) -> Answer:
        """Return the answer to a trial."""
        timed = self._study.protocol.name == "timed"
        exposure = self._exposure if timed else None
        choice = self._choice(trial, exposure)
        self._given[trial.number] = choice
        shown = {} if exposure is None else {"exposure": exposure, "shown": float(exposure), "frame": _FRAME}
        answer = answer_to(trial, self._number, choice, self._study.protocol.is_binary, _SECOND, **shown)
        if answer.counts and timed:
            self._counted += 1
            self._exposure = self._study.staircase.after(self._counted, self._exposure, bool(answer.correct))
        return answer

    def _choice(self, trial: Trial, exposure: int | None) -> str:
        protocol, rng = self._study.protocol, self._rng
        choices = list(protocol.choices)
        if self._careless:
            return choices[int(rng.integers(len(choices)))]
        if trial.repeats is not None and rng.random() < 0.5:
            return self._given[trial.repeats]
        right = trial.right_answers(protocol.is_binary)
        if trial.kind == "gold" and right is not None:
            wrong = [choice for choice in choices if choice not in right]
            return wrong[int(rng.integers(len(wrong)))] if rng.random() < self._truth.slips else right[0]
        if protocol.is_rating:
            mean = self._truth.real if trial.sources[0] == REAL else self._scores[trial.sources[0]]
            return str(_vote(mean + self._mood, math.sqrt(1 - self._truth.correlation) * _RATING_DEVIATION, rng))
        if protocol.is_pair:
            left, right_score = (self._own.get(source, 0.0) for source in trial.sources)
            return "left" if rng.random() < 1 / (1 + math.exp(right_score - left)) else "right"
        assert right is not None
        if rng.random() < self._error(exposure):
            return "generated" if right[0] == "real" else "real"
        return right[0]

    def _error(self, exposure: int | None) -> float:
        model = self._study.models[self._number % len(self._study.models)]
        if exposure is None:
            return self._own[model]
        return 0.5 - 0.5 * NormalDist().cdf((exposure - self._own[model]) / _SLOPE)


def _vote(mean: float, deviation: float, rng: np.random.Generator) -> int:
    """Return a vote from 1 to 5 whose mean is as close to the given one as votes allow: rounded at random."""
    value = float(np.clip(rng.normal(mean, deviation), 1, 5))
    return int(value) + int(rng.random() < value % 1)


def mean_vote(mean: float, deviation: float = _RATING_DEVIATION) -> float:
    """Return the expected vote of simulated raters: that of a normal variable clipped to 1 to 5.

    Args:
        mean: Mean of the normal variable.
        deviation: Its standard deviation.
    """
    normal = NormalDist()
    low, high = (1 - mean) / deviation, (5 - mean) / deviation
    inside = normal.cdf(high) - normal.cdf(low)
    return 1 * normal.cdf(low) + 5 * (1 - normal.cdf(high)) + mean * inside + deviation * (normal.pdf(low) - normal.pdf(high))


# Simulated studies


def simulate_studies(
    protocol: str,
    truth: Truth,
    raters: int,
    trials: int | None = None,
    studies: int = 100,
    seed: int = 0,
    expected: Sequence[float] | None = None,
    **counts: int,
) -> dict[str, Any]:
    """Simulate whole studies, from the trials to the report, and return how good their intervals are.

    Args:
        protocol: A key of `PROTOCOLS`.
        truth: What raters are like.
        raters: Raters of a study; with several models of which each rater sees one, they are divided among them.
        trials: Trials that count, for each rater; the protocol's number if None.
        studies: Number of studies.
        seed: Seed of everything.
        expected: The scores that intervals should cover; those of `truth` if None.
        **counts: As `study_in_memory`.

    Returns:
        `half_width` (mean, of the first model), `coverage` (share of all models' intervals that hold the truth), `told_apart`
        (share of studies whose interval of the difference of the first two models does not hold 0, or None), `left_out` (mean
        share of raters).

    Raises:
        ValueError: As `study_in_memory` and `simulate_answers` do.
    """
    widths, covered, apart, left_out = [], [], [], []
    for number in range(check_count("studies", studies)):
        study = study_in_memory(protocol, len(truth.scores), trials, seed + number, **counts)
        result = summarise(study, simulate_answers(study, truth, raters, seed + number), seed + number)
        rows = {row["name"]: row for row in result["scores"]}
        for name, true in zip(study.models, _expected(protocol, truth) if expected is None else expected, strict=True):
            interval = rows[name]["interval"]
            if interval is not None:
                covered.append(interval[0] <= true <= interval[1])
                if name == study.models[0]:
                    widths.append((interval[1] - interval[0]) / 2)
        if len(study.models) > 1:
            apart += [
                not each["interval"][0] <= 0 <= each["interval"][1]
                for each in result["differences"]
                if (each["of"], each["minus"]) == study.models[:2]
            ]
        left_out.append(len(result["left_out"]) / raters)
    return {
        "half_width": float(np.mean(widths)) if widths else None,
        "coverage": float(np.mean(covered)) if covered else None,
        "told_apart": float(np.mean(apart)) if apart else None,
        "left_out": float(np.mean(left_out)),
    }


def _expected(protocol: str, truth: Truth) -> list[float]:
    """Return the scores that reports should find."""
    if find_protocol(protocol).is_rating:
        return [mean_vote(score) for score in truth.scores]
    if protocol == "a_or_b":
        mean = sum(truth.scores) / (len(truth.scores) + 1)  # real samples have 0
        return [score - mean for score in truth.scores]
    return list(truth.scores)
