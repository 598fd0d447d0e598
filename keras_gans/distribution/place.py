"""The role of a process among those that train together."""

import atexit
import dataclasses
import os
import sys
from collections.abc import Sequence
from typing import Any


@dataclasses.dataclass(frozen=True)
class Place:
    """The role of this process among the workers that train together.

    Attributes:
        replicas: Number of devices of all workers together. Each takes an equal share of every batch.
        worker: Number of this process. Worker 0, the chief, writes files.
        workers: Number of processes.
    """

    replicas: int = 1
    worker: int = 0
    workers: int = 1

    @property
    def chief(self) -> bool:
        """Whether this process writes files."""
        return self.worker == 0


_gave_up = False


def give_up() -> None:
    """Make this process end without waiting for the other workers, which otherwise would not find out that it has failed."""
    global _gave_up
    if not _gave_up:
        _gave_up = True
        atexit.register(end, 1)  # before JAX' own, which waits


def has_given_up() -> bool:
    """Whether this process has failed while others train on: it should call `end`."""
    return _gave_up


def end(status: int) -> None:
    """End the process at once, with an exit status."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def check_count(wanted: int | None, found: Sequence[Any]) -> None:
    """Raise ValueError if there are fewer devices than wanted."""
    if wanted is not None and not 1 <= wanted <= len(found):
        raise ValueError(f"{wanted} devices were asked for; this process sees {len(found)}.")
