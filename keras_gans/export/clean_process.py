"""Processes that run exports and import nothing of keras_gans: one for each format, kept for the exports that follow.

A process takes seconds to import TensorFlow, and exporting one model in every format needs six checks. A job that kills its
process fails alone: the next one gets a new process.
"""

import atexit
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

_SCRIPT = Path(__file__).with_name("run_export.py")


class CleanProcess:
    """Runs exports of one format in a process of its own, one after another.

    Args:
        kind: `"saved_model"`, `"tflite"` or `"onnx"`.
    """

    def __init__(self, kind: str):
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed with the process
        # -P keeps the script's folder, which is part of keras_gans, off the path.
        command = [sys.executable, "-P", str(_SCRIPT), kind]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, encoding="utf-8"
        )

    def ask(self, job: dict[str, str]) -> dict[str, Any] | None:
        """Return the answer to a job; None if the process has ended because it had nothing to do."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(job) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if answer:
            return json.loads(answer)
        status = self._process.wait()
        self._errors.seek(0)
        printed = self._errors.read().decode(errors="replace").strip()
        self.close()
        return None if status == 0 else {"error": printed or f"The process ended with {status}."}

    @property
    def running(self) -> bool:
        """Whether the process takes jobs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the process."""
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
        self._process.wait()
        self._errors.close()


# By format and by the process that started them: a fork has pipes to its parent's, but must not use them.
_processes: dict[tuple[str, int], CleanProcess] = {}
_lock = threading.Lock()


def run(kind: str, path: Path, reference: Path) -> dict[str, Any]:
    """Compare an export with a reference in a clean process: see `run_export.py`.

    Args:
        kind: `"saved_model"`, `"tflite"` or `"onnx"`.
        path: The exported file or folder.
        reference: An .npz file of the inputs and the expected outputs of each signature.

    Returns:
        `largest_difference` and `mean_difference`, or `error`.
    """
    job = {"path": str(path.resolve()), "reference": str(reference.resolve())}
    key = kind, os.getpid()
    with _lock:
        while True:
            if key in _processes and not _processes[key].running:
                _processes.pop(key).close()
            if key not in _processes:
                _processes[key] = CleanProcess(kind)
            answer = _processes[key].ask(job)
            if answer is not None:
                return answer


@atexit.register
def _close_all() -> None:
    for (_, owner), process in _processes.items():
        if owner == os.getpid():
            process.close()
