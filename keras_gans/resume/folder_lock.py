"""A lock on a folder, which the operating system releases when the holding process ends, however it ends."""

import errno
import json
import os
import socket
import time
import warnings
from pathlib import Path

from keras_gans._typing import PathLike

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # a module that is not there

# Seconds between two attempts to take a lock that another process holds.
_PAUSE = 0.1

# Locks held by this process, by path: training that ended with an exception leaves its lock behind.
_held: dict[Path, "FolderLock"] = {}


class FolderInUseError(RuntimeError):
    """Another process holds the lock."""


class FolderLock:
    """Keeps other processes out of a folder by locking a file `lock` in it, which is never deleted.

    Args:
        folder: The folder, created if necessary.
    """

    def __init__(self, folder: PathLike):
        self.path = Path(folder, "lock").absolute()
        self._file: int | None = None  # its descriptor

    def acquire(self, patience: float = 0.0) -> None:
        """Take the lock; do nothing if this object holds it. A lock that this process left behind is taken over.

        Args:
            patience: Seconds to wait while another process holds it.

        Raises:
            FolderInUseError: If another process still holds it, naming the process and its computer.
            OSError: If the folder cannot be written.
        """
        until = time.monotonic() + patience
        while True:
            try:
                return self._acquire()
            except FolderInUseError:
                if time.monotonic() >= until:
                    raise
            time.sleep(_PAUSE)

    def _acquire(self) -> None:
        if self._is_held():
            return
        if self.path in _held and _held[self.path] is not self:
            _held[self.path].release()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            self._lock(file)
            os.ftruncate(file, 0)
            os.write(file, json.dumps({"pid": os.getpid(), "host": socket.gethostname()}).encode() + b"\n")
        except BaseException:
            os.close(file)
            raise
        self.release()  # an older file, which has been deleted since
        self._file = file
        _held[self.path] = self

    def release(self) -> None:
        """Release the lock; do nothing if it is not held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
            _held.pop(self.path, None)

    def _is_held(self) -> bool:
        try:
            return self._file is not None and os.path.samestat(self.path.stat(), os.fstat(self._file))
        except OSError:
            return False

    def _lock(self, file: int) -> None:
        if fcntl is None:
            # Windows has no such locks: there, users must keep two processes out of one folder themselves.
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EAGAIN):
                # Some network file systems do not support locks.
                warnings.warn(f"{self.path.parent} cannot be locked: only one process may use it. {error}", stacklevel=5)
                return
            holder = _describe_holder(file)
            raise FolderInUseError(
                f"{self.path.parent} is in use by {holder}: wait until it ends, or use another folder."
            ) from None


def _describe_holder(file: int) -> str:
    try:
        holder = json.loads(os.read(file, 1000))
        return f"process {holder['pid']} on {holder['host']}"
    except (ValueError, KeyError, TypeError):
        return "another process"
