"""A study's folder: `study.json`, which describes it, `media/` with its items, and later `answers.sqlite`."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keras_gans._typing import PathLike
from keras_gans.files import as_json, read_object, sha256
from keras_gans.study.protocols import PROTOCOLS, REAL, Protocol, Staircase, find_protocol

DESCRIPTION, MEDIA, ANSWERS = "study.json", "media", "answers.sqlite"
FORMAT = 1  # of study.json
# What an item is for. Practice and qualification items are never among those that count.
ROLES = ("pool", "practice", "qualification", "gold", "mask")
_NAME = re.compile(r"[0-9a-f]{16}")


@dataclasses.dataclass(frozen=True)
class Item:
    """Something to look at, to hear or to read.

    Attributes:
        name: 16 hexadecimal digits that tell nothing about it.
        source: `"real"`, the name of a model, or `"spoiled"` for a real sample that nobody takes for one.
        role: One of `ROLES`.
        sha256: SHA-256 of its file, or of its text in UTF-8.
        text: The sentence, if it is one.
        log_probabilities: The mean natural logarithm of the probability of its tokens, by the name of each model that tells it.
    """

    name: str
    source: str
    role: str
    sha256: str
    text: str | None = None
    log_probabilities: Mapping[str, float] | None = None


@dataclasses.dataclass(frozen=True)
class Study:
    """A study, as `study.json` describes it.

    Attributes:
        protocol: How samples are shown, and what is asked.
        models: Names of the models.
        dataset: Name of the real data.
        medium: Name of the medium.
        seed: Seed of the items and of every participant's trials.
        items: All items.
        trials: Trials that count, for each participant.
        golds: Trials with an obvious answer, for each participant.
        repeats: Trials that are shown twice, for each participant.
        practice: Trials with feedback before the others.
        qualification: Trials that a participant must mostly answer rightly to go on; 0 for none.
        break_every: A break is offered after so many trials.
        staircase: How exposures of the `timed` protocol follow the answers.
        question: What raters are asked.
        consent: What participants read before they begin; paragraphs are divided by empty lines.
        completion_code: Code that all participants get at the end; None for one of each.
        folder: Where it is; None if its items have no files.
    """

    protocol: Protocol
    models: tuple[str, ...]
    dataset: str
    medium: str
    seed: int
    items: tuple[Item, ...]
    trials: int
    golds: int
    repeats: int
    practice: int
    qualification: int
    break_every: int
    staircase: Staircase
    question: str
    consent: str
    completion_code: str | None = None
    folder: Path | None = None

    @property
    def contestants(self) -> tuple[str, ...]:
        """The models, after the real data."""
        return (REAL, *self.models)

    @functools.cached_property
    def by_name(self) -> Mapping[str, Item]:
        """The items by their names."""
        return {item.name: item for item in self.items}

    @functools.cached_property
    def _names(self) -> Mapping[tuple[str, str | None], list[str]]:
        found: dict[tuple[str, str | None], list[str]] = {}
        for item in self.items:
            for source in (item.source, None):
                found.setdefault((item.role, source), []).append(item.name)
        return found

    def named(self, role: str, source: str | None = None) -> list[str]:
        """Return the names of the items of a role, and of a source if one is given."""
        return list(self._names.get((role, source), ()))

    @functools.cached_property
    def digest(self) -> str:
        """SHA-256 of `study.json`, by which its answers are told from those of another study."""
        return hashlib.sha256(as_json(self.to_dict())).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Return the content of `study.json`."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self) if field.name != "folder"}
        fields |= {
            "protocol": self.protocol.name,
            "models": list(self.models),
            "staircase": dataclasses.asdict(self.staircase),
            "items": [{name: value for name, value in vars(item).items() if value is not None} for item in self.items],
        }
        return {"format": FORMAT, **fields}


def load_study(folder: PathLike) -> Study:
    """Read a study and check its items against their hashes.

    Args:
        folder: What `create_study` wrote.

    Raises:
        FileNotFoundError: If there is no study, or a file of an item is missing.
        ValueError: If `study.json` is not one, is of another version, or a file was changed.
    """
    folder = Path(folder)
    path = folder / DESCRIPTION
    if not path.is_file():
        raise FileNotFoundError(f"{folder} holds no study: there is no {DESCRIPTION}. Make one with keras-gans study create.")
    study = _from_dict(read_object(path), folder)
    for item in study.items:
        text = None if item.text is None else item.text.encode()
        found = sha256(media_path(study, item)) if text is None else hashlib.sha256(text).hexdigest()
        if found != item.sha256:
            raise ValueError(f"{folder}: item {item.name} was changed after the study was made. Make the study again.")
    return study


def media_path(study: Study, item: Item) -> Path:
    """Return the file of an item.

    Raises:
        FileNotFoundError: If there is none.
    """
    if study.folder is None:
        raise FileNotFoundError("The items of this study have no files.")
    path = study.folder / MEDIA / file_name(study, item)
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: it is an item of the study.")
    return path


def file_name(study: Study, item: Item) -> str:
    """Return the name of an item's file."""
    from keras_gans.study.encoding import SUFFIXES

    return item.name + SUFFIXES[study.medium]


def _from_dict(content: dict[str, Any], folder: Path) -> Study:
    path = folder / DESCRIPTION
    if content.get("format") != FORMAT:
        raise ValueError(
            f"{path} has the format {content.get('format')!r}, not {FORMAT}: another version of keras_gans made it."
        )
    try:
        fields = {key: value for key, value in content.items() if key != "format"}
        fields["protocol"] = find_protocol(fields["protocol"])
        fields["models"] = tuple(fields["models"])
        fields["staircase"] = Staircase(**fields["staircase"])
        fields["items"] = tuple(Item(**item) for item in fields["items"])
        study = Study(**fields, folder=folder)
        wrong = [item.name for item in study.items if not _NAME.fullmatch(item.name) or item.role not in ROLES]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} does not describe a study ({', '.join(PROTOCOLS)}): {error}.") from error
    if wrong:
        raise ValueError(f"{path} does not describe a study: {wrong[0]!r} is not an item.")
    return study
