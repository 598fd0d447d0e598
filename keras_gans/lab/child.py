"""The training process, as the server sees it."""

from __future__ import annotations

import collections
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

from keras_gans.lab.settings import Setup

_MOST_WAITING = 256  # commands that the process has not yet followed


class Child:
    """Runs `keras_gans.lab.worker`, and starts it anew when a model is to be trained after it has ended.

    Args:
        setup: What to train first.
        deliver: Takes each message, a decoded line; called in another thread.
    """

    def __init__(self, setup: Setup, deliver: Callable[[dict[str, Any]], None]):
        self._deliver = deliver
        self._number = self._acknowledged = 0
        self._stopped = False
        self._start(setup)

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    def send(self, command: Mapping[str, Any]) -> int:
        """Pass on a command that has been checked; return its number, which later messages acknowledge.

        Raises:
            RuntimeError: If too many commands wait, or the process has ended and the command does not start another.
        """
        if self._process.poll() is not None:
            if command["do"] != "reset":
                raise RuntimeError("The training process has ended: reset to start another.")
            self._start(Setup(**{name: value for name, value in command.items() if name != "do"}))
            return self._number
        if self._number - self._acknowledged >= _MOST_WAITING:
            raise RuntimeError("Too many commands wait: try again later.")
        self._number += 1
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps([self._number, command]).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise RuntimeError("The training process has just ended: reset to start another.") from error
        return self._number

    def stop(self) -> None:
        """End the process."""
        self._stopped = True
        self._process.kill()
        self._process.wait()

    def _start(self, setup: Setup) -> None:
        self._acknowledged = self._number
        command = [sys.executable, "-m", "keras_gans.lab.worker", json.dumps(setup.to_dict())]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "KERAS_BACKEND": "tensorflow"},
        )
        self._errors: collections.deque[bytes] = collections.deque(maxlen=20)
        threading.Thread(target=self._collect_errors, args=(self._process,), daemon=True).start()
        threading.Thread(target=self._read, args=(self._process,), daemon=True).start()

    def _collect_errors(self, process: subprocess.Popen) -> None:
        assert process.stderr is not None
        self._errors.extend(process.stderr)

    def _read(self, process: subprocess.Popen) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            message = json.loads(line)
            # A process that was started anew knows nothing of earlier commands.
            self._acknowledged = max(self._acknowledged, message.get("acknowledged", 0))
            self._deliver(message)
        process.wait()
        if not self._stopped:
            lines = [line.decode(errors="replace").strip() for line in self._errors]
            last = next((line for line in reversed(lines) if line), f"exit status {process.returncode}")
            self._deliver({"type": "state", "status": "failed", "error": f"The training process has ended: {last[:200]}"})
