"""Processes that work only when it is their turn."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import IO, Any


class Contestant:
    """A process that gets ready, then does a number of steps each time it is told to.

    Args:
        *arguments: Arguments of its program.
        module: Its program, a module of `keras_gans_tools.benchmarks`.

    Raises:
        ImportError: If the contestant needs a library that is not installed.
        RuntimeError: If it fails. The message holds the end of its output.
    """

    def __init__(self, *arguments: Any, module: str = "contestant") -> None:
        command = [sys.executable, "-m", f"keras_gans_tools.benchmarks.{module}", *map(str, arguments)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        )
        try:
            if self._answer() == "missing":
                raise ImportError(f"{arguments[0]} is not installed.")
        except BaseException:  # Ctrl-C, too
            self.close()
            raise

    def work(self, amount: int) -> float:
        """Let the process do some work and return the seconds it took.

        Args:
            amount: Number of steps, or of whatever else the contestant counts.
        """
        _pipe(self._process.stdin).write(f"{amount}\n")
        _pipe(self._process.stdin).flush()
        return float(self._answer())

    def _answer(self) -> str:
        line = _pipe(self._process.stdout).readline().strip()
        if not line:
            error = _pipe(self._process.stderr).read().strip().splitlines()
            raise RuntimeError(f"A contestant failed: {' / '.join(error[-3:])}")
        return line

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise RuntimeError("A contestant has no pipe.")
    return pipe


class Turns:
    """The contestant's side: says that it is ready, and waits for its turn."""

    def __init__(self) -> None:
        # Libraries print, too, and the parent must read our lines only.
        self._answers = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)

    def say(self, word: str | float) -> None:
        """Send the parent a line."""
        self._answers.write(f"{word}\n")
        self._answers.flush()

    def wait(self) -> int:
        """Wait for the next turn and return the amount of work. Ends the process when there are no more turns."""
        line = sys.stdin.readline()
        if not line:
            os._exit(0)
        return int(line)

    def begin(self) -> int:
        """Say that the contestant is ready, and return the amount of the first turn."""
        self.say("ready")
        amount = self.wait()
        self._began = time.perf_counter()
        return amount

    def finish(self) -> int:
        """Say that a turn is over, and return the amount of the next one."""
        self.say(time.perf_counter() - self._began)
        amount = self.wait()
        self._began = time.perf_counter()
        return amount
