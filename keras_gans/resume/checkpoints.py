"""Checkpoint files: arrays and facts, checksummed, the newest few in a folder.

A checkpoint is a NumPy archive (`numpy.load` reads it), never pickled. Its last 64 bytes, a zip comment, are the SHA-256 of all
bytes before them in hexadecimal digits.
"""

import hashlib
import io
import json
import os
import re
import warnings
from pathlib import Path

import numpy as np

from keras_gans.files import remove_leftovers, replacing, sync_folder

FORMAT = 1
_DIGITS = 64
_NAME = re.compile(r"epoch_(\d+)_step_(\d+)\.npz")


class DamagedCheckpointError(ValueError):
    """A file that is not what was written, and how that is seen."""


class CheckpointFolder:
    """The checkpoints of one run, named by how many epochs are done and how many steps of the next.

    Args:
        folder: Where they are; made when the first is written.
        keep: How many of the newest are kept, an integer >= 1.
    """

    def __init__(self, folder, keep=3):
        self.folder = Path(folder)
        self.keep = keep

    def paths(self) -> list[Path]:
        """Returns the checkpoints, newest first."""
        if not self.folder.is_dir():
            return []
        return sorted(filter(_position, self.folder.iterdir()), key=_position, reverse=True)

    def save(self, facts: dict, state: dict) -> None:
        """Writes a checkpoint and removes those that are too many.

        Args:
            facts: What JSON can hold; `epoch` and `step` say how many epochs are done, and how many steps of the next.
            state: Lists of arrays by group.
        """
        path = self.folder / f"epoch_{facts['epoch']:04d}_step_{facts['step']:06d}.npz"
        write_checkpoint(path, facts, state)
        sync_folder(self.folder)
        paths = self.paths()
        # Those beyond this one were damaged when the run was taken up before them.
        later = [other for other in paths if _position(other) > _position(path)]
        for other in [*later, *paths[len(later) + self.keep :]]:
            other.unlink(missing_ok=True)

    def newest(self):
        """Returns facts and state of the newest checkpoint that is whole, or None where there is none at all.

        Damaged ones are passed over with a warning that names the file and the damage.

        Raises:
            ValueError: If all are damaged, or the newest was written by a newer version.
        """
        damages = []
        for path in self.paths():
            try:
                found = read_checkpoint(path)
            except DamagedCheckpointError as damage:
                damages.append(str(damage))
                continue
            for damage in damages:
                warnings.warn(f"{damage} Going on from {path.name}, the one before.", stacklevel=2)
            return found
        if damages:
            raise ValueError(f"{' '.join(damages)} No other checkpoint is left: delete {self.folder} to begin anew.")
        return None

    def remove_leftovers(self) -> None:
        """Removes what a killed process was just writing. To be called while no other process writes."""
        remove_leftovers(self.folder, "epoch_*.npz")


def _position(path):
    match = _NAME.fullmatch(path.name)
    return tuple(map(int, match.groups())) if match else None


def write_checkpoint(path: str | os.PathLike, facts: dict, state: dict) -> None:
    """Writes lists of arrays by group, and facts that JSON can hold; the file is replaced whole."""
    arrays = {_name(group, i): _storable(array) for group, members in state.items() for i, array in enumerate(members)}
    text = json.dumps({"format": FORMAT, **facts, "groups": {group: len(members) for group, members in state.items()}})
    with replacing(path) as temporary, open(temporary, "w+b") as f:
        np.savez(f, facts=text, **arrays)
        # The archive ends with the length of its comment, 0 so far.
        f.seek(-2, os.SEEK_END)
        f.write(_DIGITS.to_bytes(2, "little"))
        f.seek(0)
        digest = hashlib.file_digest(f, "sha256").hexdigest()
        f.seek(0, os.SEEK_END)
        f.write(digest.encode())


def read_checkpoint(path: str | os.PathLike) -> tuple[dict, dict]:
    """Returns facts and state as they were written.

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
    # Nothing of the file is looked into before it is known to be whole.
    if hashlib.sha256(body).hexdigest().encode() != digest:
        raise DamagedCheckpointError(f"{path} is damaged (its {len(content):,} bytes do not match their SHA-256).")
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        facts = json.loads(str(archive["facts"]))
        if facts["format"] > FORMAT:
            raise ValueError(
                f"{path} was written by a newer version of keras_gans: its format is {facts['format']}, this version reads "
                f"{FORMAT}. Update keras_gans."
            )
        state = {group: [archive[_name(group, index)] for index in range(count)] for group, count in facts["groups"].items()}
    return facts, state


def _name(group, index):
    return f"{group}/{index:05d}"


def _storable(array):
    """Returns an array as NumPy itself knows it: bfloat16 and its like are stored as the integers of their bits."""
    return array.view(f"uint{8 * array.itemsize}") if array.dtype.kind == "V" else array
