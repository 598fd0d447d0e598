"""A gate before the Python code that TensorFlow calls from threads of its own."""

import atexit
import math
import threading
import time


class Gate:
    """Keeps the interpreter from ending while threads of TensorFlow are in Python, where both would wait for ever.

    Who enters after the end has begun is turned away, until, within moments, the buffers of all pipelines are full of errors
    and nobody comes any more.
    """

    _QUIET = 0.25  # seconds without anybody, after which nobody will come

    def __init__(self):
        self._change = threading.Condition()
        self._inside, self._closed, self._last = 0, False, -math.inf
        atexit.register(self._close)

    def __enter__(self):
        with self._change:
            self._last = time.monotonic()
            if self._closed:
                raise RuntimeError("No batch is loaded any more, because the program ends.")
            self._inside += 1

    def __exit__(self, *_):
        with self._change:
            self._last = time.monotonic()
            self._inside -= 1
            self._change.notify_all()

    def _close(self):
        with self._change:
            self._closed = True
            self._change.wait_for(lambda: not self._inside)
            while (left := self._last + self._QUIET - time.monotonic()) > 0:
                self._change.wait(left)


gate = Gate()
