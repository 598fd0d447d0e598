"""The entry `files` of a folder's index: size and SHA-256 of each file that a load needs."""

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keras_gans.files import sha256

KEY = "files"
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclasses.dataclass(frozen=True)
class Part:
    """What one file must be.

    Attributes:
        sha256: SHA-256 in hexadecimal digits.
        bytes: Size.
    """

    sha256: str
    bytes: int

    def is_at(self, path: Path) -> bool:
        """Return whether a path holds this file."""
        return path.is_file() and path.stat().st_size == self.bytes and sha256(path) == self.sha256


@dataclasses.dataclass(frozen=True)
class Contents:
    """The files that a folder may have.

    Attributes:
        index: Name of the JSON file that describes the others.
        required: Files that must be there.
        optional: Files that may be there. All others are refused, so no name can lead out of the folder.
    """

    index: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


def describe(contents: Mapping[str, Path | bytes]) -> dict[str, dict[str, Any]]:
    """Return the manifest of some files: name -> `{"sha256": ..., "bytes": ...}`.

    Args:
        contents: Name of a file -> its path, or its content.
    """
    found = {}
    for name, content in contents.items():
        if isinstance(content, bytes):
            found[name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        else:
            found[name] = {"sha256": sha256(content), "bytes": content.stat().st_size}
    return found


def read(content: bytes, contents: Contents, where: str) -> dict[str, Part]:
    """Read the manifest in an index.

    Args:
        content: Content of the index.
        contents: Files that are accepted.
        where: Name of the folder in messages.

    Returns:
        Name of a file -> what it must be.

    Raises:
        ValueError: If the index is not one, or names a file that is not accepted.
    """
    try:
        index = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{where} is not a preset: its {contents.index} is not JSON.") from error
    if not isinstance(index, dict):
        raise ValueError(f"{where} is not a preset: its {contents.index} is not a JSON object.")
    what = f"The {contents.index} of {where}"
    if KEY not in index:
        raise ValueError(
            f"{what} has no '{KEY}', by which the other files are checked. Save the preset again with this version of "
            "keras_gans (load_pretrained, save_preset) and publish the result."
        )
    files = index[KEY]
    if not isinstance(files, dict) or not files:
        raise ValueError(f"{what} is damaged: '{KEY}' must be an object with an entry for each file.")
    accepted = (*contents.required, *contents.optional)
    for name in files:
        if name not in accepted:
            raise ValueError(f"{what} names the file {name!r}; accepted are {', '.join(accepted)}.")
    missing = [name for name in contents.required if name not in files]
    if missing:
        raise ValueError(f"{what} does not name {', '.join(missing)}.")
    return {name: _read_part(f"{what} is damaged: {name}", part) for name, part in files.items()}


def _read_part(what: str, part: Any) -> Part:
    if not isinstance(part, dict):
        raise ValueError(f"{what} must have sha256 and bytes.")
    digest, size = part.get("sha256"), part.get("bytes")
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise ValueError(f"{what} must have a sha256 of 64 hexadecimal digits; it is {digest!r}.")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise ValueError(f"{what} must have bytes, an integer of at least 0; it is {size!r}.")
    return Part(digest, size)
