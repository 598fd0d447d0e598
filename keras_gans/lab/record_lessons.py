"""Records the lessons of the lab anew: `python -m keras_gans.lab.record_lessons [NAME ...]`; all if none is named.

Each training is one of `lessons/lessons.toml`, from its seed, with `model.fit`. Arrays are rounded (points to 1/512, scores to
1/127 of their range), so that all six recordings take at most 1.5 MB. Another machine rounds differently, and its runs differ
in time.
"""

from __future__ import annotations

import gzip
import json
import queue
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_gans import files
from keras_gans.lab.arrays import decode, encode_coarsely
from keras_gans.lab.lessons import Lesson, LessonRun, get_lesson, lessons
from keras_gans.lab.recording import FORMAT, VERSION
from keras_gans.lab.session import Session
from keras_gans.lab.settings import check_command

# Steps of each array from 0 to its bound, and the distance of neighbours that are alike: see `encode_coarsely`.
_COARSE = {
    "real": (512, 0),
    "latents": (256, 0),
    "grid": (256, 2),
    "generated": (512, 0),
    "manifold": (512, 2),
    "heat": (127, 1),
    "gradients": (63, 0),
}
_KEPT = {
    "state": ("type", "status", "setup", "rules", "code", "real", "latents", "grid", "modes", "same"),
    "frame": ("type", "step", "logs", "measures", "findings", "generated", "manifold", "heat", "scores", "gradients"),
}


def follow(run: LessonRun, steps: Sequence[int]) -> list[dict[str, Any]]:
    """Train a run, and return its state and a frame at each of some steps, the first of which is 0."""
    commands: queue.SimpleQueue = queue.SimpleQueue()
    wanted: list[dict[str, Any]] = [{"do": "change", **run.changes}] if run.changes else [{"do": "pause"}]
    wanted += [{"do": "play", "until": step} for step in steps[1:]]
    messages: list[dict[str, Any]] = []
    logs: list[dict[str, Any]] = []  # of all frames since the last one that is kept
    sent = 0

    def emit(message: dict[str, Any]) -> None:
        nonlocal sent
        if message.get("status") == "failed":
            raise RuntimeError(message["error"])
        if message["type"] == "state" and message["status"] == "ready" and message["acknowledged"] == sent:
            messages[:] = [message]
        if message["type"] == "frame":
            logs.append(message["logs"])
        if message["type"] != "frame" or message["playing"] or message["acknowledged"] != sent:
            return
        if sent:
            messages.append({**message, "logs": _means(logs)})
            logs.clear()
        commands.put((sent + 1, check_command(wanted[sent])) if sent < len(wanted) else (sent + 1, None))
        sent += 1

    Session(run.setup, commands, emit).run()
    return messages


def _means(logs: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    """Return the mean of each number, to four digits; None where one is missing."""
    found: dict[str, float | None] = {}
    for name in {name: None for each in logs for name in each}:
        values = [each[name] for each in logs if name in each]
        whole = [value for value in values if value is not None]
        found[name] = float(f"{np.mean(whole):.4g}") if len(whole) == len(values) else None
    return found


def record(lesson: Lesson) -> None:
    """Train both runs of a lesson and write its recording."""
    lines: list[dict[str, Any]] = []
    for number, run in enumerate(lesson.runs):
        lines += [{**_coarse(message), "run": number} for message in follow(run, lesson.steps)]
    # By steps: frames of both runs at one step are next to each other.
    lines.sort(key=lambda message: (message.get("step", -1), message["run"]))
    header = {"format": FORMAT, "version": VERSION}
    text = "".join(json.dumps(each, separators=(",", ":"), ensure_ascii=False) + "\n" for each in [header, *lines])
    with files.replacing(lesson.path) as temporary:
        temporary.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{lesson.name}: {len(lines) - 2} frames, {lesson.path.stat().st_size / 1000:.0f} kB", flush=True)


def _coarse(message: dict[str, Any]) -> dict[str, Any]:
    kept = {name: message[name] for name in _KEPT[message["type"]]}
    if message["type"] == "frame":
        kept["playing"] = True
        kept["findings"] = [{**finding, "tries": []} for finding in message["findings"]]
    return kept | {name: encode_coarsely(decode(kept[name]), *_COARSE[name]) for name in _COARSE if name in kept}


if __name__ == "__main__":
    for each in [get_lesson(name) for name in sys.argv[1:]] or lessons().values():
        record(each)
