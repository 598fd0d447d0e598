"""The settings of a training run: its flags, what `preset.json` records of them, and what identifies the run."""

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
        """Return the settings of a new run.

        Args:
            own: Names of the flags that only this program has.
            settings: Builder arguments given by the user.
        """
        names = own + RECORDED
        values: dict[str, Any] = {name: flags.FLAGS[name].value for name in (*names, "epochs")}
        return cls(flags=names, settings=settings, **values)

    @classmethod
    def from_metadata(cls, own: tuple[str, ...], training: Training) -> Run:
        """Return the settings of a resumed run from the metadata in its `preset.json`."""
        given = {name: getattr(training, name) for name in (*own, *RECORDED, "epochs", "settings", "replicas")}
        return cls(flags=own + RECORDED, **{name: value for name, value in given.items() if value is not None})

    def check_flags(self, folder: Path, more: Mapping[str, tuple[Any, Any]]) -> None:
        """Check that no given flag differs from the recorded value.

        Args:
            folder: The run's folder, for the message.
            more: Other settings by name: the given value, and the recorded one.

        Raises:
            ValueError: If one does, with both values.
        """
        given = {name: (flags.FLAGS[name].value, getattr(self, name)) for name in self.flags if flags.FLAGS[name].present}
        for name, (value, recorded) in {**given, **more}.items():
            if value != recorded:
                raise ValueError(f"{folder} was trained with {name}={recorded}; it cannot be resumed with {name}={value}.")

    def as_metadata(self) -> dict[str, Any]:
        """Return what `preset.json` records under `training`."""
        replicas = {"replicas": self.replicas} if self.replicas > 1 else {}
        return {**self._values(), "epochs": self.epochs, "settings": dict(self.settings), **replicas}

    def identity(self) -> dict[str, Any]:
        """Return what identifies the run, by name: checkpoints of a run that differs are refused."""
        return {**self._values(), **self.settings}

    def as_flags(self) -> list[str]:
        """Return the flags that repeat the run."""
        values = {**self._values(), "epochs": self.epochs}
        return [f"--{name}={value}" for name, value in values.items() if value is not None] + [
            f"--set={name}={json.dumps(value)}" for name, value in self.settings.items()
        ]

    def _values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.flags}


# Flags that `load_data` takes as they are.
DATA_OPTIONS = (
    "crop",
    "background",
    "scale",
    "direction",
    "mask",
    "make_pairs",
    "degrade",
    "labels",
    "sample_rate",
    "place",
    "trim",
    "loudness",
    "name_pattern",
    "test_part",
    "frames",
    "given",
    "stride",
    "fps",
    "digits",
)


def options_to_measure(training: Training) -> dict[str, Any]:
    """Return the options of the data that a model was trained on, by name, without those that hold during training only.

    Args:
        training: The `Training` of a preset.
    """
    given = {name: getattr(training, name) for name in DATA_OPTIONS}
    # Random parts are for training; recordings are measured whole.
    return {name: value for name, value in given.items() if (name, value) != ("place", "random")}


# Flags that determine how text becomes tokens.
TEXT_OPTIONS = (
    "tokens",
    "vocabulary_size",
    "length",
    "longer",
    "windows",
    "labelled",
    "text_field",
    "label_field",
    "contexts",
    "context_field",
    "context_length",
)

# The flags whose values a resumed run takes from its metadata, besides the program's own flags.
RECORDED = (
    "split",
    "crop",
    "background",
    "flip",
    "scale",
    "direction",
    "mask",
    "make_pairs",
    "degrade",
    "labels",
    "batch_size",
    "seed",
    "precision",
    "augment",
    "privacy",
    "metrics",
    "extractor",
    "evaluate_num",
    "evaluate_every",
    *TEXT_OPTIONS,
    "sample_rate",
    "place",
    "trim",
    "loudness",
    "name_pattern",
    "test_part",
    "frames",
    "given",
    "stride",
    "fps",
    "digits",
)


def default_ema(steps: int) -> float:
    """Return a decay of the generator's moving average that averages over about a twentieth of a run, 10 to 10,000 steps."""
    window = min(max(steps / 20, 10), 10_000)
    return float(f"{1 - 1 / window:.4f}")
