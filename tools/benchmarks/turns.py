"""Processes that work only when it is their turn."""

import os
import subprocess
import sys
import time


class Contestant:
    """A process that gets ready, then does a number of steps whenever it is told to.

    Args:
        *arguments: Of its program.
        module: The program: a module of `keras_gans_tools.benchmarks`.

    Raises:
        ImportError: If the contestant needs a library that is not installed.
        RuntimeError: If it fails, with the end of what it printed.
    """

    def __init__(self, *arguments, module="contestant"):
        command = [sys.executable, "-m", f"keras_gans_tools.benchmarks.{module}", *map(str, arguments)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        )
        if self._answer() == "missing":
            self.close()
            raise ImportError(f"{arguments[0]} is not installed.")

    def work(self, amount) -> float:
        """Lets the process do so much work; returns the seconds it took."""
        self._process.stdin.write(f"{amount}\n")
        self._process.stdin.flush()
        return float(self._answer())

    def _answer(self):
        line = self._process.stdout.readline().strip()
        if not line:
            error = self._process.stderr.read().strip().splitlines()
            self.close()
            raise RuntimeError(f"A contestant failed: {' / '.join(error[-3:])}")
        return line

    def close(self):
        """Ends the process."""
        self._process.kill()
        self._process.communicate()


class Turns:
    """The side of the contestant: tells that it is ready, and waits for its turn."""

    def __init__(self):
        # Libraries print, too; what the parent reads must be ours alone.
        self._answers = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)

    def say(self, word):
        """Sends the parent a line."""
        self._answers.write(f"{word}\n")
        self._answers.flush()

    def wait(self) -> int:
        """Returns how much work is to be done, when it is our turn. Ends the process when no turn comes any more."""
        line = sys.stdin.readline()
        if not line:
            os._exit(0)
        return int(line)

    def begin(self) -> int:
        """Says that everything is ready; returns the amount of the first turn."""
        self.say("ready")
        amount = self.wait()
        self._began = time.perf_counter()
        return amount

    def finish(self) -> int:
        """Says that a turn is over; returns the amount of the next."""
        self.say(time.perf_counter() - self._began)
        amount = self.wait()
        self._began = time.perf_counter()
        return amount
