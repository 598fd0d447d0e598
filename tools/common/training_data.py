"""The data of a training run, and the model arguments that follow from them."""

from __future__ import annotations

import dataclasses
import warnings
from typing import TYPE_CHECKING, Any

from keras_gans.registry import Entry

from . import text_flags, training_flags
from .run import DATA_OPTIONS, Run, default_ema

if TYPE_CHECKING:
    from keras_gans import AdversarialModel, Data
    from keras_gans.media import Medium


def load(run: Run, size: tuple[int, ...] | None = None, like: Medium | None = None, split: str | None = None) -> Data:
    """Return the data of a run.

    Args:
        run: Its settings.
        size: Height and width, or height, width and channels, that images are resized to; None for their own size.
        like: The medium that samples are converted to, such as a model's: its size, or its vocabulary.
        split: Another split than that of the run.

    Raises:
        ValueError: If a setting does not fit the source.
    """
    from keras_gans.data import load_data
    from keras_gans.data.registry import Loader, find_loader
    from keras_gans.data.skipped import UnreadableWarning

    # What does not exist, load_data reports.
    loader = find_loader(run.dataset) or Loader
    if size is None and like is not None and loader.without_image_size is None:
        size = like.image_shape
    given = {name: getattr(run, name) for name in ("flip", *DATA_OPTIONS) if getattr(run, name) is not None}
    given |= {} if run.labels is None else {"seed": run.seed}
    given |= text_flags.options(run, loader.options, like)
    given |= {} if like is None else {name: value for name, value in like.source_options().items() if name in loader.options}
    warnings.simplefilter("ignore", UnreadableWarning)  # training_run reports it
    strict, service = training_flags.STRICT.value, training_flags.DATA_SERVICE.value
    return load_data(run.dataset, size, split or run.split, **given, strict=strict, service=service)


def check(run: Run) -> None:
    """Check that the data of a run exist, in milliseconds and without Keras.

    Raises:
        ValueError: If there is no such source or split.
        FileNotFoundError: If the source's file or folder does not exist.
    """
    from keras_gans.data import check_source

    check_source(run.dataset, split=run.split)


def held_out(data: Data, run: Run, model: AdversarialModel) -> tuple[Any, ...] | None:
    """Return what a source holds out of its training data, in the form of `fit`'s `validation_data`; None if nothing.

    Args:
        data: The training data.
        run: The run's settings.
        model: The model.
    """
    import numpy as np

    from keras_gans.data.registry import Loader, find_loader

    own = (find_loader(run.dataset) or Loader).held_out
    name = own or model.held_out_split
    if data.split != "train" or name is None:
        return None
    try:
        others, _ = model.arrange_data(load(dataclasses.replace(run, labels=None), like=data.medium, split=name), None)
    except ValueError:
        if own is not None:
            raise
        return None  # the source has no such split, or one that does not fit in memory
    everything = np.arange(len(others))
    conditions = {name: others.conditions[name][everything] for name in model.data_conditions}
    # Parts that are cut at random are cut once.
    samples = others.samples if isinstance(others.samples, np.ndarray) else others.source.read(everything)[0]
    return (samples, conditions) if conditions else (samples,)


def count_classes(data: Data) -> dict[str, int] | None:
    """Return the number of samples of each class by its name; None if the data have no classes.

    Raises:
        ValueError: If the class of some is unknown.
    """
    import numpy as np

    if data.labels is None or data.num_classes is None:
        return None
    names = data.class_names or [f"class {label}" for label in range(data.num_classes)]
    labels = data.labels[np.arange(len(data))]
    if labels.min(initial=0) < 0:
        raise ValueError(
            f"Only semi-supervised models, such as sgan, learn from samples of unknown class, which {data.name} has."
        )
    counts = np.bincount(labels, minlength=len(names))
    return dict(zip(names, counts.tolist(), strict=True))


def builder_arguments(entry: Entry, data: Data, run: Run) -> dict[str, Any]:
    """Return the arguments of a builder that follow from the data and the length of training.

    `keras_gans.register_model` documents them.

    Raises:
        ValueError: If the model makes another medium than that of the data, or needs labels that they do not have.
    """
    arguments, known = data.medium.builder_arguments(), entry.arguments
    missing = [name for name in arguments if name not in known]
    if missing and entry.medium != data.medium.name:
        raise ValueError(f"{entry.name} makes {entry.medium}, but {data.name} contains {data.medium.name}.")
    if missing:
        raise ValueError(
            f"{entry.name} makes {entry.medium}, but its builder has no argument {' or '.join(missing)} for the shape of the "
            "data: see keras_gans.register_model."
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
    if "class_names" in known and data.class_names:
        arguments["class_names"] = list(data.class_names)
    if "condition_names" in known and data.names:
        arguments["condition_names"] = data.names
    if "given" in known:
        arguments["given"] = _count_given(entry, data)
    if {"scale", "input_channels"} & set(known):
        arguments |= {name: value for name, value in _describe_inputs(entry, data).items() if name in known}
    steps = run.epochs * (len(data) // run.batch_size)
    if "total_images" in known:
        arguments["total_images"] = steps * run.batch_size
    if "ema" in known and known["ema"].default is None:
        arguments["ema"] = default_ema(steps)
    return arguments


def _describe_conditions(data: Data) -> Any:
    """Return the conditions that the data have for each sample: classes, images and frames, as `conditions.to_config` does."""
    from keras_gans import conditions
    from keras_gans.data.source import as_source

    found: dict[str, conditions.Condition] = {}
    for name, values in data.conditions.items():
        shape = as_source(values).shape[1:]
        if name == conditions.LABELS:
            found[name] = conditions.Classes(data.num_classes or 0)
        elif len(shape) == 3:
            found[name] = conditions.Images(shape)
        elif name == conditions.FRAMES:
            found[name] = conditions.Frames(shape)
        elif name in data.names:
            found[name] = conditions.Classes(len(data.names[name]))
    return conditions.to_config(found)


def _describe_inputs(entry: Entry, data: Data) -> dict[str, int]:
    """Return how many times as high as its input an image is, and the channels of inputs."""
    from keras_gans.data.source import as_source

    if "images" not in data.conditions:
        raise ValueError(
            f"{entry.name} maps images to images, and {data.name} has no images to map: use pairs:PATH, aligned:PATH, "
            "unpaired:PATH, or folder:PATH with --scale=2."
        )
    height, _, channels = as_source(data.conditions["images"]).shape[1:]
    return {"scale": data.shape[0] // height, "input_channels": channels}


def _count_given(entry: Entry, data: Data) -> int:
    """Return how many frames before a sample the data give."""
    from keras_gans.conditions import FRAMES
    from keras_gans.data.source import as_source

    if FRAMES not in data.conditions:
        raise ValueError(f"{entry.name} predicts clips from the frames before: say how many (--given=4).")
    return as_source(data.conditions[FRAMES]).shape[1]
