"""Files that are never half written: each is made beside its destination and renamed."""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: str | os.PathLike) -> Iterator[Path]:
    """Yields a temporary path beside `path` and renames it to `path` when the block ends without an error.

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
        elif path.is_dir():
            path.replace(folder / "old")
        temporary.replace(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_json(path: str | os.PathLike, value) -> None:
    """Writes `value` as indented JSON, replacing the file whole."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_json(path: str | os.PathLike):
    """Reads a JSON file.

    Raises:
        ValueError: If it is not JSON, naming the file.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not valid JSON: {error}") from error


def sha256(path: str | os.PathLike) -> str:
    """Returns the SHA-256 of a file in hexadecimal digits."""
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def refuse_existing(path: str | os.PathLike, overwrite: bool) -> None:
    """Raises FileExistsError if `path` holds anything and `overwrite` is false; an empty folder counts as nothing."""
    path = Path(path)
    if overwrite or not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return
    raise FileExistsError(f"{path} exists already: give another path, or --overwrite (overwrite=True) to replace it.")
