"""The metadata of a model in `preset.json`, as typed objects.

A file of another version may have keys that this version does not know. They are kept, and so is the order of all keys: reading
and writing a file leaves it unchanged, byte for byte.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from keras_gans.files import as_json, read_object, write_json

if TYPE_CHECKING:
    from keras_gans._typing import PathLike


@dataclasses.dataclass(frozen=True)
class _Object:
    """A JSON object whose known keys are the fields of a dataclass. Null and a missing key both mean the field's default.

    Attributes:
        others: Values of the keys that this version does not know.
        names: All keys in the order of the file.
        nulls: Keys whose value in the file is null.
    """

    others: Mapping[str, Any] = dataclasses.field(default_factory=dict, kw_only=True)
    names: tuple[str, ...] = dataclasses.field(default=(), kw_only=True)
    nulls: frozenset[str] = dataclasses.field(default=frozenset(), kw_only=True)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Make the object from a mapping, such as a JSON parser returns.

        Raises:
            ValueError: If a value has another type than its field.
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
        """Return a dict that JSON can store: the keys that were read, in their order, then other non-defaults."""
        values = {**{name: getattr(self, name) for name in self.known_names()}, **self.others}
        defaults = {field.name: _default(field) for field in dataclasses.fields(self)}
        found: dict[str, Any] = {}
        for name in dict.fromkeys([*self.names, *values]):
            value, default = values.get(name), defaults.get(name)
            if name in self.names and name in self.nulls and value == default:
                found[name] = None
            elif name in self.names or value != default:
                found[name] = value.to_dict() if isinstance(value, _Object) else value
        return found

    def update(self, **changes: Any) -> Self:
        """Return a copy with some values changed; unknown keys are allowed."""
        known = {name: value for name, value in changes.items() if name in self.known_names()}
        unknown = {name: value for name, value in changes.items() if name not in known}
        return dataclasses.replace(
            self, **known, others={**self.others, **unknown}, names=tuple(dict.fromkeys([*self.names, *changes]))
        )

    def without(self, *names: str) -> Self:
        """Return a copy without these keys."""
        defaults = {field.name: _default(field) for field in dataclasses.fields(self) if field.name in names}
        others = {name: value for name, value in self.others.items() if name not in names}
        return dataclasses.replace(
            self, **defaults, others=others, names=tuple(name for name in self.names if name not in names)
        )

    @classmethod
    def known_names(cls) -> list[str]:
        """Return the known keys, in the order in which a new file has them."""
        own = {field.name for field in dataclasses.fields(_Object)}
        return [field.name for field in dataclasses.fields(cls) if field.name not in own]

    @classmethod
    def _read(cls, name: str, value: Any) -> Any:
        """Check and convert the value of a key."""
        return value


def _default(field: dataclasses.Field[Any]) -> Any:
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


@dataclasses.dataclass(frozen=True)
class TrainingFlags:
    """The flags of `keras-gans train` and `finetune` that determine a training run.

    Attributes:
        dataset: Data source, as `--dataset` takes it.
        image_size: Size that images were resized to, such as `"64x96"`; None if they were not.
        freeze_discriminator: Number of frozen layers of the discriminator.
        split: Split of the data.
        crop: How images of other proportions were fitted: `"centre"`, `"random"`, `"pad"` or `"patch"`.
        background: Colour behind transparent images and beside padded ones.
        flip: Whether images were mirrored at random.
        scale: How many times smaller the inputs of super-resolution were.
        direction: Which way pairs were translated: `"AtoB"` or `"BtoA"`.
        mask: Masks of the holes that were cut into images, as `load_data` takes them.
        make_pairs: How inputs were made from images, as `load_data` takes it.
        degrade: What inputs have been through, as `load_data` takes it.
        labels: Number of labels that were used, the others being hidden; None for all.
        batch_size: Samples per step.
        seed: Seed of the initial weights, the training noise and the order of the data.
        precision: Dtype policy: `"float32"`, `"mixed_bfloat16"` or `"mixed_float16"`.
        augment: Augmentations before the discriminator, separated by commas.
        privacy: Private training, as `--privacy` takes it, such as `"epsilon:10,delta:1e-5"`; None for none.
        metrics: Metrics measured during training, separated by commas; `"none"` for none.
        extractor: Feature extractor of the metrics.
        evaluate_num: Number of samples measured.
        evaluate_every: Epochs between two measurements.
        tokens: Kind of tokens: `"words"`, `"words_and_marks"`, `"characters"` or `"subwords"`.
        vocabulary_size: Largest number of tokens in the vocabulary.
        length: Largest number of tokens in a sentence, or of samples in a sound.
        longer: What happened to longer sentences: `"cut"` or `"drop"`.
        windows: Whether the text was running text, cut into windows.
        labelled: Whether the lines of the text had labels.
        text_field: Field of JSON lines that held the text.
        label_field: Field of JSON lines that held the label, or several, separated by commas.
        contexts: Whether the lines of the text had contexts.
        context_field: Field of JSON lines that held the context.
        context_length: Tokens of a context.
        sample_rate: Samples per second that recordings were resampled to.
        place: Which part of a recording became a sound: `"start"`, `"centre"` or `"random"`.
        trim: Decibels below the loudest part at which the beginning and the end of recordings were cut off.
        loudness: How the loudness of recordings was changed: `"none"`, `"peak"` or `"rms"`.
        name_pattern: What the names of recordings told, such as `"{label}_{speaker}_{index}"`.
        test_part: Which recordings were not trained on, such as `"index:0-4"`.
        frames: Frames of a clip.
        given: Frames before a clip that a model was told.
        stride: Which frames of clips were used: every `stride`-th.
        fps: Frames per second that clips were brought to.
        digits: Digits in a clip of `moving_digits`.
        epochs: Number of epochs the run was meant to have.
        settings: Builder arguments given by `--set`, `--learning_rate` and `--ema`.
        replicas: Number of devices, if there were several.
    """

    dataset: str | None = None
    image_size: str | None = None
    freeze_discriminator: int | None = None
    split: str | None = None
    crop: str | None = None
    background: str | None = None
    flip: bool | None = None
    scale: int | None = None
    direction: str | None = None
    mask: str | None = None
    make_pairs: str | None = None
    degrade: str | None = None
    labels: int | None = None
    batch_size: int | None = None
    seed: int | None = None
    precision: str | None = None
    augment: str | None = None
    privacy: str | None = None
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
    text_field: str | None = None
    label_field: str | None = None
    contexts: bool | None = None
    context_field: str | None = None
    context_length: int | None = None
    sample_rate: int | None = None
    place: str | None = None
    trim: float | None = None
    loudness: str | None = None
    name_pattern: str | None = None
    test_part: str | None = None
    frames: int | None = None
    given: int | None = None
    stride: int | None = None
    fps: float | None = None
    digits: int | None = None
    epochs: int | None = None
    settings: Mapping[str, Any] | None = None
    replicas: int | None = None


@dataclasses.dataclass(frozen=True)
class Training(TrainingFlags, _Object):
    """How a model was trained, stored under `training` in `preset.json`: flags and progress.

    Attributes:
        epochs_done: Number of epochs the run has completed.
        seconds: Training time in seconds, including earlier processes of the run.
        epoch: Epoch of the best model, counted from 1.
        step: Training step of the best model.
        cpu_seconds: CPU time in seconds, including evaluation.
        hardware: Processor or accelerator, in words.
    """

    epochs_done: int | None = None
    seconds: float | None = None
    epoch: int | None = None
    step: int | None = None
    cpu_seconds: float | None = None
    hardware: str | None = None


@dataclasses.dataclass(frozen=True)
class Metadata(_Object):
    """Metadata of a preset, stored in `preset.json`.

    `save_preset` fills in `parameters`, `medium`, `conditions`, `version`, `files` and `sha256`; everything else is optional.

    Attributes:
        description: What the model generates, in a sentence.
        dataset: Data source it was trained on, as `load_data` takes it.
        dataset_source: Origin of the data: authors, an address.
        dataset_licence: Licence of the data.
        licence: Licence of the weights.
        classes: Meaning of each label.
        condition_names: Meaning of the values of other conditions that are classes, such as the names of speakers, by the
            condition's name.
        recipe: Command that trains the model.
        pretrain: Command that makes the whole preset.
        fine_tuned_from: Preset that fine-tuning started from: `preset` (its name), `sha256` (of its weights), and, if it has
            them, its `dataset`, `dataset_licence` and `fine_tuned_from`.
        metrics: Metric values by name, or null.
        protocol: Protocol of `metrics` during training: `keras_gans.evaluation.Protocol` as a dict.
        seeds: Seeds of the measured samples.
        logs: Logs of the last epoch, by name.
        evaluations: Results of `keras-gans evaluate`, each with its `command`, `protocol`, `seeds`, `metrics` (each with
            `mean`, `std`, `values`), `real` and, for text, `temperature`.
        rounding: How the weights are stored, and its effect: `dtype`, `metric`, and the metric's values in `float32` and
            `float16`.
        expected: What to expect from running `pretrain` again: `core_minutes` or `gpu_minutes`, and metrics.
        training: How the model was trained.
        privacy: The promise of private training: `epsilon`, `delta`, `adjacency`, `accountant`, `noise`, `clip`, `samples`,
            `batch_size`, `steps`, `sampling` and `seed`. Missing if training was not private.
        audit: Result of `keras-gans audit`: how well attacks tell training samples from others.
        parameters: Number of weights by network: `generator`, `discriminator`.
        medium: Medium of the samples: `name`, and the arguments of that medium. Missing in older files.
        conditions: Conditions of the model by name: `kind`, and the arguments of that condition.
        use: What the model is good for.
        limits: What it is not good for.
        failures: What it does badly.
        citation: How to cite it.
        version: Version of keras_gans that saved it.
        files: Size (`bytes`) and `sha256` of each file that a load needs, by name.
        sha256: SHA-256 of the weights.
        previous: While a preset is being replaced: `sha256`, `config` and `medium` of the old one.
    """

    description: str = ""
    dataset: str = ""
    dataset_source: str = ""
    dataset_licence: str = ""
    licence: str = ""
    classes: list[str] = dataclasses.field(default_factory=list)
    condition_names: dict[str, list[str]] = dataclasses.field(default_factory=dict)
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
    privacy: dict[str, Any] = dataclasses.field(default_factory=dict)
    audit: dict[str, Any] = dataclasses.field(default_factory=dict)
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

    @classmethod
    def read(cls, path: PathLike) -> Metadata:
        """Read a `preset.json`.

        Raises:
            ValueError: If the file is damaged, naming it.
        """
        content = read_object(path)
        try:
            return cls.from_dict(content)
        except ValueError as error:
            raise ValueError(f"{path} is damaged: {error}") from error

    def write(self, path: PathLike) -> None:
        """Write a `preset.json`, replacing the file as a whole."""
        write_json(path, self.to_dict())

    def to_json(self) -> bytes:
        """Return the content that `write` writes."""
        return as_json(self.to_dict())

    @classmethod
    def _read(cls, name: str, value: Any) -> Any:
        if isinstance(value, Training):
            return value
        if name != "training" and name not in _OBJECTS:
            return value
        if not isinstance(value, Mapping):
            raise ValueError(f"'{name}' must be an object; it is {value!r}.")
        return Training.from_dict(value) if name == "training" else value


# Fields whose values are JSON objects.
_OBJECTS = frozenset(
    field.name for field in dataclasses.fields(Metadata) if field.default_factory is dict and field.name != "others"
)
