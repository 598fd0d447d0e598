"""The part `files` of a folder's index: how large the files are that a load needs, and their SHA-256."""

import dataclasses
import hashlib
import json
import re
from pathlib import Path

from keras_gans.files import sha256

KEY = "files"
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclasses.dataclass(frozen=True)
class Part:
    """What one file must be: its SHA-256 in hexadecimal digits, and its size in bytes."""

    sha256: str
    bytes: int

    def is_at(self, path: Path) -> bool:
        """Returns whether the file at a path is this one."""
        return path.is_file() and path.stat().st_size == self.bytes and sha256(path) == self.sha256


@dataclasses.dataclass(frozen=True)
class Contents:
    """Which files a folder has.

    Attributes:
        index: The name of the JSON file that describes the others.
        required: Files that must be there.
        optional: Files that may be there. Others are refused: no name can lead out of the folder.
    """

    index: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


def describe(contents: dict[str, Path | bytes]) -> dict[str, dict]:
    """Returns the manifest of files, by name: `{"sha256": ..., "bytes": ...}` of each.

    Args:
        contents: A file's path or what it will hold, by name.
    """
    found = {}
    for name, content in contents.items():
        if isinstance(content, bytes):
            found[name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        else:
            found[name] = {"sha256": sha256(content), "bytes": content.stat().st_size}
    return found


def read(content: bytes, contents: Contents, where: str) -> dict[str, Part]:
    """Returns the manifest that an index holds, by file.

    Args:
        content: What the index holds.
        contents: Which files are accepted.
        where: What messages call the folder.

    Raises:
        ValueError: If it is no such index, or names other files than are accepted.
    """
    try:
        index = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{where} is no preset: its {contents.index} is no JSON.") from error
    if not isinstance(index, dict):
        raise ValueError(f"{where} is no preset: its {contents.index} holds no JSON object.")
    if KEY not in index:
        raise ValueError(
            f"The {contents.index} of {where} does not say by '{KEY}' which files belong to it, and they cannot be checked: "
            "save the preset again (load_pretrained, save_preset) with this version of keras_gans, and publish that."
        )
    files = index[KEY]
    if not isinstance(files, dict) or not files:
        raise ValueError(f"The {contents.index} of {where} is damaged: '{KEY}' must be an object with an entry for each file.")
    accepted = (*contents.required, *contents.optional)
    for name in files:
        if name not in accepted:
            raise ValueError(f"The {contents.index} of {where} names the file {name!r}; accepted are {', '.join(accepted)}.")
    missing = [name for name in contents.required if name not in files]
    if missing:
        raise ValueError(f"The {contents.index} of {where} names no {', '.join(missing)}.")
    return {name: _read_part(f"The {contents.index} of {where} is damaged: {name}", part) for name, part in files.items()}


def _read_part(what, part):
    if not isinstance(part, dict):
        raise ValueError(f"{what} must have sha256 and bytes.")
    digest, size = part.get("sha256"), part.get("bytes")
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise ValueError(f"{what} must have a sha256 of 64 hexadecimal digits; it is {digest!r}.")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise ValueError(f"{what} must have bytes, an integer of at least 0; it is {size!r}.")
    return Part(digest, size)
