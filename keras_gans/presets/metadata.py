"""What `preset.json` says of a model: its typed form, read and written here alone.

A file of another version may have keys that this one does not know. They are kept, as is the order of all keys: a file that
is read and written is the same, byte for byte.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from typing import Any, Self

from keras_gans.files import as_json, read_object, write_json


class _Object:
    """An object of JSON whose known keys are the fields of a dataclass.

    What a file holds as null has its field's default, as what it does not hold.
    """

    others: Mapping[str, Any]
    names: tuple[str, ...]
    nulls: frozenset[str]

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Returns what a mapping says, such as JSON gives.

        Raises:
            ValueError: If a value is of another kind than its field's.
        """
        given = {name: value for name, value in content.items() if value is not None}
        known = {name: given[name] for name in cls.known_names() if name in given}
        return cls(
            **{name: cls._read(name, value) for name, value in known.items()},
            others={name: value for name, value in given.items() if name not in known},
            names=tuple(content),
            nulls=frozenset(name for name in content if content[name] is None),
        )

    def to_dict(self) -> dict[str, Any]:
        """Returns it as JSON can hold it: the keys that were read in their order, then others that say something."""
        values = {**{name: getattr(self, name) for name in self.known_names()}, **self.others}
        defaults = {field.name: _default(field) for field in dataclasses.fields(self)}
        found = {}
        for name in dict.fromkeys([*self.names, *values]):
            value, default = values.get(name), defaults.get(name)
            if name in self.names and name in self.nulls and value == default:
                found[name] = None
            elif name in self.names or value != default:
                found[name] = value.to_dict() if isinstance(value, _Object) else value
        return found

    def update(self, **changes: Any) -> Self:
        """Returns a copy with other values, of unknown keys, too."""
        known = {name: value for name, value in changes.items() if name in self.known_names()}
        unknown = {name: value for name, value in changes.items() if name not in known}
        return dataclasses.replace(
            self, **known, others={**self.others, **unknown}, names=tuple(dict.fromkeys([*self.names, *changes]))
        )

    def without(self, *names: str) -> Self:
        """Returns a copy that does not say anything under these keys."""
        defaults = {field.name: _default(field) for field in dataclasses.fields(self) if field.name in names}
        others = {name: value for name, value in self.others.items() if name not in names}
        return dataclasses.replace(
            self, **defaults, others=others, names=tuple(name for name in self.names if name not in names)
        )

    @classmethod
    def known_names(cls) -> list[str]:
        """Returns the keys that are known, in the order in which they are written where no file had another."""
        return [field.name for field in dataclasses.fields(cls) if field.name not in _Object.__annotations__]

    @classmethod
    def _read(cls, name, value):
        return value


def _default(field):
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


@dataclasses.dataclass(frozen=True)
class Training(_Object):
    """How a model was trained: `training` in `preset.json`. The flags of `keras-gans train` and `finetune`, and how far it is.

    Attributes:
        epochs_done: Epochs that a run has done so far.
        seconds: Seconds of training so far, those of earlier processes included.
        dataset: The data source, as `--dataset` says it.
        image_size: What images were resized to, such as `"64x96"`; None for their own size.
        freeze_discriminator: Number of the discriminator's layers that fine-tuning kept.
        split: Split of the data.
        crop: How images got other proportions: `"centre"`, `"random"` or `"pad"`.
        background: Colour behind transparent and beside padded images.
        flip: Whether images were mirrored at random.
        batch_size: Samples of a step.
        seed: Seed of initial weights, training noise and the order of the data.
        precision: What layers computed in: `"float32"`, `"mixed_bfloat16"` or `"mixed_float16"`.
        augment: Augmentations before the discriminator, separated by commas.
        metrics: Metrics measured while training, separated by commas; `"none"` for none.
        extractor: Feature extractor of these.
        evaluate_num: Samples that were measured.
        evaluate_every: Epochs between two measurements.
        tokens: What text was split into: `"words"`, `"characters"` or `"subwords"`.
        vocabulary_size: Largest number of tokens.
        length: Tokens of a sentence at most.
        longer: What was done with longer ones: `"cut"` or `"drop"`.
        windows: Whether the text was running text, cut into windows.
        labelled: Whether its lines had labels.
        epochs: Epochs that the run was to have.
        settings: Builder arguments that were given by `--set`, `--learning_rate` and `--ema`.
        replicas: Number of devices, if there were several.
        epoch: Epoch, counted from 1, in which the best model was found.
        step: Training step of that moment.
        cpu_seconds: Seconds of CPU time, measuring included.
        hardware: Processor or accelerator, in words.
        others: Keys that this version does not know.
        names: All keys in the order of the file.
        nulls: Keys whose value in the file is null.
    """

    epochs_done: int | None = None
    seconds: float | None = None
    dataset: str | None = None
    image_size: str | None = None
    freeze_discriminator: int | None = None
    split: str | None = None
    crop: str | None = None
    background: str | None = None
    flip: bool | None = None
    batch_size: int | None = None
    seed: int | None = None
    precision: str | None = None
    augment: str | None = None
    metrics: str | None = None
    extractor: str | None = None
    evaluate_num: int | None = None
    evaluate_every: int | None = None
    tokens: str | None = None
    vocabulary_size: int | None = None
    length: int | None = None
    longer: str | None = None
    windows: bool | None = None
    labelled: bool | None = None
    epochs: int | None = None
    settings: dict[str, Any] | None = None
    replicas: int | None = None
    epoch: int | None = None
    step: int | None = None
    cpu_seconds: float | None = None
    hardware: str | None = None
    others: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    names: tuple[str, ...] = ()
    nulls: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True)
