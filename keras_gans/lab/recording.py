"""Recordings of a lab: gzip-compressed lines of JSON, the first of which names the format and its version."""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import json
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from keras_gans._typing import PathLike
from keras_gans.lab.arrays import decode
from keras_gans.lab.settings import RUNS

FORMAT, VERSION = "keras_gans.lab", 2
_READ = (1, 2)  # the first had a single run
_MOST_FRAMES = 20_000  # half an hour at ten a second
_MOST_BYTES = 512 * 2**20  # of JSON
_LONGEST = 2**20  # bytes of a line
_ARRAYS = {
    "frame": {"generated": 1024, "manifold": 882, "heat": 1600, "gradients": 256},
    "state": {"real": 1024, "latents": 1024, "grid": 882},
}


class Recorder:
    """Writes messages to a file as they come. What has been written can be read although the file is not closed.

    Args:
        path: The file.

    Raises:
        OSError: If it cannot be written.
    """

    def __init__(self, path: PathLike):
        self._file: gzip.GzipFile | None = gzip.open(path, "wb")  # noqa: SIM115  `close` closes it
        self._began = time.perf_counter()
        self._frames = 0
        self._write({"format": FORMAT, "version": VERSION})

    def add(self, message: dict[str, Any]) -> None:
        """Append a message, unless the recording has 20,000 frames or is closed."""
        if self._file is None or self._frames >= _MOST_FRAMES:
            return
        self._frames += message["type"] == "frame"
        self._write({**message, "at": round(time.perf_counter() - self._began, 3)})

    def close(self) -> None:
        """End the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, entry: dict[str, Any]) -> None:
        assert self._file is not None
        self._file.write(json.dumps(entry, separators=(",", ":")).encode() + b"\n")
        self._file.flush(zlib.Z_SYNC_FLUSH)


@dataclasses.dataclass(frozen=True)
class Recording:
    """What a file contains.

    Attributes:
        messages: States and frames in their order.
        whole: Whether the file ends as it should, and is not cut off.
    """

    messages: list[dict[str, Any]]
    whole: bool

    @property
    def frames(self) -> int:
        """Number of frames."""
        return sum(message["type"] == "frame" for message in self.messages)


def is_recording(path: PathLike) -> bool:
    """Whether a file begins as recordings do."""
    try:
        with _open(path) as lines:
            return b'"format"' in lines.readline(200)
    except (OSError, EOFError, zlib.error):
        return False


def read_recording(path: PathLike, name: str | None = None) -> Recording:
    """Read a recording, compressed or not; of one that is cut off, the part that is whole.

    Args:
        path: The file.
        name: What errors call it; the path if None.

    Raises:
        ValueError: If it is not a recording, is of another version, or has no frame, naming the file.
        OSError: If it cannot be read.
    """
    name = str(path) if name is None else name
    lines, whole = _lines(path, name)
    try:
        header = json.loads(lines[0]) if lines else {}
    except ValueError:
        header = {}
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise ValueError(f"{name} is not a recording of `keras-gans lab`.")
    if header.get("version") not in _READ:
        versions = " and ".join(map(str, _READ))
        raise ValueError(
            f"{name} is a recording of version {str(header.get('version'))[:20]}; this keras_gans reads versions {versions}."
        )
    messages: list[dict[str, Any]] = []
    for number, line in enumerate(lines[1:], start=2):
        try:
            message = json.loads(line, parse_constant=_refuse)
            _check(message)
        except (ValueError, RecursionError) as error:
            if number == len(lines) and not whole:
                break  # cut off within a line
            raise ValueError(f"{name}, line {number} is damaged: {error}") from error
        messages.append(message)
    kinds = {message["type"] for message in messages}
    if kinds != {"frame", "state"}:
        raise ValueError(f"{name} has no frame{'' if whole else ', because it is cut off'}.")
    return Recording(messages, whole)


@contextlib.contextmanager
def _open(path: PathLike) -> Iterator[IO[bytes] | gzip.GzipFile]:
    """Yield what a file contains, decompressed if need be."""
    with open(path, "rb") as file:
        start = file.read(2)
        file.seek(0)
        if start == b"\x1f\x8b":
            with gzip.open(file, "rb") as unpacked:
                yield unpacked
        else:
            yield file


def _lines(path: PathLike, name: str) -> tuple[list[bytes], bool]:
    """Return the lines of a file, and whether it is whole."""
    if Path(path).is_dir():
        raise ValueError(f"{name} is a folder, and not a recording.")
    lines: list[bytes] = []
    size = 0
    with _open(path) as file:
        try:
            while line := file.readline(_LONGEST + 1):
                size += len(line)
                if len(line) > _LONGEST or size > _MOST_BYTES:
                    raise ValueError(f"{name}, line {len(lines) + 1}: too long for a recording.")
                lines.append(line)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            return lines, False
    return lines, not lines or lines[-1].endswith(b"\n")


def _check(message: Any) -> None:
    """Raise ValueError unless a message has what the page needs."""
    if not isinstance(message, dict) or message.get("type") not in _ARRAYS:
        raise ValueError("it is neither a state nor a frame.")
    if message.get("run", 0) not in RUNS:
        raise ValueError("its run is neither 0 nor 1.")
    if message["type"] == "state" and message.get("status") != "ready":
        return
    for name, count in _ARRAYS[message["type"]].items():
        if len(decode(message.get(name, {}))) != count:
            raise ValueError(f"'{name}' should hold {count} numbers.")
    for name in ("logs", "measures") if message["type"] == "frame" else ("setup", "rules", "code"):
        if not isinstance(message.get(name), dict):
            raise ValueError(f"'{name}' is missing.")


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON.")
