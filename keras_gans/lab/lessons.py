"""The guided lessons of the lab: recordings of two runs, one that fails and one that does not, with words at some steps.

`lessons/lessons.toml` holds settings and words. `python -m keras_gans.lab.record_lessons` makes the recordings beside it.
"""

from __future__ import annotations

import dataclasses
import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keras_gans.errors import no_such
from keras_gans.lab.recording import read_recording
from keras_gans.lab.settings import RUNS, Setup, check_command

FOLDER = Path(__file__).with_name("lessons")


@dataclasses.dataclass(frozen=True)
class LessonRun:
    """One of the two runs of a lesson.

    Attributes:
        label: What the page calls it.
        setup: What is trained.
        changes: Rules from the first step on, as in the command `change`.
    """

    label: str
    setup: Setup
    changes: Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Lesson:
    """A lesson.

    Attributes:
        name: Its name, and that of its recording.
        title: Its title.
        runs: Both runs, the one that fails first.
        steps: Training steps at which there is a frame.
        layers: Names of the layers that are shown first.
        scenes: Pairs of a step and what to see there, in their order.
    """

    name: str
    title: str
    runs: tuple[LessonRun, ...]
    steps: tuple[int, ...]
    layers: tuple[str, ...]
    scenes: tuple[tuple[int, str], ...]

    @property
    def path(self) -> Path:
        """The file of its recording."""
        return FOLDER / f"{self.name}.jsonl.gz"

    def words(self) -> dict[str, Any]:
        """Return what the page says, as a message."""
        scenes = [{"step": step, "text": text} for step, text in self.scenes]
        labels = [run.label for run in self.runs]
        return {"type": "lesson", "title": self.title, "labels": labels, "layers": list(self.layers), "scenes": scenes}

    def messages(self) -> list[dict[str, Any]]:
        """Return the words and all messages of the recording."""
        return [self.words(), *read_recording(self.path).messages]


@functools.cache
def lessons() -> dict[str, Lesson]:
    """Return all lessons by name, in the order of a course."""
    found = tomllib.loads((FOLDER / "lessons.toml").read_text(encoding="utf-8"))
    return {name: _lesson(name, table) for name, table in found.items()}


def get_lesson(name: str) -> Lesson:
    """Return a lesson by name.

    Raises:
        ValueError: If there is no such lesson, naming those that exist.
    """
    if name not in lessons():
        raise ValueError(no_such("lesson", name, list(lessons())))
    return lessons()[name]


def _lesson(name: str, table: Mapping[str, Any]) -> Lesson:
    runs = tuple(_run(each, table.get("points", [])) for each in table["runs"])
    assert len(runs) == len(RUNS)
    scenes = tuple((scene["step"], " ".join(scene["text"].split())) for scene in table["scenes"])
    return Lesson(name, table["title"], runs, _steps(table["frames"]), tuple(table["layers"]), scenes)


def _run(table: Mapping[str, Any], points: list[list[float]]) -> LessonRun:
    changes = check_command({"do": "change", **table.get("changes", {})})
    return LessonRun(
        table["label"], Setup(**table["setup"], points=points), {name: each for name, each in changes.items() if name != "do"}
    )


def _steps(frames: list[list[int]]) -> tuple[int, ...]:
    """Return steps from pairs of a last step and the distance between two frames up to there."""
    steps = [0]
    for last, every in frames:
        steps += range(steps[-1] + every, last + 1, every)
    return tuple(steps)
