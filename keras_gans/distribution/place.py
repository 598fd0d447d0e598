"""The role of a process among those that train together."""

import dataclasses
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


def check_count(wanted: int | None, found: Sequence[Any]) -> None:
    """Raise ValueError if there are fewer devices than wanted."""
    if wanted is not None and not 1 <= wanted <= len(found):
        raise ValueError(f"{wanted} devices were asked for; this process sees {len(found)}.")
