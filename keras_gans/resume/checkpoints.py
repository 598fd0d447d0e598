"""Checkpoint files: arrays and metadata with a checksum, and a folder that keeps the newest ones.

A checkpoint is a NumPy archive (`numpy.load` reads it) without pickles. Its last 64 bytes, a zip comment, are the SHA-256 of
all bytes before them in hexadecimal digits.
"""

import hashlib
import io
import json
import os
import re
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from keras_gans._typing import Array, PathLike
from keras_gans.files import remove_leftovers, replacing, sync_folder

FORMAT = 1
_DIGITS = 64
_NAME = re.compile(r"epoch_(\d+)_step_(\d+)\.npz")


class DamagedCheckpointError(ValueError):
    """A checkpoint does not match its checksum, or cannot be read."""


class CheckpointFolder:
    """The checkpoints of one run, named by the number of epochs done and of steps done of the next epoch.

    Args:
        folder: The folder, created with the first checkpoint.
        keep: Number of newest checkpoints to keep, an integer of at least 1.
    """

    def __init__(self, folder: PathLike, keep: int = 3):
        self.folder = Path(folder)
        self.keep = keep

    def paths(self) -> list[Path]:
        """Return the checkpoints, newest first."""
        if not self.folder.is_dir():
            return []
        found = {path: _position(path) for path in self.folder.iterdir()}
        return [path for _, path in sorted(((at, path) for path, at in found.items() if at), reverse=True)]

    def save(self, facts: dict[str, Any], state: Mapping[str, Sequence[Array]]) -> None:
        """Write a checkpoint and remove surplus ones.

        Args:
            facts: Metadata as JSON values; `epoch` and `step` are the epochs done, and the steps done of the next one.
            state: Lists of arrays by group.
        """
        path = self.folder / f"epoch_{facts['epoch']:04d}_step_{facts['step']:06d}.npz"
        write_checkpoint(path, facts, state)
        sync_folder(self.folder)
        paths = self.paths()
        # Later checkpoints were damaged: the run was resumed before them. Paths are in order, newest first.
        index = paths.index(path)
        for other in [*paths[:index], *paths[index + self.keep :]]:
            other.unlink(missing_ok=True)

    def newest(self) -> tuple[dict[str, Any], dict[str, list[Array]]] | None:
        """Return metadata and state of the newest undamaged checkpoint, or None if there is no checkpoint.

        Damaged ones are skipped with a warning that names the file and the damage.

        Raises:
            ValueError: If all are damaged, or the newest was written by a newer version.
        """
        damages: list[str] = []
        for path in self.paths():
            try:
                found = read_checkpoint(path)
            except DamagedCheckpointError as damage:
                damages.append(str(damage))
                continue
            for text in damages:
                warnings.warn(f"{text} Resuming from {path.name}, the previous one.", stacklevel=2)
            return found
        if damages:
            raise ValueError(f"{' '.join(damages)} No other checkpoint is left: delete {self.folder} to start over.")
        return None

    def remove_older(self) -> None:
        """Remove all checkpoints but the newest."""
        for path in self.paths()[1:]:
            path.unlink(missing_ok=True)

    def remove_leftovers(self) -> None:
        """Remove partial files of a killed process. Call it only while no other process writes."""
        remove_leftovers(self.folder, "epoch_*.npz")


def _position(path: Path) -> tuple[int, ...] | None:
    match = _NAME.fullmatch(path.name)
    return tuple(map(int, match.groups())) if match else None


def write_checkpoint(path: PathLike, facts: dict[str, Any], state: Mapping[str, Sequence[Array]]) -> None:
    """Write lists of arrays by group, and metadata as JSON values. The file is replaced atomically."""
    text = json.dumps({"format": FORMAT, **facts, "groups": {group: len(members) for group, members in state.items()}})
    arrays: dict[str, Any] = {"facts": text}
    arrays |= {_name(group, i): _storable(array) for group, members in state.items() for i, array in enumerate(members)}
    with replacing(path) as temporary, open(temporary, "w+b") as f:
        np.savez(f, **arrays)
        # A zip archive ends with the length of its comment, which is 0 so far.
        f.seek(-2, os.SEEK_END)
        f.write(_DIGITS.to_bytes(2, "little"))
        f.seek(0)
        digest = hashlib.file_digest(f, "sha256").hexdigest()
        f.seek(0, os.SEEK_END)
        f.write(digest.encode())


def read_checkpoint(path: PathLike) -> tuple[dict[str, Any], dict[str, list[Array]]]:
    """Return metadata and state as they were written.

    Raises:
        DamagedCheckpointError: If the file is not what was written.
        ValueError: If a newer version wrote it.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DamagedCheckpointError(f"{path} cannot be read ({error.strerror or error}).") from error
    body, digest = memoryview(content)[:-_DIGITS], content[-_DIGITS:]
    # The file is not parsed before it is known to be undamaged.
    if hashlib.sha256(body).hexdigest().encode() != digest:
        raise DamagedCheckpointError(f"{path} is damaged (its {len(content):,} bytes do not match their SHA-256).")
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        facts = json.loads(str(archive["facts"]))
        if facts["format"] > FORMAT:
            raise ValueError(
                f"{path} was written by a newer version of keras_gans (format {facts['format']}; this version reads format "
                f"{FORMAT}). Update keras_gans."
            )
        state = {group: [archive[_name(group, index)] for index in range(count)] for group, count in facts["groups"].items()}
    return facts, state


def _name(group: str, index: int) -> str:
    return f"{group}/{index:05d}"


def _storable(array: Array) -> Array:
    """Return an array in a dtype of NumPy: bfloat16 and similar types are stored as integers with the same bits."""
    return array.view(f"uint{8 * array.itemsize}") if array.dtype.kind == "V" else array