class Metadata(_Object):
    """What `preset.json` says of a model. Everything but `parameters`, `medium`, `conditions`, `version`, `files` and `sha256`,
    which `save_preset` finds out, may be missing.

    Attributes:
        description: What the model generates, in a sentence.
        dataset: The data source it was trained on, as `load_data` takes it.
        dataset_source: Where the data come from: their authors, an address.
        dataset_licence: Licence of the data.
        licence: Licence of the weights.
        classes: What each label means.
        recipe: The command that trains the model.
        pretrain: The command that makes the whole preset.
        fine_tuned_from: What a fine-tuned model began from: `preset` (as it was named), `sha256` (of its weights), and, where
            it says so, its `dataset`, `dataset_licence` and `fine_tuned_from`.
        metrics: What was measured, by the metric's name: numbers, or null.
        protocol: How `metrics` were measured while training: `keras_gans.evaluation.Protocol` as a dict.
        seeds: Seeds of the samples that were measured.
        logs: What the last epoch logged, by name.
        evaluations: What `keras-gans evaluate` found, each with its `command`, `protocol`, `seeds`, `metrics` (each with
            `mean`, `std`, `values`), `real` and, of text, `temperature`.
        rounding: How weights are stored, and what that changes: `dtype`, `metric`, `float32` and `float16` (its two values).
        expected: What a repetition may expect: `core_minutes` or `gpu_minutes`, and metrics.
        training: How it was trained.
        parameters: Number of weights by network: `generator`, `discriminator`.
        medium: What a sample is: `name`, and the arguments of that medium. Older files do not say it.
        conditions: What the model is told, by name: `kind`, and the arguments of that condition.
        use: What the model is good for, in words.
        limits: What it is not good for.
        failures: What it does badly.
        citation: How to cite it.
        version: Version of keras_gans that saved it.
        files: Size (`bytes`) and `sha256` of each file that a load needs, by name.
        sha256: SHA-256 of the weights.
        previous: While a preset is being replaced: `sha256`, `config` and `medium` of what was there.
        others: Keys that this version does not know.
        names: All keys in the order of the file.
        nulls: Keys whose value in the file is null.
    """

    description: str = ""
    dataset: str = ""
    dataset_source: str = ""
    dataset_licence: str = ""
    licence: str = ""
    classes: list[str] = dataclasses.field(default_factory=list)
    recipe: str = ""
    pretrain: str = ""
    fine_tuned_from: dict[str, Any] = dataclasses.field(default_factory=dict)
    metrics: dict[str, float | None] = dataclasses.field(default_factory=dict)
    protocol: dict[str, Any] = dataclasses.field(default_factory=dict)
    seeds: list[int] = dataclasses.field(default_factory=list)
    logs: dict[str, float] = dataclasses.field(default_factory=dict)
    evaluations: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    rounding: dict[str, Any] = dataclasses.field(default_factory=dict)
    expected: dict[str, float] = dataclasses.field(default_factory=dict)
    training: Training = dataclasses.field(default_factory=Training)
    parameters: dict[str, int] = dataclasses.field(default_factory=dict)
    medium: dict[str, Any] = dataclasses.field(default_factory=dict)
    conditions: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
    use: str = ""
    limits: str = ""
    failures: str = ""
    citation: str = ""
    version: str = ""
    files: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
    sha256: str = ""
    previous: dict[str, Any] = dataclasses.field(default_factory=dict)
    others: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    names: tuple[str, ...] = ()
    nulls: frozenset[str] = frozenset()

    @classmethod
    def read(cls, path: str | os.PathLike) -> Metadata:
        """Reads a `preset.json`.

        Raises:
            ValueError: If it is no such file, naming it.
        """
        content = read_object(path)
        try:
            return cls.from_dict(content)
        except ValueError as error:
            raise ValueError(f"{path} is damaged: {error}") from error

    def write(self, path: str | os.PathLike) -> None:
        """Writes a `preset.json`, replacing the file whole."""
        write_json(path, self.to_dict())

    def to_json(self) -> bytes:
        """Returns what `write` writes."""
        return as_json(self.to_dict())

    @classmethod
    def _read(cls, name, value):
        if isinstance(value, Training):
            return value
        if name != "training" and name not in _OBJECTS:
            return value
        if not isinstance(value, Mapping):
            raise ValueError(f"'{name}' must be an object; it is {value!r}.")
        return Training.from_dict(value) if name == "training" else value


# Fields that hold objects, in which readers look for keys.
_OBJECTS = frozenset(
    field.name for field in dataclasses.fields(Metadata) if field.default_factory is dict and field.name != "others"
)
