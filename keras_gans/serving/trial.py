"""Loading a model in another process first, which can be ended if it never finishes, takes all memory, or crashes."""

import contextlib
import multiprocessing
import multiprocessing.forkserver
import signal
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from keras_gans.serving.errors import ServingError, of_tensorflow


class Trials:
    """Tries models.

    Args:
        seconds: Time that loading a model may take.
        trusted: Whether models may use any operation; see `keras_gans.serving.screening`.
    """

    def __init__(self, seconds: float, trusted: bool):
        self._seconds, self._trusted = seconds, trusted
        self._context = multiprocessing.get_context("forkserver")
        self._stopped = False
        self._process: BaseProcess | None = None

    def prepare(self) -> None:
        """Start importing TensorFlow, once for all models, without waiting for it."""
        self._context.set_forkserver_preload(["keras_gans.serving.trial_imports"])
        multiprocessing.forkserver.ensure_running()

    def stop(self) -> None:
        """End the attempt in progress."""
        self._stopped = True
        if (process := self._process) is not None:
            process.kill()

    def attempt(self, folder: Path) -> None:
        """Load a model and run each of its signatures.

        Args:
            folder: The folder that holds `saved_model.pb`.

        Raises:
            ServingError: If it cannot be loaded.
        """
        receiver, sender = self._context.Pipe(duplex=False)
        process = self._context.Process(target=_attempt, args=(folder, self._trusted, self._seconds, sender), daemon=True)
        with receiver:
            process.start()
            self._process = process
            sender.close()
            if self._stopped:
                process.kill()
            try:
                if not receiver.poll(self._seconds):
                    text = f"It was not loaded after {self._seconds:g} seconds: give it more, with --load_timeout."
                    raise ServingError("DEADLINE_EXCEEDED", text)
                code, _, message = receiver.recv_bytes(1 << 20).decode("utf-8", "replace").partition("\n")
            except EOFError:
                process.join()
                raise ServingError("INTERNAL", f"Loading it ended the process, with status {process.exitcode}.") from None
            finally:
                process.kill()
                process.join()
                self._process = None
        if code != "OK":
            raise ServingError(code, message)


def _attempt(folder: Path, trusted: bool, seconds: float, sender: Connection) -> None:
    # This process is to end even if the server does not live to end it.
    signal.alarm(int(seconds) + 5)
    from keras_gans.serving.servable import Servable

    try:
        Servable("", 0, folder, trusted)
        answer = "OK\n"
    except Exception as error:
        reason = of_tensorflow(error)
        answer = f"{reason.code}\n{reason.message}"
    with contextlib.suppress(OSError):
        sender.send_bytes(answer.encode("utf-8", "replace"))
