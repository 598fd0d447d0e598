"""The figures of a report, from a model or from samples alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.conditions import LABELS
from keras_gans.evaluation.report.rows import Row, medium_of, pictures, sample_rows, shown
from keras_gans.evaluation.report.walks import interpolations, traversals
from keras_gans.media import Medium
from keras_gans.media.pictures import MODES, as_pillow

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel
    from keras_gans.evaluation.evaluator import Evaluator

# Default number of classes that are drawn.
_MOST_CLASSES = 20
# Samples along a path through the latents: side by side, or in one plot as many as join to a line.
_STEPS, _POINTS_BETWEEN = 9, 201
# Number of samples shown beside their neighbours.
_NEIGHBOURS = 12
# Samples for each input of a model with latents that maps inputs to samples.
_SAMPLES_OF_EACH = 3


def class_rows(
    model: AdversarialModel, labels: Sequence[int], n: int = 9, seed: int = 0, names: Sequence[str] | None = None
) -> list[Row]:
    """Draw each class from the same latents, so samples in a column differ only in their class.

    Args:
        model: A conditional `AdversarialModel`.
        labels: Class labels, integers.
        n: Number of samples of each class.
        seed: Seed of the latents.
        names: Names of the classes, or None.

    Returns:
        A row for each class.

    Raises:
        ValueError: If the model is not conditional, or its samples cannot be drawn.
    """
    if not model.conditional:
        raise ValueError(f"{type(model).__name__} is not conditional: it has no classes.")
    return [
        Row(
            pictures(model.generate(n, seed=seed, labels=np.full(n, label, "int32")), model.medium),
            f"Class {label}" if names is None or str(names[label]) == str(label) else f"Class {label}: {names[label]}",
        )
        for label in labels
    ]


def nearest_neighbours(
    generated: ArrayLike,
    real: Any,
    indices: ArrayLike,
    distances: ArrayLike,
    rows: int = _NEIGHBOURS,
    k: int = 4,
    medium: Medium | None = None,
) -> list[Row]:
    """Draw generated samples, each beside the training samples nearest to it.

    Args:
        generated: Samples as `pictures` takes them, of a medium that is drawn side by side, such as images.
        real: Training samples of the same shape; anything that an array of positions can index.
        indices: Integer array of shape `(n, at least k)`: for each generated sample the positions of its neighbours in `real`,
            the nearest first.
        distances: Float array of the same shape.
        rows: Number of generated samples, from the first.
        k: Number of neighbours of each.
        medium: As `pictures` takes it.

    Returns:
        A row for each: the generated sample, then its neighbours, with their distances as captions.

    Raises:
        ValueError: If the samples cannot be drawn side by side, or the shapes do not fit together.
    """
    generated, indices, distances = np.asarray(generated)[:rows], np.asarray(indices), np.asarray(distances)
    medium = medium_of(generated, medium)
    if not (medium.drawable and medium.tiled):
        raise ValueError(f"Neighbours are drawn of images only; received samples of shape {generated.shape[1:]}.")
    if indices.shape != distances.shape or indices.ndim != 2 or len(indices) < len(generated):
        raise ValueError(
            f"indices and distances must have the shape ({len(generated)}, k), with a row for each generated image; received "
            f"{indices.shape} and {distances.shape}."
        )
    found = []
    for number, image in enumerate(generated):
        near = pictures(real[indices[number, :k]], medium)
        captions = ["sample", *(f"{distance:.3g}" for distance in distances[number, :k])]
        found.append(Row(np.concatenate([pictures(image[None], medium), near]), f"Sample {number + 1}", captions))
    return found


def beside_conditions(
    model: AdversarialModel, conditions: Mapping[str, Any] | None = None, rows: int = 12, seed: int = 0
) -> list[Row]:
    """Draw conditions of a model, such as images, beside samples for them.

    Args:
        model: A conditional `AdversarialModel` whose samples can be drawn.
        conditions: Arrays of equal length by the names of conditions; examples if None. If there are more than `rows`,
            evenly spaced ones are drawn.
        rows: Maximum number of rows.
        seed: Seed of the latents.

    Returns:
        A row for each value: the conditions that can be drawn, then the sample, or three samples if there are latents.

    Raises:
        ValueError: If the model is not conditional, or its samples cannot be drawn.
    """
    if not model.conditional:
        raise ValueError(f"{type(model).__name__} is not conditional: there are no conditions to draw.")
    all_given = model.example_conditions(rows) if conditions is None else conditions
    count = len(next(iter(all_given.values())))
    chosen = np.linspace(0, count - 1, min(rows, count)).astype(int)
    given: dict[str, Any] = {
        name: condition.check(np.asarray(all_given[name])[chosen]) for name, condition in model.conditions.items()
    }
    drawn = {name: condition.tiles(given[name]) for name, condition in model.conditions.items()}
    tiles = {name: found for name, found in drawn.items() if found is not None}
    of_each = 1 if model.latent_shape is None else _SAMPLES_OF_EACH
    repeated = {name: np.repeat(values, of_each, axis=0) for name, values in given.items()}
    samples = model.generate(len(chosen) * of_each, seed, conditions=repeated)
    return [
        Row(
            _alike([*(found[[number]] for found in tiles.values()), pictures(part, model.medium)]),
            f"Class {given[LABELS][number]}" if LABELS in given else "",
            [*tiles, *["sample"] * (of_each if model.medium.tiled else 1)],
        )
        for number, part in enumerate(np.split(samples, len(chosen)))
    ]


def _alike(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Return pictures of several sizes in one array, in the size of the last ones, and in colour if any of them is."""
    height, width, channels = parts[-1].shape[1:]
    channels = max(channels, *(part.shape[-1] for part in parts))
    fitted = []
    for picture in (picture for part in parts for picture in part):
        if picture.shape[:2] != (height, width):
            picture = np.asarray(as_pillow(picture).resize((width, height))).reshape(height, width, -1)
        fitted.append(np.asarray(as_pillow(picture).convert(MODES[channels])).reshape(height, width, channels))
    return np.stack(fitted)


