"""The settings of a training run: what its flags say, what `preset.json` records of them, and what determines it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from absl import flags

from keras_gans.presets import Training, TrainingFlags


@dataclasses.dataclass(frozen=True)
class Run(TrainingFlags):
    """Settings of a training run: `keras_gans.presets.TrainingFlags`, of which these always have a value.

    Attributes:
        flags: Names of the flags that determine the run, in the order in which they are recorded.
    """

    flags: tuple[str, ...] = ()
    dataset: str = ""
    split: str = "train"
    batch_size: int = 64
    seed: int = 0
    precision: str = "float32"
    epochs: int = 1
    settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    replicas: int = 1

    @classmethod
    def from_flags(cls, own: tuple[str, ...], settings: Mapping[str, Any]) -> Run:
        """Returns the settings of a new run.

        Args:
            own: Names of the flags that only this program has.
            settings: Builder arguments that the user gave.
        """
        names = own + RECORDED
        return cls(
            flags=names,
            settings=settings,
            epochs=flags.FLAGS["epochs"].value,
            **{name: flags.FLAGS[name].value for name in names},
        )

    @classmethod
    def from_metadata(cls, own: tuple[str, ...], training: Training) -> Run:
        """Returns the settings of a run that goes on, as its `preset.json` records them."""
        given = {name: getattr(training, name) for name in (*own, *RECORDED, "epochs", "settings", "replicas")}
        return cls(flags=own + RECORDED, **{name: value for name, value in given.items() if value is not None})

    def check_flags(self, folder: Path, more: Mapping[str, tuple[Any, Any]]) -> None:
        """Checks that no flag that was given differs from what is recorded.

        Args:
            folder: The run's folder, for the message.
            more: What else was given, by name: its value, and what is recorded.

        Raises:
            ValueError: If one does, with both values.
        """
        given = {name: (flags.FLAGS[name].value, getattr(self, name)) for name in self.flags if flags.FLAGS[name].present}
        for name, (value, recorded) in {**given, **more}.items():
            if value != recorded:
                raise ValueError(f"{folder} was trained with {name}={recorded}; it cannot go on with {name}={value}.")

    def as_metadata(self) -> dict[str, Any]:
        """Returns what `preset.json` records under `training`."""
        replicas = {"replicas": self.replicas} if self.replicas > 1 else {}
        return {**self._values(), "epochs": self.epochs, "settings": dict(self.settings), **replicas}

    def identity(self) -> dict[str, Any]:
        """Returns what determines the run, by name: checkpoints of a run with anything else are refused."""
        return {**self._values(), **self.settings}

    def as_flags(self) -> list[str]:
        """Returns the flags that train such a run again."""
        values = {**self._values(), "epochs": self.epochs}
        return [f"--{name}={value}" for name, value in values.items() if value is not None] + [
            f"--set={name}={json.dumps(value)}" for name, value in self.settings.items()
        ]

    def _values(self):
        return {name: getattr(self, name) for name in self.flags}


# What a resumed run takes over from the run it goes on with, beside what the program's own flags say.
RECORDED = (
    "split",
    "crop",
    "background",
    "flip",
    "batch_size",
    "seed",
    "precision",
    "augment",
    "metrics",
    "extractor",
    "evaluate_num",
    "evaluate_every",
    "tokens",
    "vocabulary_size",
    "length",
    "longer",
    "windows",
    "labelled",
)
