"""Where a participant is in a study, and what follows from an answer: a function of the answers that are stored."""

from __future__ import annotations

import functools
import math
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from keras_gans.study.answers import Answer, Answers, answer_to
from keras_gans.study.folder import Study, file_name
from keras_gans.study.plan import Trial, plan, qualifies

_LONGEST = 86_400_000.0  # milliseconds of an answer: a day


class RefusedError(ValueError):
    """An answer that does not fit."""


class Sessions:
    """The participants of a study while it is served.

    Args:
        study: The study.
        answers: Its database.
    """

    def __init__(self, study: Study, answers: Answers):
        self.study, self.answers = study, answers
        self._trials = functools.lru_cache(maxsize=256)(lambda number: plan(study, number))
        self._one_at_a_time = threading.Lock()

    def description(self) -> dict[str, Any]:
        """Return what the page shows before anybody has begun."""
        study = self.study
        return {
            "id": study.digest[:16],
            "protocol": study.protocol.name,
            "medium": study.medium,
            "question": study.question,
            "choices": dict(study.protocol.choices),
            "consent": study.consent,
            "practice": study.practice,
            "qualification": study.qualification,
            "break_every": study.break_every,
            "masks": [f"media/{file_name(study, study.by_name[name])}" for name in study.named("mask")],
        }

    def begun(self, number: int) -> dict[str, Any]:
        """Return all trials of a participant as the page shows them, which tells nothing of sources, and where they are."""
        trials = [
            {"phase": trial.phase, "items": [self._shown(name) for name in trial.items]} for trial in self._trials(number)
        ]
        return {"trials": trials, **self.state(number)}

    def state(self, number: int) -> dict[str, Any]:
        """Return where a participant is: the next trial, or how it ended."""
        trials, given = self._trials(number), self.answers.of(number)
        state: dict[str, Any] = {"next": len(given), "finished": False, "qualified": True}
        if self._has_failed(given):
            return {**state, "qualified": False}
        if len(given) == len(trials):
            return {**state, "finished": True, "code": self.answers.completion_code(number)}
        if self.study.protocol.name == "timed":
            state["exposure"] = self._exposure(trials[len(given)], given)
        return state

    def answer(self, number: int, given: Mapping[str, Any]) -> dict[str, Any]:
        """Store an answer, and return where the participant then is, with feedback if there is any.

        The same answer may arrive again: what was stored first remains.

        Args:
            number: The participant's number.
            given: `trial`, `choice`, `milliseconds`, and of timed trials `shown`, `frames` and `frame`.

        Raises:
            RefusedError: If it is not an answer to this or an earlier trial.
            keras_gans.study.answers.StorageError: If it could not be stored.
        """
        trials = self._trials(number)
        with self._one_at_a_time:
            before = self.answers.of(number)
            place = given.get("trial")
            if not isinstance(place, int) or isinstance(place, bool) or not 0 <= place < len(trials):
                raise RefusedError("There is no such trial.")
            if place > len(before):
                raise RefusedError(f"Trial {len(before)} comes first.")
            if place == len(before):
                if self._has_failed(before):
                    raise RefusedError("The qualification was not passed.")
                self.answers.add(self._made(number, trials[place], given, before))
        stored = before[place] if place < len(before) else self.answers.of(number)[place]
        return {**self.state(number), "trial": place, "feedback": self._feedback(trials[place], stored)}

    def _made(self, number: int, trial: Trial, given: Mapping[str, Any], before: Sequence[Answer]) -> Answer:
        choice = given.get("choice")
        if not isinstance(choice, str) or choice not in self.study.protocol.choices:
            raise RefusedError("There is no such choice.")
        measured: dict[str, Any] = {"at": time.time()}
        if self.study.protocol.name == "timed":
            measured |= {name: _number(given, name, 0.0) for name in ("shown", "frames", "frame")}
            measured |= {"exposure": self._exposure(trial, before), "frames": int(measured["frames"])}
        return answer_to(trial, number, choice, self.study.protocol.is_binary, _number(given, "milliseconds"), **measured)

    def _shown(self, name: str) -> str:
        item = self.study.by_name[name]
        return item.text if item.text is not None else f"media/{file_name(self.study, item)}"

    def _has_failed(self, given: Sequence[Answer]) -> bool:
        asked = [(answer.source, bool(answer.correct)) for answer in given if answer.phase == "qualification"]
        return len(asked) == self.study.qualification > 0 and not qualifies(asked)

    def _exposure(self, trial: Trial, before: Sequence[Answer]) -> int:
        if trial.phase != "main":
            return self.study.staircase.start
        return self.study.staircase.exposures([bool(answer.correct) for answer in before if answer.counts])[-1]

    def _feedback(self, trial: Trial, stored: Answer) -> str | None:
        if trial.phase != "practice" and self.study.protocol.name != "timed":
            return None
        return None if stored.correct is None else "right" if stored.correct else "wrong"


def _number(given: Mapping[str, Any], name: str, default: float | None = None) -> float:
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or not 0 <= value <= _LONGEST:
        raise RefusedError(f"{name} must be a number of milliseconds or frames.")
    return float(value)
