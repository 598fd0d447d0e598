"""The figures of a report, from a model or from samples alone: rows of pictures side by side."""

import numpy as np

from keras_gans.conditions import LABELS
from keras_gans.evaluation.report.rows import SAMPLES, Row, medium_of, pictures, sample_rows, shown
from keras_gans.evaluation.report.walks import interpolations, traversals
from keras_gans.media import Medium
from keras_gans.media.pictures import as_pillow

# Rows of classes, where nobody says which.
_MOST_CLASSES = 20
# Samples along a way through the latents: side by side, or in one plot so many that they join to a line.
_STEPS, _POINTS_BETWEEN = 9, 201
# Samples that are shown beside their neighbours.
_NEIGHBOURS = 12
# Samples of each of the inputs of a model that maps one to the other; more than one if it has latents.
_SAMPLES_OF_EACH = 3


def class_rows(model, labels, n=9, seed=0, names=None) -> list[Row]:
    """Draws each class from the same latents, so that samples at the same place differ in nothing but the class.

    Args:
        model: A conditional `AdversarialModel`.
        labels: The class labels, integers.
        n: Samples a class.
        seed: Seed of the latents.
        names: What each label means, or None.

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


def nearest_neighbours(generated, real, indices, distances, rows=_NEIGHBOURS, k=4, medium: Medium | None = None) -> list[Row]:
    """Draws generated samples, each beside the training samples nearest to it.

    Args:
        generated: Samples as `pictures` takes them, which are drawn side by side, such as images.
        real: Training samples of the same shape; anything that an array of positions indexes.
        indices: Integer array of shape `(n, at least k)`: for each generated sample the positions of its neighbours in `real`,
            the nearest first.
        distances: Float array of the same shape.
        rows: How many generated samples, from the first.
        k: Neighbours each.
        medium: As `pictures` takes it.

    Returns:
        A row for each: the generated sample, then its neighbours, with their distances as captions.

    Raises:
        ValueError: If the samples cannot be drawn side by side, or the shapes do not fit together.
    """
    generated, indices, distances = np.asarray(generated)[:rows], np.asarray(indices), np.asarray(distances)
    medium = medium_of(generated, medium)
    if not (medium.drawable and medium.tiled):
        raise ValueError(f"Neighbours of samples of shape {generated.shape[1:]} show nothing: only those of images do.")
    if indices.shape != distances.shape or indices.ndim != 2 or len(indices) < len(generated):
        raise ValueError(
            f"indices and distances have the shape (n, k), n as many as generated images ({len(generated)}); received "
            f"{indices.shape} and {distances.shape}."
        )
    found = []
    for number, image in enumerate(generated):
        near = pictures(real[indices[number, :k]], medium)
        captions = ["sample", *(f"{distance:.3g}" for distance in distances[number, :k])]
        found.append(Row(np.concatenate([pictures(image[None], medium), near]), f"Sample {number + 1}", captions))
    return found


def beside_conditions(model, conditions=None, rows=12, seed=0) -> list[Row]:
    """Draws what a model is told, such as an image, and what it makes of it.

    Args:
        model: A conditional `AdversarialModel` whose samples can be drawn.
        conditions: What it is told, by name: arrays of as many values; examples if None. Of more than `rows`, those are drawn
            that lie at even distances.
        rows: How many at most.
        seed: Seed of the latents.

    Returns:
        A row for each: the pictures among the conditions, then the sample, or three from different latents.

    Raises:
        ValueError: If the model is not conditional, or its samples cannot be drawn.
    """
    if not model.conditional:
        raise ValueError(f"{type(model).__name__} is not conditional: it is told nothing.")
    given = model.example_conditions(rows) if conditions is None else conditions
    count = len(next(iter(given.values())))
    chosen = np.linspace(0, count - 1, min(rows, count)).astype(int)
    given = {name: condition.check(np.asarray(given[name])[chosen]) for name, condition in model.conditions.items()}
    tiles = {name: condition.tiles(given[name]) for name, condition in model.conditions.items()}
    tiles = {name: found for name, found in tiles.items() if found is not None}
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


def _alike(parts):
    """Returns pictures of several sizes in one array, all as large and as colourful as the last ones."""
    height, width, channels = parts[-1].shape[1:]
    channels = max(channels, *(part.shape[-1] for part in parts))
    fitted = []
    for picture in (picture for part in parts for picture in part):
        if picture.shape[:2] != (height, width):
            picture = np.asarray(as_pillow(picture).resize((width, height))).reshape(height, width, -1)
        fitted.append(picture if picture.shape[-1] == channels else picture.repeat(channels, axis=-1))
    return np.stack(fitted)


def model_figures(model, seed=0, labels=(), names=None, conditions=None) -> dict[str, list[Row]]:
    """Draws all that a report shows of a model alone.

    Args:
        model: An `AdversarialModel`.
        seed: Integer.
        labels: The class labels to draw, for models that are told classes; the first 20 if there are none.
        names: What each label means, or None.
        conditions: What to tell a model that is told more than classes, by name: see `beside_conditions`.

    Returns:
        Section -> rows, as `write_report` takes them: the samples of a conditional model by their classes or beside its inputs,
        else samples, interpolations and traversals; none at all of a model whose samples cannot be drawn.
    """
    if not model.medium.drawable:
        return {}
    if set(model.conditions) - {LABELS}:
        return {"inputs": beside_conditions(model, conditions, seed=seed)}
    if model.conditional:
        labels = labels or range(min(model.num_classes, _MOST_CLASSES))
        return {"classes": class_rows(model, labels, seed=seed, names=names)}
    steps = _STEPS if model.medium.tiled else _POINTS_BETWEEN
    return {
        "samples": sample_rows(model.generate(shown(model.medium), seed=seed), medium=model.medium),
        "interpolations": interpolations(model, seed=seed, steps=steps),
        "traversals": traversals(model, seed=seed, steps=steps),
    }


def evaluation_figures(evaluator, model=None, samples=None, names=None) -> dict[str, list[Row]]:
    """Draws all that the report of an evaluation shows.

    Args:
        evaluator: The `Evaluator`.
        model: The `AdversarialModel` that was measured; None if only `samples` were.
        samples: The samples that were measured, if there is no model.
        names: What each label means, or None.

    Returns:
        Section -> rows, as `write_report` takes them; none at all if the samples cannot be drawn.
    """
    medium = evaluator.medium
    if not medium.drawable:
        return {}
    if model is None:
        shown = {"samples": sample_rows(samples, medium=medium)}
    else:
        shown = model_figures(model, names=names, conditions=evaluator.conditions_for(model))
        # Every class in turn; all else as it is with the real samples.
        in_turn = {LABELS: model.class_labels(SAMPLES)} if LABELS in model.conditions else {}
        samples = model.generate(SAMPLES, seed=0, conditions=evaluator.conditions_for(model, SAMPLES) | in_turn)
    shown["real_samples"] = sample_rows(evaluator.real_samples, medium=medium)
    if medium.tiled:
        some = samples[:_NEIGHBOURS]
        found = evaluator.nearest_real(some)
        shown["neighbours"] = nearest_neighbours(some, evaluator.real_samples, *found, medium=medium)
    return shown
