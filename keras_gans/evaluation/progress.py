"""The progress of an evaluation as one line of text."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from typing import TextIO

# Is called with a line of text before each part of some work.
Progress = Callable[[str], object]

# Least time between two lines where they cannot replace each other, in a log file for example.
_SECONDS = 10.0


class ProgressLine:
    """Shows the progress of an evaluator: a line that is kept up to date at a terminal, plain lines elsewhere.

    Elsewhere the first line appears at once, and later ones at most every ten seconds.

    Args:
        file: Where it is written; standard error if None.

    Example:

        data = keras_gans.load_data("ring")
        with keras_gans.evaluation.ProgressLine() as progress:
            evaluator = keras_gans.evaluation.Evaluator(data, "all", num=500, progress=progress)
            evaluator.measure(data.samples[:500])
    """

    def __init__(self, file: TextIO | None = None) -> None:
        self._file = file or sys.stderr
        self._replaces = self._file.isatty()
        self._shown: float | None = None

    def __call__(self, text: str) -> None:
        """Show a line of text."""
        if self._replaces:
            self._file.write(f"\r\033[K{text[: shutil.get_terminal_size().columns - 1]}")
        else:
            now = time.monotonic()
            if self._shown is not None and now - self._shown < _SECONDS:
                return
            self._shown = now
            self._file.write(f"{text}\n")
        self._file.flush()

    def at_terminal(self, text: str) -> None:
        """Show a line of text at a terminal only."""
        if self._replaces:
            self(text)

    def close(self) -> None:
        """Clear the line at a terminal."""
        self.at_terminal("")

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
