"""How evaluate and compare measure numeric samples, such as images and points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gans.presets import Metadata, Training

from . import program
from .run import options_to_measure

if TYPE_CHECKING:
    from keras_gans.data import Data
    from keras_gans.evaluation import BaseEvaluator
    from keras_gans.media import Medium

    from .evaluation import Settings
    from .subjects import Subject


def make_evaluator(subjects: Sequence[Subject], settings: Settings) -> BaseEvaluator:
    """Return the `Evaluator`, or that of the medium, which measures all subjects under one protocol.

    Args:
        subjects: `Subject`s.
        settings: The `evaluation.Settings`.

    Raises:
        ValueError: If they do not fit each other.
    """
    from keras_gans.data import load_data
    from keras_gans.evaluation import default_extractor, evaluator_for

    # A model knows its medium; an array tells only its shape.
    first = next((subject for subject in subjects if subject.model is not None), subjects[0])
    metadata = next((subject.metadata for subject in subjects if subject.preset is not None), Metadata())
    source = settings.dataset or metadata.dataset
    if not source:
        raise ValueError(f"--dataset is missing: give real samples to measure {first.name} against, such as --dataset=mnist.")
    shape = _image_shape(first, metadata) if first.medium.pixels and _has_image_size(source) else None
    # Models are compared with their training data under the same crop, those of images of any size with all data; random crops
    # are measured at the centre.
    training = metadata.training if source == metadata.dataset or None in first.shape else Training()
    split = settings.split or training.split or "train"
    given: dict[str, Any] = {"crop": settings.crop or training.crop, "background": settings.background or training.background}
    # What a model maps to images is made from other data as it was from the training data.
    kept = ["make_pairs", "degrade", *(["scale"] if metadata.training.degrade else [])]
    given |= {name: getattr(metadata.training, name) for name in kept}
    given |= {name: value for name, value in options_to_measure(metadata.training).items() if name in _options(source)}
    given["mask"] = settings.mask or metadata.training.mask
    given |= {name: value for name, value in first.medium.source_options().items() if name in _options(source)}
    options = {name: value for name, value in given.items() if value is not None}
    try:
        data = load_data(source, shape, split, **options)
    except FileNotFoundError as error:
        if settings.dataset is not None:
            raise
        raise FileNotFoundError(
            f"{error} It held the training data of {first.name} where that was made: give a folder of yours, with --dataset."
        ) from error
    for subject in subjects:
        if subject.model is not None:
            subject.model.complete(data)
        _fit(subject, data)
    for subject in subjects:
        if subject.shape != first.shape:
            raise ValueError(f"{first.name} has samples of shape {first.shape}, {subject.name} of {subject.shape}.")
    counts = [len(subject.samples) for subject in subjects if subject.samples is not None]
    # Recordings of free length are made as long as the longest: those of another split would differ.
    of_free_length = None in first.shape and not first.medium.pixels
    held_out = _held_out(settings.held_out or ("half" if of_free_length else None), source, shape, split, options)
    medium = _medium([*subjects, data])
    evaluator: Any = evaluator_for(medium)
    num = min([settings.num, *counts])
    against = {name for subject in subjects for name in getattr(subject.model, "trained_against", ())}
    extractor = settings.extractor or (default_extractor(data.shape, against) if against else None)
    metrics = settings.metrics or _default_metrics(evaluator, subjects, getattr(held_out, "labels", None) is not None)
    return evaluator(data, metrics, num, extractor, held_out=held_out, medium=medium, progress=settings.progress)


def _default_metrics(evaluator: Any, subjects: Sequence[Subject], classified: bool) -> tuple[str, ...]:
    """Return what is measured by default: what is common to samples of the medium, and what the models are trained for.

    Args:
        evaluator: The class of the evaluator.
        subjects: What is measured.
        classified: Whether there are held-out samples of another split with labels, on which classifiers are measured.
    """
    kinds = ["default_metrics", *(["own_metrics"] if classified else [])]
    own = (name for subject in subjects for kind in kinds for name in getattr(subject.model, kind, ()))
    return tuple(dict.fromkeys([*own, *evaluator.default_metrics]))


def _image_shape(subject: Subject, metadata: Metadata) -> tuple[int, ...] | None:
    """Return the shape of a subject's images; if their size is free, that of its training data, None for their own."""
    if None not in subject.shape:
        return tuple(size for size in subject.shape if size is not None)
    size = program.parse_size(metadata.training.image_size)
    return None if size is None else (*size[:2], subject.shape[-1] or 3)


def _has_image_size(source: str) -> bool:
    from keras_gans.data.registry import find_loader

    loader = find_loader(source)
    return loader is None or loader.without_image_size is None


def _options(source: str) -> tuple[str, ...]:
    from keras_gans.data.registry import find_loader

    loader = find_loader(source)
    return () if loader is None else loader.options


def _fit(subject: Subject, data: Data) -> None:
    """Fill in sizes that are free; remove the channel axis that an array got when it was read, if real samples have none."""
    if None in subject.shape:
        subject.shape = data.shape
    if subject.samples is not None and subject.shape == (*data.shape, 1):
        subject.shape, subject.samples, subject.read_as = data.shape, subject.samples[..., 0], data.medium


def _medium(holders: Sequence[Subject | Data]) -> Medium:
    """Return the medium of all samples. Subjects and data know it, except for arrays from files."""
    from keras_gans.media import infer

    holders = [holder for holder in holders if None not in holder.medium.sample_shape]  # others fit any size
    said = [holder for holder in holders if holder.medium != infer(holder.medium.sample_shape)]
    for holder in said[1:]:
        if holder.medium.with_shape(said[0].medium.sample_shape) != said[0].medium:
            raise ValueError(f"{said[0].name} holds {said[0].medium!r}, {holder.name} {holder.medium!r}.")
    return (said or holders)[0].medium


def _held_out(
    given: str | None, source: str, shape: tuple[int, ...] | None, split: str, options: dict[str, Any]
) -> Data | str | None:
    from keras_gans.data import load_data

    if given in ("half", "none"):
        return None if given == "none" else given
    if given is None and split == "test":
        return "half"
    if given is not None and ":" in given:
        return load_data(given, shape, **options)
    try:
        return load_data(source, shape, given or "test", **options)
    except ValueError:
        if given is not None:
            raise
        return "half"


def report_parts(evaluator: Any, subject: Subject, result: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of a report, as `write_report` takes them."""
    from keras_gans.evaluation.report import figures

    names = None if subject.preset is None else subject.preset.metadata.classes or None
    return {"figures": figures.evaluation_figures(evaluator, subject.model, subject.samples, names)}


def measure(evaluator: BaseEvaluator, subject: Subject, seeds: Iterable[int]) -> list[dict[str, Any]]:
    """Return the result of a subject; see `Evaluator.evaluate`."""
    if subject.model is not None:
        return [evaluator.evaluate(subject.model, seeds, subject.name)]
    # Samples in files may be ordered: those of a folder are sorted by class.
    order = np.sort(np.random.default_rng(0).permutation(len(subject.samples))[: evaluator.num])
    return [evaluator.evaluate(subject.samples[order], name=subject.name)]
