"""Options of recordings, and what folders and names tell of them before any is read."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from keras_gans.audio.files import Look
from keras_gans.data.file_names import Names, classes_by_folder
from keras_gans.data.held_out import is_held_out
from keras_gans.data.name_pattern import NamePattern, Part, number
from keras_gans.data.placing import Placing
from keras_gans.data.registry import Request
from keras_gans.errors import check_count

_LABEL = "label"


@dataclasses.dataclass(frozen=True)
class RecordingOptions:
    """The options of `wav:PATH`.

    Attributes:
        placing: How recordings become sounds of one length.
        sample_rate: Samples per second; None for that of the recordings.
        length: Samples of a sound; None for the length of the longest.
        pattern: What the names of files tell, or None.
        test: What belongs to the split "test"; None for a twentieth.
    """

    placing: Placing
    sample_rate: int | None
    length: int | None
    pattern: NamePattern | None
    test: Part | None

    def rate_of(self, root: Path, looks: Sequence[Look]) -> int:
        """Return the sample rate: the one asked for, or that of all recordings."""
        if self.sample_rate is not None:
            return self.sample_rate
        rates, counts = np.unique([each.sample_rate for each in looks], return_counts=True)
        if len(rates) > 1:
            listed = ", ".join(f"{count:,} of {rate:,} Hz" for rate, count in zip(rates, counts, strict=True))
            raise ValueError(f"{root} contains recordings of several sample rates ({listed}): choose a sample_rate.")
        return int(rates[0])


def read_options(request: Request) -> RecordingOptions:
    """Return the options of a request.

    Raises:
        ValueError: If one is unknown or out of range, or they do not fit each other.
    """
    given = request.options
    placing = {name: given[name] for name in ("place", "trim", "loudness") if name in given}
    sizes = {name: check_count(name, given[name]) if name in given else None for name in ("sample_rate", "length")}
    pattern = NamePattern(given["name_pattern"]) if "name_pattern" in given else None
    if pattern is None and "test_part" in given:
        raise ValueError("test_part needs name_pattern, which says what the names of files tell.")
    test = Part(given["test_part"], pattern.fields) if pattern is not None and "test_part" in given else None
    if placing.get("place") == "random" and sizes["length"] is None:
        raise ValueError("place='random' needs a length.")
    return RecordingOptions(Placing(**placing), sizes["sample_rate"], sizes["length"], pattern, test)


class KnownOfRecordings:
    """What folders and names tell of recordings, before any is read.

    Args:
        root: The folder.
        names: The recordings below it.
        options: The options.

    Attributes:
        notes: Notes for the user.

    Raises:
        ValueError: If the pattern fits no name.
    """

    def __init__(self, root: Path, names: Names, options: RecordingOptions):
        self._options, self.notes = options, list[str]()
        self._stems = [Path(names[position]).relative_to(root).with_suffix("") for position in range(len(names))]
        self._labels, self._class_names = classes_by_folder(root, names)
        self._fields: list[dict[str, str]] = []
        self._positions = np.arange(len(names))
        if options.pattern is not None:
            fields = [options.pattern.read(stem.name) for stem in self._stems]
            self._positions = np.flatnonzero([each is not None for each in fields])
            self._fields = [each or {} for each in fields]
            if len(names) and not len(self._positions):
                raise ValueError(f"name_pattern='{options.pattern.pattern}' does not fit {self._stems[0].name}.")
            others = len(names) - len(self._positions)
            if others:
                self.notes.append(f"{others:,} recordings were left out, whose names do not fit {options.pattern.pattern}")

    def of_split(self, split: str) -> np.ndarray:
        """Return the positions of the recordings of a split, sorted."""
        if split == "all":
            return self._positions
        held = np.array([self._is_test(int(position)) for position in self._positions], dtype=bool)
        return self._positions[held == (split == "test")]

    def _is_test(self, position: int) -> bool:
        test = self._options.test
        if test is not None:
            return self._fields[position][test.field] in test
        return is_held_out(self._stems[position].as_posix())

    def conditions(self, positions: np.ndarray) -> tuple[dict[str, np.ndarray], list[str] | None, dict[str, list[str]]]:
        """Return the conditions of recordings, the names of their labels, and those of other conditions."""
        found: dict[str, np.ndarray] = {}
        meanings: dict[str, list[str]] = {}
        class_names = self._class_names
        if self._labels is not None:
            found["labels"] = self._labels[positions]
        for field in self._options.pattern.fields if self._options.pattern else ():
            # Numbered over all recordings, so that every split has the same numbers.
            numbers, names = number(self._fields[position][field] for position in self._positions)
            values = np.zeros(len(self._stems), "int32")
            values[self._positions] = numbers
            if field == _LABEL:
                found["labels"], class_names = values[positions], names
            elif not all(name.isdecimal() for name in names):
                found[field], meanings[field] = values[positions], names
        return found, class_names, meanings
