"""How evaluate and compare measure samples that consist of numbers: images, points and the like."""

import numpy as np

from keras_gans.presets import Metadata, Training


def make_evaluator(subjects, settings):
    """Returns the `Evaluator`, or the medium's own, that measures all subjects alike.

    Args:
        subjects: `Subject`s.
        settings: The `evaluation.Settings`.

    Raises:
        ValueError: If they do not fit each other.
    """
    from keras_gans.data import load_data
    from keras_gans.evaluation import evaluator_for

    # A model knows what its samples are; of an array only its shape is known.
    first = next((subject for subject in subjects if subject.model is not None), subjects[0])
    metadata = next((subject.preset.metadata for subject in subjects if subject.preset is not None), Metadata())
    source = settings.dataset or metadata.dataset
    if not source:
        raise ValueError(f"--dataset is needed: against which real samples is {first.name} to be measured?")
    shape = first.shape if first.medium.pixels and _has_image_size(source) else None
    # What a model was trained on is what it is compared with, in the same cuts; random ones are measured at the centre.
    training = metadata.training if source == metadata.dataset else Training()
    split = settings.split or training.split or "train"
    given = {"crop": settings.crop or training.crop, "background": settings.background or training.background}
    options = {name: value for name, value in given.items() if value is not None}
    data = load_data(source, shape, split, **options)
    for subject in subjects:
        _fit(subject, data)
        if subject.shape != first.shape:
            raise ValueError(f"{first.name} has samples of shape {first.shape}, {subject.name} of {subject.shape}.")
    counts = [len(subject.samples) for subject in subjects if subject.samples is not None]
    held_out = _held_out(settings.held_out, source, shape, split, options)
    medium = _medium([*subjects, data])
    evaluator, num = evaluator_for(medium), min([settings.num, *counts])
    metrics = settings.metrics or evaluator.default_metrics
    return evaluator(data, metrics, num, settings.extractor, held_out=held_out, medium=medium)


def _has_image_size(source):
    from keras_gans.data.registry import SOURCES

    kind = source.partition(":")[0]
    return kind not in SOURCES or SOURCES[kind].without_image_size is None


def _fit(subject, data):
    """Takes away the axis of channels that an array got when it was read, if real samples have none."""
    if subject.samples is not None and subject.shape == (*data.shape, 1):
        subject.shape, subject.samples, subject.read_as = data.shape, subject.samples[..., 0], data.medium


def _medium(holders):
    """Returns what all samples are, as subjects and data say it: arrays in files say nothing but their shape."""
    from keras_gans.media import infer

    said = [holder for holder in holders if holder.medium != infer(holder.medium.sample_shape)]
    for holder in said[1:]:
        if holder.medium.with_shape(said[0].medium.sample_shape) != said[0].medium:
            raise ValueError(f"{said[0].name} holds {said[0].medium!r}, {holder.name} {holder.medium!r}.")
    return (said or holders)[0].medium


def _held_out(given, source, shape, split, options):
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


def measure(evaluator, subject, seeds) -> list[dict]:
    """Returns the result of a subject; see `Evaluator.evaluate`."""
    if subject.model is not None:
        return [evaluator.evaluate(subject.model, seeds, subject.name)]
    # A file's samples need not be in random order: those of a folder lie class by class.
    order = np.sort(np.random.default_rng(0).permutation(len(subject.samples))[: evaluator.num])
    return [evaluator.evaluate(subject.samples[order], name=subject.name)]
