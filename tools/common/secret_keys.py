"""Secret keys on the command line. `@FILE` keeps them out of the list of processes and the shell's history."""

from __future__ import annotations

from pathlib import Path

_LONGEST = 4096


def read_key(given: str) -> str:
    """Return a key, or what `@FILE` contains.

    Raises:
        FileNotFoundError: If the file does not exist.
        ValueError: If the file is not a line of text.
    """
    if not given.startswith("@"):
        return given
    path = Path(given[1:]).expanduser()
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path} with a key.")
    with path.open("rb") as opened:
        content = opened.read(_LONGEST + 1)
    try:
        lines = content.decode().split("\n")
    except UnicodeDecodeError:
        lines = []
    if len(content) > _LONGEST or not lines or any(lines[1:]):
        raise ValueError(f"{path} must contain a key: one line of text.")
    return lines[0].rstrip("\r")
