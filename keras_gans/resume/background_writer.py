import concurrent.futures
import time
import warnings

from keras_gans.resume.folder_lock import FolderInUseError
from keras_gans.resume.training_state import capture_state, describe_state


class BackgroundWriter:
    """Copies the state of a model, and writes it to a checkpoint in a thread of its own: one at a time.

    Args:
        checkpoints: The `CheckpointFolder`.
        lock: The `FolderLock` on it.
        time_share: The share of time that copying and writing may take.
    """

    def __init__(self, checkpoints, lock, time_share):
        self.checkpoints = checkpoints
        self.lock = lock
        self.time_share = time_share
        # Where the newest checkpoint is, as (epochs done, steps done of the next), or None.
        self.position = None
        self._thread = concurrent.futures.ThreadPoolExecutor(1, "checkpoints")
        self._writing = None
        self._failures = set()
        # When the last checkpoint was begun, if any; when its writing ended, and how many seconds of work it was.
        self.last, self._ended, self._cost = None, 0.0, 0.0

    def is_free(self):
        """Whether a checkpoint may be made now: the last is written, and not too much time goes into them."""
        self._collect()
        return self._writing is None and time.perf_counter() - self._ended >= self._cost / self.time_share

    def write(self, model, facts):
        """Copies a model's state now and writes it soon; waits where the checkpoint before is still being written.

        Args:
            model: The model.
            facts: What the checkpoint says of the run; `epoch` and `step` are its position.
        """
        self._collect(wait=True)
        self.last = time.perf_counter()
        state, facts = capture_state(model), {**facts, "variables": describe_state(model)}
        copying = time.perf_counter() - self.last
        self._writing = self._thread.submit(self._write, facts, state, copying)

    def finish(self):
        """Waits for what is being written, and ends the thread."""
        self._collect(wait=True)
        self._thread.shutdown()

    def warn(self, what, error):
        """Says that something could not be written: once for each kind of error."""
        kind = (what, type(error), getattr(error, "errno", None))
        if kind not in self._failures:
            self._failures.add(kind)
            warnings.warn(f"{what} could not be written: {error}. Training goes on; it is tried again later.", stacklevel=2)

    def _write(self, facts, state, copying):
        began = time.perf_counter()
        try:
            self.lock.acquire()  # anew, where someone has deleted the folder
            self.checkpoints.save(facts, state)
            self.position = facts["epoch"], facts["step"]
        finally:
            self._ended = time.perf_counter()
            self._cost = copying + self._ended - began

    def _collect(self, wait=False):
        if self._writing is not None and (wait or self._writing.done()):
            writing, self._writing = self._writing, None
            try:
                writing.result()
            except (OSError, FolderInUseError) as error:
                self.warn("A checkpoint", error)
