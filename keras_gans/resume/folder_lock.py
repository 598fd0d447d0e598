"""A lock on a folder, which the system releases when its holder ends, however it ends."""

import errno
import json
import os
import socket
import time
import warnings
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

# Seconds between two looks at a lock that another process holds.
_PAUSE = 0.1

# Locks of this process by path: a training that broke off with an exception leaves its own behind.
_held: dict[Path, "FolderLock"] = {}


class FolderInUseError(RuntimeError):
    """Another process holds the lock."""


class FolderLock:
    """Keeps other processes out of a folder, by a lock on the file `lock` in it, which stays there.

    Args:
        folder: The folder; made where it does not exist.
    """

    def __init__(self, folder):
        self.path = Path(folder, "lock").absolute()
        self._file = None  # its descriptor

    def acquire(self, patience: float = 0.0) -> None:
        """Takes the lock; does nothing if it is held already. What this process has left locked is taken over.

        Args:
            patience: Seconds to wait while another process holds it.

        Raises:
            FolderInUseError: If another process holds it still, naming that process and its computer.
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

    def _acquire(self):
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
        self.release()  # of a file that was deleted since, in whose place this one is
        self._file = file
        _held[self.path] = self

    def release(self) -> None:
        """Gives the lock back; does nothing if it is not held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
            _held.pop(self.path, None)

    def _is_held(self):
        try:
            return self._file is not None and os.path.samestat(self.path.stat(), os.fstat(self._file))
        except OSError:
            return False

    def _lock(self, file):
        if fcntl is None:
            # Windows has locks of another kind; without them one run folder is one user's own care.
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EAGAIN):
                # Some network file systems know no locks.
                warnings.warn(f"{self.path.parent} cannot be locked: take care that one process uses it. {error}", stacklevel=5)
                return
            holder = _describe_holder(file)
            raise FolderInUseError(
                f"{self.path.parent} is in use by {holder}: wait until it ends, or use another folder."
            ) from None


def _describe_holder(file):
    try:
        holder = json.loads(os.read(file, 1000))
        return f"process {holder['pid']} on {holder['host']}"
    except (ValueError, KeyError, TypeError):
        return "another process"
