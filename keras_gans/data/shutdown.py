"""Lets the program end cleanly while TensorFlow calls Python code from its own threads."""

import atexit
import math
import threading
import time


class ShutdownGuard:
    """Keeps the interpreter from exiting while threads of TensorFlow run Python code, where both would wait forever.

    Use it as a context manager around such code. Threads that enter after the exit has begun get an error; within moments the
    buffers of all pipelines are full of errors, and no thread enters any more.
    """

    _QUIET = 0.25  # seconds without any thread, after which none will come

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._inside, self._closed, self._last = 0, False, -math.inf
        atexit.register(self._close)

    def __enter__(self) -> None:
        with self._change:
            self._last = time.monotonic()
            if self._closed:
                raise RuntimeError("No batch is loaded any more, because the program ends.")
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._change:
            self._last = time.monotonic()
            self._inside -= 1
            self._change.notify_all()

    def _close(self) -> None:
        with self._change:
            self._closed = True
            self._change.wait_for(lambda: not self._inside)
            while (left := self._last + self._QUIET - time.monotonic()) > 0:
                self._change.wait(left)


shutdown_guard = ShutdownGuard()
