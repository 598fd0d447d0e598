"""The data of a training run, and what they say of the model that learns from them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from keras_gans.registry import Entry

from . import text_flags, training_flags
from .run import Run

if TYPE_CHECKING:
    from keras_gans import AdversarialModel, Data
    from keras_gans.data.registry import Loader
    from keras_gans.media import Medium


def load(run: Run, size: tuple[int, ...] | None = None, like: Medium | None = None, split: str | None = None) -> Data:
    """Returns the data of a run.

    Args:
        run: Its settings.
        size: Height and width, or with the channels, that images are brought to; None for their own.
        like: The medium of the samples to make of them, such as a model's: its size, or its vocabulary.
        split: Another split than the run's.

    Raises:
        ValueError: If a setting does not fit the source.
    """
    from keras_gans.data import load_data
    from keras_gans.data.skipped import UnreadableWarning

    loader = _loader(run.dataset)
    if size is None and like is not None and loader.without_image_size is None:
        size = like.image_shape
    given = {name: getattr(run, name) for name in ("crop", "background", "flip") if getattr(run, name) is not None}
    given |= text_flags.options(run, "text" in loader.options, like)
    warnings.simplefilter("ignore", UnreadableWarning)  # training_run.log_skipped says it
    strict, service = training_flags.STRICT.value, training_flags.DATA_SERVICE.value
    return load_data(run.dataset, size, split or run.split, **given, strict=strict, service=service)


def held_out(data: Data, run: Run, model: AdversarialModel) -> tuple | None:
    """Returns what a source holds out of its training data, as `fit` takes `validation_data`; None where it holds out nothing.

    Args:
        data: What the model is trained on.
        run: The run's settings.
        model: The model.
    """
    import numpy as np

    if data.split != "train" or "held_out" not in (_loader(run.dataset).splits or ()):
        return None
    others = load(run, like=data.medium, split="held_out")
    everything = np.arange(len(others))
    conditions = {name: others.conditions[name][everything] for name in model.conditions}
    return (others.samples, conditions) if conditions else (others.samples,)


def builder_arguments(entry: Entry, data: Data, run: Run) -> dict[str, Any]:
    """Returns the arguments of a builder that follow from the data and from how long they are trained on.

    `keras_gans.register_model` documents them.

    Raises:
        ValueError: If the model makes something else than the data hold, or is told what they lack.
    """
    arguments, known = data.medium.builder_arguments(), entry.arguments
    missing = [name for name in arguments if name not in known]
    if missing and entry.medium != data.medium.name:
        raise ValueError(f"{entry.name} makes {entry.medium}, and {data.name} holds {data.medium.name}.")
    if missing:
        raise ValueError(
            f"{entry.name} makes {entry.medium}, but its builder has no argument {' or '.join(missing)}, which says what the "
            "data hold: see keras_gans.register_model."
        )
    if "seed" in known:
        arguments["seed"] = run.seed
    if "num_classes" in known:
        if data.num_classes is not None:
            arguments["num_classes"] = data.num_classes
        elif known["num_classes"].default is not None:
            raise ValueError(f"{entry.name} is conditional and learns from labels, which {data.name} does not have.")
    if "conditions" in known:
        arguments["conditions"] = _describe_conditions(data)
    if "total_images" in known:
        arguments["total_images"] = run.epochs * (len(data) // run.batch_size) * run.batch_size
    return arguments


def _describe_conditions(data):
    """Returns what the data know of each sample, as `keras_gans.conditions.to_config` writes it: classes and images."""
    from keras_gans import conditions
    from keras_gans.data.source import as_source

    found = {}
    for name, values in data.conditions.items():
        shape = as_source(values).shape[1:]
        if name == conditions.LABELS:
            found[name] = conditions.Classes(data.num_classes)
        elif len(shape) == 3:
            found[name] = conditions.Images(shape)
    return conditions.to_config(found)


def _loader(dataset: str) -> type[Loader]:
    """Returns what loads a data set, found as `load_data` does; `Loader` itself where there is none, as that will say."""
    from keras_gans import data  # noqa: F401  its sources are registered
    from keras_gans.data.registry import SOURCES, Loader

    kind, colon, _ = dataset.partition(":")
    if kind in SOURCES:
        return SOURCES[kind]
    return Loader if colon else SOURCES["tfds"]
