"""The trials of a participant, in order: a function of the study and the participant's number alone."""

from __future__ import annotations

import dataclasses

import numpy as np

from keras_gans.study.folder import Study
from keras_gans.study.protocols import REAL

SPOILED = "spoiled"
_DISTANCE = 10  # trials between an item and its repetition, at least where there are so many
_RIGHT_SHARE = 0.65  # of the qualification, on real and on generated images: HYPE, section 3


@dataclasses.dataclass(frozen=True)
class Trial:
    """What a participant is shown.

    Attributes:
        number: Place among the participant's trials, from 0.
        phase: `"practice"`, `"qualification"` or `"main"`.
        kind: `"scored"`; `"gold"`, if the answer is obvious; or `"repeat"` of an earlier trial.
        items: Names of the items: one, or the left and the right one.
        sources: Their sources.
        repeats: Number of the trial that is repeated, or None.
    """

    number: int
    phase: str
    kind: str
    items: tuple[str, ...]
    sources: tuple[str, ...]
    repeats: int | None = None

    def right_answers(self, binary: bool) -> tuple[str, ...] | None:
        """Return the answers that are right; None if no answer is wrong.

        Args:
            binary: Whether raters say "real" or "generated".
        """
        if binary:
            return ("real",) if self.sources[0] == REAL else ("generated",)
        if self.kind != "gold" and self.phase != "practice":
            return None
        if SPOILED not in self.sources:
            return None
        if len(self.sources) == 2:
            return ("left",) if self.sources[1] == SPOILED else ("right",)
        return ("1", "2")  # as P.808's gold clips, whose votes may be one off


def model_of(study: Study, participant: int) -> str | None:
    """Return the model whose samples a participant sees, if each sees one: in turn. None if all see all."""
    return study.models[participant % len(study.models)] if study.protocol.between else None


def plan(study: Study, participant: int) -> list[Trial]:
    """Return the trials of a participant.

    Args:
        study: The study.
        participant: The participant's number, from 0.
    """
    rng = np.random.default_rng([study.seed, participant])
    rows: list[tuple[str, str, tuple[str, ...], int | None]] = []
    rows += [("practice", kind, items, None) for kind, items in _practice(study, rng)]
    rows += [("qualification", "scored", items, None) for items in _qualification(study, rng)]
    first = len(rows)
    rows += [("main", kind, items, None if of is None else first + of) for kind, items, of in _main(study, participant, rng)]
    return [
        Trial(number, phase, kind, items, tuple(study.by_name[name].source for name in items), of)
        for number, (phase, kind, items, of) in enumerate(rows)
    ]


def qualifies(answers: list[tuple[str, bool]]) -> bool:
    """Return whether a participant passes the qualification.

    Args:
        answers: The source of each qualification item, and whether the answer was right.

    Reference: HYPE, section 3: at least 65 % right on real and on generated images.
    """
    for real in (True, False):
        right = [correct for source, correct in answers if (source == REAL) == real]
        if right and sum(right) < _RIGHT_SHARE * len(right):
            return False
    return True


def _shuffled(names: list[str], count: int, rng: np.random.Generator) -> list[str]:
    """Return so many names, drawn without replacement; if there are too few, each equally often before any once more."""
    found: list[str] = []
    while len(found) < count:
        found += [str(name) for name in rng.permutation(names)[: count - len(found)]]
    return found


def _practice(study: Study, rng: np.random.Generator) -> list[tuple[str, tuple[str, ...]]]:
    if not study.practice:
        return []
    if study.protocol.is_binary:
        return [("scored", (name,)) for name in _shuffled(study.named("practice"), study.practice, rng)]
    real, spoiled = study.named("practice", REAL), study.named("practice", SPOILED)
    if study.protocol.is_rating:
        return [("scored", (name,)) for name in _shuffled(real + spoiled, study.practice, rng)]
    pairs = zip(_shuffled(real, study.practice, rng), _shuffled(spoiled, study.practice, rng), strict=True)
    return [("scored", _sides(pair, rng)) for pair in pairs]


def _qualification(study: Study, rng: np.random.Generator) -> list[tuple[str, ...]]:
    if not study.qualification:
        return []
    real = study.named("qualification", REAL)
    fake = [name for name in study.named("qualification") if name not in set(real)]
    half = study.qualification // 2
    names = _shuffled(real, study.qualification - half, rng) + _shuffled(fake, half, rng)
    return [(str(name),) for name in rng.permutation(names)]


def _main(study: Study, participant: int, rng: np.random.Generator) -> list[tuple[str, tuple[str, ...], int | None]]:
    scored = _scored(study, participant, rng)
    golds = _golds(study, rng)
    kinds = np.array(["scored"] * len(scored) + ["gold"] * len(golds))
    rng.shuffle(kinds)
    sources = {"scored": iter(scored), "gold": iter(golds)}
    rows: list[tuple[str, tuple[str, ...], int | None]] = [(str(kind), next(sources[str(kind)]), None) for kind in kinds]
    # Repetitions are spread over the second half, each of a trial of the first half, in its order.
    half = len(rows) // 2
    originals = [place for place, (kind, *_) in enumerate(rows[:half]) if kind == "scored"]
    chosen = sorted(rng.permutation(originals)[: study.repeats].tolist())
    places = sorted(rng.integers(half, len(rows) + 1, len(chosen)).tolist())
    for place, original in reversed(list(zip(places, chosen, strict=True))):
        at = min(len(rows), max(place, original + _DISTANCE))
        rows.insert(at, ("repeat", rows[original][1], original))
    return rows


def _scored(study: Study, participant: int, rng: np.random.Generator) -> list[tuple[str, ...]]:
    protocol = study.protocol
    if protocol.between:
        half = study.trials // 2
        model = model_of(study, participant)
        names = _shuffled(study.named("pool", REAL), study.trials - half, rng)
        names += _shuffled(study.named("pool", model), half, rng)
        return [(str(name),) for name in rng.permutation(names)]
    contestants = study.contestants
    if protocol.is_rating:
        shares = [study.trials // len(contestants) + (k < study.trials % len(contestants)) for k in range(len(contestants))]
        turns = np.roll(np.array(shares), participant)
        names = [
            name
            for source, count in zip(contestants, turns, strict=True)
            for name in _shuffled(study.named("pool", source), count, rng)
        ]
        return [(str(name),) for name in rng.permutation(names)]
    # Uniformly random pairs: pairs chosen by earlier answers would bias the scores.
    pairs = [(a, b) for a in contestants for b in contestants if a < b]
    chosen = [pairs[k] for k in rng.integers(0, len(pairs), study.trials)]
    supply = {name: iter(_shuffled(study.named("pool", name), study.trials, rng)) for name in contestants}
    return [_sides((next(supply[a]), next(supply[b])), rng) for a, b in chosen]


def _golds(study: Study, rng: np.random.Generator) -> list[tuple[str, ...]]:
    spoiled = _shuffled(study.named("gold", SPOILED), study.golds, rng) if study.golds else []
    if study.protocol.is_pair:
        real = _shuffled(study.named("gold", REAL), study.golds, rng) if study.golds else []
        return [_sides(pair, rng) for pair in zip(real, spoiled, strict=True)]
    return [(name,) for name in spoiled]


def _sides(pair: tuple[str, str], rng: np.random.Generator) -> tuple[str, ...]:
    return pair if rng.random() < 0.5 else (pair[1], pair[0])
