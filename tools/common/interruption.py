"""Ctrl-C while training: the current step is finished, and everything is kept; but nobody waits long."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator

# The second is what batch systems send before they kill.
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# Seconds in which a step is expected to end.
_PATIENCE = 1.0


class Interruption:
    """What has been asked of a training run so far.

    Attributes:
        status: The exit status for the signal that was received; None before.
        begun: Whether the first step is done. Until then, there is nothing to lose.
    """

    status: int | None = None
    begun: bool = False


@contextlib.contextmanager
def interruptible(stop: Callable[[], None], kept: Callable[[], str]) -> Iterator[Interruption]:
    """Let Ctrl-C (SIGINT) and SIGTERM end training after the current step.

    The process exits at once if the first step is not done within a second, and at a second signal. A step may take long, and
    Python's own handlers wait for it; here a thread acts.

    Args:
        stop: Makes training end after the current step. It is called by a signal handler.
        kept: Returns in words what is kept when the process exits at once.
    """
    interruption, ended = Interruption(), threading.Event()

    def handle(number: int, _: object) -> None:
        interruption.status = 128 + number
        stop()

    def watch() -> None:
        number = next(_signals(reading))
        if number is None or ended.wait(_PATIENCE):
            return
        if interruption.begun:
            os.write(1, b"\nStopping after the current step. Press Ctrl-C again to stop at once.\n")
            number = next(_signals(reading))
            if number is None:
                return
        os.write(1, f"\nStopped. {kept()}\n".encode())
        os._exit(128 + number)

    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    handlers = [signal.signal(number, handle) for number in _SIGNALS]
    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield interruption
    finally:
        ended.set()
        signal.set_wakeup_fd(before)
        for number, handler in zip(_SIGNALS, handlers, strict=True):
            signal.signal(number, handler)
        os.close(writing)  # ends the thread, if it waits
        thread.join()
        os.close(reading)


def _signals(reading: int) -> Iterator[int | None]:
    """Yield the signals of ours that Python writes to a pipe; None when it is closed."""
    while byte := os.read(reading, 1):
        if byte[0] in _SIGNALS:
            yield byte[0]
    yield None