def model_figures(
    model: AdversarialModel,
    seed: int = 0,
    labels: Sequence[int] = (),
    names: Sequence[str] | None = None,
    conditions: Mapping[str, Any] | None = None,
) -> dict[str, list[Row]]:
    """Draw the figures of a report that need a model alone.

    Args:
        model: An `AdversarialModel`.
        seed: An integer.
        labels: Class labels to draw of a class-conditional model; the first 20 if empty.
        names: Names of the classes, or None.
        conditions: Conditions of a model that has others than classes: see `beside_conditions`.

    Returns:
        Section -> rows, as `write_report` takes them: the samples of a conditional model by class or beside its conditions,
        else samples, interpolations and traversals. Empty if samples cannot be drawn.
    """
    if not model.medium.drawable:
        return {}
    if set(model.conditions) - {LABELS}:
        return {"inputs": beside_conditions(model, conditions, seed=seed)}
    if model.conditional:
        labels = labels or range(min(model.num_classes or 0, _MOST_CLASSES))
        return {"classes": class_rows(model, labels, seed=seed, names=names)}
    steps = _STEPS if model.medium.tiled else _POINTS_BETWEEN
    return {
        "samples": sample_rows(model.generate(shown(model.medium), seed=seed), medium=model.medium),
        "interpolations": interpolations(model, seed=seed, steps=steps),
        "traversals": traversals(model, seed=seed, steps=steps),
    }


def some_samples(evaluator: Evaluator, model: AdversarialModel) -> np.ndarray:
    """Generate as many samples as a report shows: every class in turn; other conditions are those of the real samples."""
    count = shown(model.medium)
    in_turn = {LABELS: model.class_labels(count)} if LABELS in model.conditions else {}
    return model.at_data_size(model.generate(count, seed=0, conditions=evaluator.conditions_for(model, count) | in_turn))


def evaluation_figures(
    evaluator: Evaluator,
    model: AdversarialModel | None = None,
    samples: np.ndarray | None = None,
    names: Sequence[str] | None = None,
) -> dict[str, list[Row]]:
    """Draw all figures of the report of an evaluation.

    Args:
        evaluator: The `Evaluator`.
        model: The measured `AdversarialModel`, or None if only `samples` were measured.
        samples: The measured samples, if there is no model.
        names: Names of the classes, or None.

    Returns:
        Section -> rows, as `write_report` takes them. Empty if samples cannot be drawn.

    Raises:
        ValueError: If there is neither a model nor samples.
    """
    medium = evaluator.medium
    if not medium.drawable:
        return {}
    if model is None:
        if samples is None:
            raise ValueError("Give a model or samples to draw.")
        figures = {"samples": sample_rows(samples, medium=medium)}
    else:
        figures = model_figures(model, names=names, conditions=evaluator.conditions_for(model))
        samples = some_samples(evaluator, model)
    figures["real_samples"] = sample_rows(evaluator.real_samples, medium=medium)
    if medium.tiled:
        some = samples[:_NEIGHBOURS]
        indices, distances = evaluator.nearest_real(some)
        figures["neighbours"] = nearest_neighbours(some, evaluator.real_samples, indices, distances, medium=medium)
    return figures
