"""Paths that are given as data sources: suggestions where the kind is missing, and errors where nothing is there."""

from __future__ import annotations

import os
import re
from pathlib import Path

from keras_gans.audio.folders import SUFFIXES as SOUND_SUFFIXES

# Names of files that no data set of TensorFlow Datasets has.
_SUFFIXES = (".npz", ".npy", ".txt", ".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".zip", ".csv")
_PICTURES = _SUFFIXES[3:11]


def suggest_source(path: str | os.PathLike) -> str | None:
    """Return the data source that reads an existing path, such as `"folder:pictures"`; None if there is none."""
    found = Path(path).expanduser()
    if found.is_dir():
        return f"{'tfrecord' if (found / 'index.json').is_file() else 'folder'}:{path}"
    if not found.is_file():
        return None
    suffix = found.suffix.lower()
    if suffix in (".npz", ".npy"):
        return f"npz:{path}"
    if suffix in _PICTURES:
        return f"folder:{Path(path).parent}"
    if suffix in SOUND_SUFFIXES:
        return f"wav:{Path(path).parent}"
    return f"text:{path}" if suffix == ".txt" else None


def refuse_path(source: str) -> None:
    """Raise an error for a source that can only be a path, because the name of a data set does not look like that.

    Raises:
        ValueError: If it exists; the message suggests the source that reads it.
        FileNotFoundError: If it does not exist.
    """
    is_path = source.startswith(("/", "./", "../", "~", ".\\", "..\\")) or source.lower().endswith(
        (*_SUFFIXES, *SOUND_SUFFIXES)
    )
    if not (is_path or re.match(r"[A-Za-z]:[\\/]", source) or source in (".", "..")):
        return
    if not Path(source).expanduser().exists():
        raise FileNotFoundError(f"There is no file or folder {source}.")
    raise ValueError(f"{source} is a path, not the name of a data set{hint(source)}")


def refuse_existing_path(name: str) -> None:
    """Raise ValueError for the name of an unknown data set under which there is a file or folder."""
    if Path(name).exists():
        raise ValueError(f"There is no data set '{name}', but there is a path of that name{hint(name)}")


def hint(path: str | os.PathLike) -> str:
    """Return the end of a sentence that suggests the data source of a path; empty if there is none."""
    suggestion = suggest_source(path)
    return f": did you mean '{suggestion}'?" if suggestion else ", and no data source reads such files."


def check_folder(path: Path) -> None:
    """Raise FileNotFoundError unless a path is a folder."""
    if not path.is_dir():
        raise FileNotFoundError(f"There is no folder {path}" + (f", but a file{hint(path)}" if path.is_file() else "."))


def check_file(path: Path) -> None:
    """Raise FileNotFoundError unless a path is a file."""
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}" + (f", but a folder{hint(path)}" if path.is_dir() else "."))
