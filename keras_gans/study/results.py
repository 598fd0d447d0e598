"""The results of a study: scores with intervals."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_gans._typing import Array
from keras_gans.study.answers import Answer
from keras_gans.study.bradley_terry import is_connected, most_likely, regularised
from keras_gans.study.folder import Study
from keras_gans.study.huse import huse
from keras_gans.study.intervals import Interval, bootstrap_interval, cluster_interval, signal_detection, welch_interval
from keras_gans.study.plan import model_of
from keras_gans.study.protocols import REAL
from keras_gans.study.raters import rate_raters


def summarise(study: Study, answers: Sequence[Answer], seed: int = 0) -> dict[str, Any]:
    """Return the results of a study.

    Args:
        study: The study.
        answers: All answers, as the database holds them.
        seed: Seed of the bootstrap.

    Returns:
        What `keras-gans study report --json` prints: `protocol`, `scores` (a row for each model, and for `real` where it is
        rated, too), `differences` of each two, `raters`, and `left_out`. Scores and their intervals are shares from 0 to 1,
        ratings from 1 to 5, milliseconds for the protocol timed, or logarithms of odds for `a_or_b`.

    Reference: HYPE (Zhou et al. 2019), sections 3 and 4, for shares of errors and thresholds; ITU-T P.800 for mean opinion
        scores; Bradley and Terry 1952 for comparisons.
    """
    raters = rate_raters(study, answers)
    kept = [rater.number for rater in raters if not rater.left_out]
    by_rater: dict[int, list[Answer]] = {number: [] for number in kept}
    for answer in answers:
        if answer.counts and answer.participant in by_rater:
            by_rater[answer.participant].append(answer)
    score = {"a_or_b": _preferences, "timed": _thresholds, "opinion": _ratings, "likert": _ratings}
    rows, differences = score.get(study.protocol.name, _error_rates)(study, by_rater, seed)
    return {
        "protocol": protocol_of(study),
        "scores": rows,
        "differences": differences,
        "raters": [dataclasses.asdict(rater) | {"left_out": list(rater.left_out)} for rater in raters],
        "counted": len(kept),
        "left_out": {rater.number: list(rater.left_out) for rater in raters if rater.left_out},
    }


def protocol_of(study: Study) -> dict[str, Any]:
    """Return what makes results comparable: numbers of different protocols must not be compared."""
    content = study.to_dict()
    return {
        **{name: value for name, value in content.items() if name not in ("items", "consent", "completion_code", "format")},
        "pool": len(study.named("pool", REAL)),
        "source": study.protocol.source,
        "study": study.digest,
    }


# Scores

_Rows = list[dict[str, Any]]


def _of_model(study: Study, by_rater: Mapping[int, Sequence[Answer]], model: str) -> dict[int, Sequence[Answer]]:
    return {number: given for number, given in by_rater.items() if model_of(study, number) == model}


def _error_rates(study: Study, by_rater: Mapping[int, Sequence[Answer]], seed: int) -> tuple[_Rows, _Rows]:
    rows = []
    for model in study.models:
        own = _of_model(study, by_rater, model)
        flat = [answer for given in own.values() for answer in given]
        fake = [answer for answer in flat if answer.source != REAL]
        real = [answer for answer in flat if answer.source == REAL]
        errors = [[not answer.correct for answer in given] for given in own.values()]
        row: dict[str, Any] = {"name": model, "raters": len(own), "answers": len(flat), "values": _means(errors)}
        row |= _mean_with_interval(row["values"], seed, "score")
        for name, is_real in (("fake", False), ("real", True)):
            part = [[not answer.correct for answer in given if (answer.source == REAL) == is_real] for given in own.values()]
            row |= _mean_with_interval(_means(part), seed, f"{name}_error")
        row["interval_items"] = _interval_of_items(flat, seed)
        if fake and real:
            hits, alarms = sum(bool(a.correct) for a in fake), sum(not a.correct for a in real)
            row["d_prime"], row["criterion"] = signal_detection(hits, len(fake), alarms, len(real))
        rows.append(row)
    return rows, _between_raters(rows)


def _thresholds(study: Study, by_rater: Mapping[int, Sequence[Answer]], seed: int) -> tuple[_Rows, _Rows]:
    rows = []
    for model in study.models:
        own = _of_model(study, by_rater, model)
        values = [_threshold(given, study.staircase.block) for given in own.values()]
        flat = [answer for given in own.values() for answer in given]
        row: dict[str, Any] = {"name": model, "raters": len(own), "answers": len(flat), "values": values}
        row |= _mean_with_interval(values, seed, "score")
        missed = [a for a in flat if a.shown is None or a.exposure is None or abs(a.shown - a.exposure) > (a.frame or 0)]
        row["missed_exposures"] = len(missed) / len(flat) if flat else None
        row["right"] = float(np.mean([bool(answer.correct) for answer in flat])) if flat else None
        rows.append(row)
    return rows, _between_raters(rows)


def _threshold(given: Sequence[Answer], block: int) -> float:
    """Return the mean over blocks of the exposure that was shown most often: HYPE, section 3; of several, their mean."""
    blocks = [[answer.exposure or 0 for answer in given[start : start + block]] for start in range(0, len(given), block)]
    return statistics.fmean(statistics.fmean(statistics.multimode(exposures)) for exposures in blocks)


def _ratings(study: Study, by_rater: Mapping[int, Sequence[Answer]], seed: int) -> tuple[_Rows, _Rows]:
    rows, of_raters = [], {}
    for name in study.contestants:
        own = {number: [int(a.choice) for a in given if a.source == name] for number, given in by_rater.items()}
        votes = [vote for given in own.values() for vote in given]
        row: dict[str, Any] = {"name": name, "raters": sum(map(bool, own.values())), "answers": len(votes)}
        of_raters[name] = {number: float(np.mean(given)) for number, given in own.items() if given}
        row["values"] = list(of_raters[name].values())
        row |= _mean_with_interval(row["values"], seed, "score")
        row["deviation"] = statistics.stdev(votes) if len(votes) > 1 else None
        row["shares"] = {str(vote): votes.count(vote) / len(votes) for vote in range(1, 6)} if votes else {}
        row |= _huse(study, by_rater, name) or {}
        rows.append(row)
    differences = []
    for one, other in itertools.combinations(study.contestants, 2):
        both = of_raters[one].keys() & of_raters[other].keys()
        values = [of_raters[one][number] - of_raters[other][number] for number in sorted(both)]
        differences.append({"of": one, "minus": other, **_mean_with_interval(values, seed, "score")})
    return rows, [each for each in differences if each["interval"] is not None]


def _huse(study: Study, by_rater: Mapping[int, Sequence[Answer]], model: str) -> dict[str, float] | None:
    """Return what ratings and the model's probabilities of its sentences and of real ones tell; None without them."""
    votes: dict[str, list[int]] = {}
    for answer in itertools.chain.from_iterable(by_rater.values()):
        votes.setdefault(answer.item, []).append(int(answer.choice))
    logs = {name: (study.by_name[name].log_probabilities or {}).get(model) for name in votes}
    known = [name for name, log in logs.items() if log is not None]
    generated = np.array([study.by_name[name].source != REAL for name in known], bool)
    means = np.array([statistics.fmean(votes[name]) for name in known])
    return huse(means, np.array([logs[name] for name in known], float), generated)


