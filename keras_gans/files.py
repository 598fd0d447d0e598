"""Reading and writing files. Writing is atomic: a file is made beside its destination and renamed."""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile


@contextlib.contextmanager
def replacing(path: str | os.PathLike) -> Iterator[Path]:
    """Yield a temporary path beside `path` and rename it to `path` when the block ends without an error.

    The temporary name keeps the suffix, because libraries choose a file format by it. Whatever the block made (a file or a
    folder) is removed when it fails, and `path` keeps its old content.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        temporary = folder / path.name
        yield temporary
        if temporary.is_file():
            with open(temporary, "rb") as f:
                os.fsync(f.fileno())
        old = folder / "old"
        if temporary.is_dir() and path.is_dir():
            path.replace(old)  # a folder, unlike a file, cannot be renamed over a full one
        try:
            temporary.replace(path)
        except OSError:
            if old.exists():
                old.replace(path)
            raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sync_folder(path: str | os.PathLike) -> None:
    """Make renamed files in a folder survive a power failure; do nothing on Windows, which has no such call."""
    if os.name == "posix":
        folder = os.open(path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def remove_leftovers(folder: str | os.PathLike, names: str = "*") -> None:
    """Remove temporary files that `replacing` left in a process that was killed.

    Args:
        folder: Where to look, but not below.
        names: A pattern of the files' names. No other process may be writing such a file.
    """
    if Path(folder).is_dir():
        for path in Path(folder).glob(f".{names}.{'?' * 8}"):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)


def kilobytes(path: str | os.PathLike) -> float:
    """Return the size of a file, or of all files in a folder, in units of 1,000 bytes."""
    path = Path(path)
    parts = [path] if path.is_file() else [part for part in path.rglob("*") if part.is_file()]
    return sum(part.stat().st_size for part in parts) / 1000


def cache_folder(kind: str) -> Path:
    """Return a cache folder: in `KERAS_GANS_CACHE`, or in `keras_gans` in the user's cache folder.

    Args:
        kind: Name of the folder.
    """
    if os.environ.get("KERAS_GANS_CACHE"):
        return Path(os.environ["KERAS_GANS_CACHE"], kind)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "keras_gans", kind)


def as_json(value: Any) -> bytes:
    """Return the bytes that `write_json` writes."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def write_json(path: str | os.PathLike, value: Any) -> None:
    """Write `value` as indented JSON, replacing the file whole."""
    with replacing(path) as temporary:
        temporary.write_bytes(as_json(value))


def read_json(path: str | os.PathLike) -> Any:
    """Read a JSON file.

    Raises:
        ValueError: If it is not JSON, naming the file.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not valid JSON: {error}") from error


def read_object(path: str | os.PathLike) -> dict[str, Any]:
    """Read a JSON file that contains an object.

    Raises:
        ValueError: If it is not JSON, or not an object. The message names the file.
    """
    value = read_json(path)
    if not isinstance(value, dict):
        raise ValueError(f"{path} does not contain a JSON object.")
    return value


def read_npz(path: str | os.PathLike, wanted: Collection[str] | None = None) -> tuple[list[str], dict[str, Any]]:
    """Read arrays of a NumPy archive, never unpickling; reading one checks its CRC-32.

    Args:
        path: A `.npz` file.
        wanted: Names of the arrays to read, if the archive has them; None for all.

    Returns:
        The names of all its arrays, and those read by name.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged or not an archive. The message names the file.
    """
    import numpy as np

    if not Path(path).is_file():
        raise FileNotFoundError(f"There is no file {path}.")
    try:
        # Opened here, because NumPy leaves files that are damaged open.
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            names = list(archive.files)
            arrays = {name: archive[name] for name in names if wanted is None or name in wanted}
    # What NumPy, zipfile and zlib raise for the many ways in which an archive can be damaged.
    except (ValueError, KeyError, TypeError, AttributeError, OSError, EOFError, RuntimeError, BadZipFile, zlib.error) as error:
        raise ValueError(f"{path} is damaged or cannot be read as a NumPy archive (numpy.savez): {error}") from error
    foreign = [name for name, array in arrays.items() if not isinstance(array, np.ndarray)]
    if foreign:
        raise ValueError(f"{path} is damaged or cannot be read as a NumPy archive (numpy.savez): {foreign} are not arrays.")
    return names, arrays


def sha256(path: str | os.PathLike) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def refuse_existing(path: str | os.PathLike, overwrite: bool) -> None:
    """Raise FileExistsError if `path` exists and `overwrite` is false; an empty folder may be replaced."""
    path = Path(path)
    if overwrite or not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return
    raise FileExistsError(f"{path} exists already: give another path, or --overwrite (overwrite=True) to replace it.")
