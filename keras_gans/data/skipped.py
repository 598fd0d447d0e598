"""Unreadable samples are counted, listed and logged: one bad file neither stops training nor goes unnoticed."""

import os
import threading
import warnings
from pathlib import Path

_NAMED = 5  # in messages; the list contains all


class UnreadableError(ValueError):
    """A sample cannot be read; the message says why."""


class UnreadableWarning(UserWarning):
    """Samples were left out because they cannot be read."""


class Skipped(list[tuple[str, str]]):
    """The samples that were skipped, as `(path, reason)` pairs in the order in which they were found.

    Args:
        noun: What messages call a sample.
    """

    def __init__(self, noun: str = "image"):
        super().__init__()
        self.noun = noun
        self._lock = threading.Lock()
        self._paths: set[str] = set()
        self._log: Path | None = None

    def add(self, path: str, reason: str) -> bool:
        """Add a sample if it is new; return whether it is the first of all. Threads may call this together."""
        with self._lock:
            if path in self._paths:
                return False
            self._paths.add(path)
            self.append((path, reason))
            if self._log is not None:
                _append(self._log, [(path, reason)])
            return len(self) == 1

    def log_to(self, path: str | os.PathLike) -> None:
        """Write the list to a text file as `write` does, and what is added later as well."""
        with self._lock:
            self._log = Path(path)
            self.write(path)

    def write(self, path: str | os.PathLike) -> None:
        """Append a line `path<TAB>reason` for each sample to a text file, without repeating any.

        No file is made if nothing was skipped.
        """
        path = Path(path)
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        there = {line.partition("\t")[0] for line in lines}
        _append(path, [entry for entry in self if _printable(entry[0]) not in there])

    def warn(self, stacklevel: int = 1) -> None:
        """Warn if the list is not empty."""
        if self:
            names = ", ".join(_printable(path) for path, _ in self[:_NAMED]) + (", ..." if len(self) > _NAMED else "")
            verb = "is" if len(self) == 1 else "are"
            message = f"{self.counted()} could not be read and {verb} left out: {names}"
            warnings.warn(message, UnreadableWarning, stacklevel=stacklevel + 1)

    def refuse(self) -> None:
        """Raise ValueError, with names and reasons, if the list is not empty."""
        if self:
            names = "; ".join(f"{_printable(path)} ({reason})" for path, reason in self[:_NAMED])
            rest = f"; and {len(self) - _NAMED:,} more" if len(self) > _NAMED else ""
            raise ValueError(f"{self.counted()} cannot be read, which strict forbids: {names}{rest}.")

    def counted(self) -> str:
        """Return how many there are, such as `1 image` or `2 images`."""
        return f"{len(self):,} {self.noun}" if len(self) == 1 else f"{len(self):,} {self.noun}s"


def _printable(path: str) -> str:
    # Names that are valid in no encoding come from the file system with lone surrogates; some hold line breaks.
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in path)


def _append(path: Path, entries: list[tuple[str, str]]) -> None:
    if entries:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "a", encoding="utf-8") as file:
            file.writelines(f"{_printable(name)}\t{reason}\n" for name, reason in entries)
