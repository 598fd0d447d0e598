import concurrent.futures
import time
import warnings
from collections.abc import Mapping
from typing import Any

import keras

from keras_gans.resume.checkpoints import CheckpointFolder
from keras_gans.resume.folder_lock import FolderInUseError, FolderLock
from keras_gans.resume.training_state import State, capture_state, describe_state


class BackgroundWriter:
    """Copies the state of a model and writes it to a checkpoint in a background thread, one at a time.

    Args:
        checkpoints: The folder of checkpoints.
        lock: The lock on it.
        time_share: The fraction of time that copying and writing may take.

    Attributes:
        position: The newest checkpoint, as (epochs done, steps done of the next epoch), or None.
        last: When the last checkpoint was started, or None.
    """

    def __init__(self, checkpoints: CheckpointFolder, lock: FolderLock, time_share: float):
        self.checkpoints = checkpoints
        self.lock = lock
        self.time_share = time_share
        self.position: tuple[int, int] | None = None
        self.last: float | None = None
        self._thread = concurrent.futures.ThreadPoolExecutor(1, "checkpoints")
        self._writing: concurrent.futures.Future[None] | None = None
        self._failures: set[tuple[str, type, int | None]] = set()
        # When the last checkpoint was finished, and how many seconds of work it took.
        self._ended, self._cost = 0.0, 0.0

    def is_free(self) -> bool:
        """Whether a checkpoint may be made now: the last one is written, and checkpoints do not exceed their share of time."""
        self._collect()
        return self._writing is None and time.perf_counter() - self._ended >= self._cost / self.time_share

    def write(self, model: keras.Model, facts: Mapping[str, Any]) -> None:
        """Copy a model's state now and write it in the background; first wait for the previous checkpoint.

        Args:
            model: The model.
            facts: Metadata of the checkpoint as JSON values; `epoch` and `step` are its position.
        """
        self._collect(wait=True)
        self.last = time.perf_counter()
        state, facts = capture_state(model), {**facts, "variables": describe_state(model)}
        copying = time.perf_counter() - self.last
        self._writing = self._thread.submit(self._write, facts, state, copying)

    def finish(self) -> None:
        """Wait for the checkpoint being written, and end the thread."""
        self._collect(wait=True)
        self._thread.shutdown()

    def warn(self, what: str, error: Exception) -> None:
        """Warn that something could not be written, once for each kind of error."""
        kind = (what, type(error), getattr(error, "errno", None))
        if kind not in self._failures:
            self._failures.add(kind)
            warnings.warn(f"{what} could not be written: {error}. Training continues; it will be tried again.", stacklevel=2)

    def _write(self, facts: dict[str, Any], state: State, copying: float) -> None:
        began = time.perf_counter()
        try:
            self.lock.acquire()  # again, in case the folder was deleted
            self.checkpoints.save(facts, state)
            self.position = facts["epoch"], facts["step"]
        finally:
            self._ended = time.perf_counter()
            self._cost = copying + self._ended - began

    def _collect(self, wait: bool = False) -> None:
        if self._writing is not None and (wait or self._writing.done()):
            writing, self._writing = self._writing, None
            try:
                writing.result()
            except (OSError, FolderInUseError) as error:
                self.warn("A checkpoint", error)
