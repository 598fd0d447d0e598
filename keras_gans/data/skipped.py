"""What could not be read: counted, listed and logged, so that one bad file among many stops nothing and is not hidden."""

import os
import threading
import warnings
from pathlib import Path

_NAMED = 5  # in messages; the list holds all


class UnreadableError(ValueError):
    """A sample cannot be read; the message says why."""


class UnreadableWarning(UserWarning):
    """Samples were left out because they cannot be read."""


class Skipped(list):
    """The samples that were skipped, as `(path, reason)` pairs in the order in which they were met.

    Args:
        noun: What one of them is called in messages.
    """

    def __init__(self, noun="picture"):
        super().__init__()
        self.noun = noun
        self._lock = threading.Lock()
        self._paths = set()
        self._log = None

    def add(self, path: str, reason: str) -> bool:
        """Adds a sample if it is new; returns whether it is the first of all. Threads may call this together."""
        with self._lock:
            if path in self._paths:
                return False
            self._paths.add(path)
            self.append((path, reason))
            if self._log is not None:
                _append(self._log, [(path, reason)])
            return len(self) == 1

    def log_to(self, path: str | os.PathLike) -> None:
        """Writes the list to a text file as `write` does, and what is added later as well."""
        with self._lock:
            self._log = Path(path)
            self.write(path)

    def write(self, path: str | os.PathLike) -> None:
        """Writes a line `path<TAB>reason` each to a text file, after what it holds already.

        While nothing is skipped there is no file.
        """
        path = Path(path)
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        there = {line.partition("\t")[0] for line in lines}
        _append(path, [entry for entry in self if _printable(entry[0]) not in there])

    def warn(self, stacklevel=1):
        """Warns of what is in the list, if anything is."""
        if self:
            names = ", ".join(_printable(path) for path, _ in self[:_NAMED]) + (", ..." if len(self) > _NAMED else "")
            verb = "is" if len(self) == 1 else "are"
            message = f"{self.counted()} could not be read and {verb} left out: {names}"
            warnings.warn(message, UnreadableWarning, stacklevel=stacklevel + 1)

    def refuse(self):
        """Raises ValueError, with names and reasons, if anything is in the list."""
        if self:
            names = "; ".join(f"{_printable(path)} ({reason})" for path, reason in self[:_NAMED])
            rest = f"; and {len(self) - _NAMED:,} more" if len(self) > _NAMED else ""
            raise ValueError(f"{self.counted()} cannot be read, which strict forbids: {names}{rest}.")

    def counted(self) -> str:
        """Returns how many there are, such as `1 picture` or `2 pictures`."""
        return f"{len(self):,} {self.noun}" if len(self) == 1 else f"{len(self):,} {self.noun}s"


def _printable(path):
    # Names that are valid in no encoding come from the file system with lone surrogates; some hold line breaks.
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in path)


def _append(path, entries):
    if entries:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "a", encoding="utf-8") as file:
            file.writelines(f"{_printable(name)}\t{reason}\n" for name, reason in entries)