def _preferences(study: Study, by_rater: Mapping[int, Sequence[Answer]], seed: int) -> tuple[_Rows, _Rows]:
    names = list(study.contestants)
    of_raters = np.array([_wins(names, given) for given in by_rater.values()]).reshape(-1, len(names), len(names))
    wins = of_raters.sum(axis=0)

    pairs = list(itertools.combinations(range(len(names)), 2))

    def scores(counts: Array) -> Array:
        """Return the scores of each set of comparisons, followed by the difference of each pair."""
        found = most_likely(np.stack([each if is_connected(each) else regularised(each) for each in counts]))
        return np.concatenate([found, *(found[:, [one]] - found[:, [other]] for one, other in pairs)], axis=1)

    intervals = cluster_interval(lambda weights: scores(np.tensordot(weights, of_raters, 1)), len(of_raters), seed=seed)
    [found] = scores(wins[None])
    rows = []
    for index, name in enumerate(names):
        together = wins[index].sum() + wins[:, index].sum()
        rows.append(
            {
                "name": name,
                "raters": len(of_raters),
                "answers": float(together),
                "score": float(found[index]) if together else None,
                "interval": None if intervals is None or not together else intervals[index],
                "preferred": float(wins[index].sum() / together) if together else None,
                "against": {other: _share(wins, index, place) for place, other in enumerate(names) if other != name},
                "regularised": not is_connected(wins),
            }
        )
    if intervals is None:
        return rows, []
    ends = zip(pairs, found[len(names) :], intervals[len(names) :], strict=True)
    differences = [
        {"of": names[one], "minus": names[other], "score": float(score), "interval": interval}
        for (one, other), score, interval in ends
    ]
    return rows, differences


def _share(wins: Array, index: int, place: int) -> float | None:
    together = wins[index, place] + wins[place, index]
    return float(wins[index, place] / together) if together else None


def _wins(names: Sequence[str], given: Sequence[Answer]) -> Array:
    """Return who was preferred to whom; a tie is half a win for both."""
    place, wins = {name: index for index, name in enumerate(names)}, np.zeros((len(names), len(names)))
    for answer in given:
        left, right = place[answer.source], place[answer.other_source]
        wins[left, right] += {"left": 1.0, "tie": 0.5}.get(answer.choice, 0.0)
        wins[right, left] += {"right": 1.0, "tie": 0.5}.get(answer.choice, 0.0)
    return wins


def _between_raters(rows: Sequence[Mapping[str, Any]]) -> _Rows:
    """Return the differences between models whose raters are others, with Welch's interval."""
    found = []
    for one, other in itertools.combinations(rows, 2):
        interval = welch_interval(one["values"], other["values"])
        if interval is not None:
            found.append(
                {"of": one["name"], "minus": other["name"], "score": one["score"] - other["score"], "interval": interval}
            )
    return found


def _means(of_raters: Sequence[Sequence[Any]]) -> list[float]:
    return [float(np.mean(given)) for given in of_raters if len(given)]


def _mean_with_interval(values: Sequence[float], seed: int, name: str) -> dict[str, Any]:
    interval = bootstrap_interval(values, seed=seed)
    key = "interval" if name == "score" else f"{name}_interval"
    return {name: float(np.mean(values)) if values else None, key: interval}


def _interval_of_items(flat: Sequence[Answer], seed: int) -> Interval | None:
    """Return the interval of the share of errors that draws items in place of raters: a second check."""
    errors: dict[str, list[float]] = collections.defaultdict(list)
    for answer in flat:
        errors[answer.item].append(float(not answer.correct))
    if len(errors) < 2:
        return None
    sums = np.array([[sum(each), len(each)] for each in errors.values()])
    found = cluster_interval(lambda weights: (weights @ sums)[:, :1] / (weights @ sums)[:, 1:], len(sums), seed=seed)
    return None if found is None else found[0]
