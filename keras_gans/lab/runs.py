"""The runs of a lab: one, or two side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from keras_gans.lab.child import Child
from keras_gans.lab.settings import RUNS, Setup, setup_of


class Runs:
    """Passes commands on to the training processes of a lab, and their messages back, each with `run`: 0, or 1 for the second.

    Args:
        setup: What to train first.
        deliver: Takes each message; called in other threads.
    """

    def __init__(self, setup: Setup, deliver: Callable[[dict[str, Any]], None]):
        self._deliver = deliver
        self._children: list[Child | None] = [None] * len(RUNS)
        self._start(0, setup)

    def send(self, command: Mapping[str, Any]) -> int:
        """Pass on a command that has been checked; return its number, which later messages of the run acknowledge.

        Raises:
            RuntimeError: If there is no such run, too many commands wait, or the process has ended.
        """
        sent = {name: value for name, value in command.items() if name != "run"}
        if command["do"] == "beside":
            return self._beside(sent)
        if command["do"] == "alone":
            self._end(1)
            return 0
        wanted = self._children if "run" not in command else [self._children[command["run"]]]
        numbers = [child.send(sent) for child in wanted if child is not None]
        if not numbers:
            raise RuntimeError("There is no second run.")
        return numbers[0]

    def stop(self) -> None:
        """End all processes."""
        for child in self._children:
            if child is not None:
                child.stop()

    def _beside(self, command: Mapping[str, Any]) -> int:
        setup = setup_of(command)
        child = self._children[1]
        if child is None:
            child = self._start(1, setup)
        else:
            child.send({"do": "reset", **setup.to_dict()})
        if command.get("changes"):
            child.send({"do": "change", **command["changes"]})
        if command.get("wait"):
            return child.send({"do": "pause"})
        return child.send({"do": "play", "until": command.get("until")})

    def _start(self, run: int, setup: Setup) -> Child:
        child: Child | None = None

        def deliver(message: dict[str, Any]) -> None:
            # What a process that was ended has said before may arrive late.
            if child is None or self._children[run] is child:
                self._deliver({**message, "run": run})

        child = self._children[run] = Child(setup, deliver)
        return child

    def _end(self, run: int) -> None:
        child, self._children[run] = self._children[run], None
        if child is not None:
            child.stop()
            self._deliver({"type": "state", "status": "closed", "run": run})
