"""The pictures of a report, from a model or from samples alone, as the medium draws them: side by side, or all in one plot."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from keras_gans.conditions import LABELS
from keras_gans.media import Medium, infer
from keras_gans.media.pictures import as_pillow

# Rows of classes, where nobody says which.
_MOST_CLASSES = 20
# Below this sine of their angle, two latents count as parallel.
_PARALLEL = 1e-6
# Samples in a report: side by side, or all in one plot, along lines so many that they join.
SAMPLES, POINTS, _STEPS, _POINTS_BETWEEN = 64, 2048, 9, 201
# Samples that are shown beside their neighbours.
_NEIGHBOURS = 12
# Samples of each of the inputs of a model that maps one to the other; more than one if it has latents.
_SAMPLES_OF_EACH = 3


@dataclasses.dataclass(frozen=True)
class Row:
    """Pictures that belong side by side.

    Attributes:
        pictures: uint8 array of shape `(n, height, width, channels)`, 1 or 3 channels.
        label: What the row shows, in a few words.
        captions: A few characters for each picture, or none at all.
    """

    pictures: np.ndarray
    label: str = ""
    captions: Sequence[str] = ()


def pictures(samples, medium: Medium | None = None) -> np.ndarray:
    """Draws samples: a picture of each, or one scatter plot of all 2-D points.

    Args:
        samples: Floats in [-1, 1], or samples as files hold them, such as uint8 images; shape `(n, ...)`.
        medium: What they are; found from their shape if None.

    Returns:
        uint8 array of shape `(n, height, width, channels)`, or `(1, 256, 256, 1)` for points.

    Raises:
        ValueError: If they cannot be drawn.
    """
    samples = np.asarray(samples)
    return _medium(samples, medium).tiles(samples)


def _medium(samples, medium):
    return infer(samples.shape[1:]) if medium is None else medium


def sample_rows(samples, n=None, label="", medium: Medium | None = None) -> list[Row]:
    """Draws some samples as one row.

    Args:
        samples: As `pictures` takes them.
        n: How many at most; 64, or 2048 in one plot, if None. Of more, those are drawn that lie at even distances, so that
            samples which are sorted by class show them all.
        label: What they are.
        medium: As `pictures` takes it.
    """
    samples = np.asarray(samples)
    medium = _medium(samples, medium)
    n = n or _shown(medium)
    if len(samples) > n:
        samples = samples[np.linspace(0, len(samples) - 1, n).astype(int)]
    return [Row(pictures(samples, medium), label)]


def _shown(medium):
    return SAMPLES if medium.tiled else POINTS


def decode(model, latents, batch_size=64, labels=None) -> np.ndarray:
    """Maps latents to samples as `model.generate` does, by the averaged generator where there is one.

    Args:
        model: An `AdversarialModel`.
        latents: Float array of shape `(n, *latent_shape)`.
        batch_size: Samples computed at a time.
        labels: The class of each, integers of shape `(n,)`, of a conditional model.

    Returns:
        float32 array of shape `(n, *sample_shape)`.

    Raises:
        ValueError: If the model is conditional and there are no labels.
    """
    if model.conditional and labels is None:
        raise ValueError(f"{type(model).__name__} is conditional: latents alone do not say what to generate.")
    return model.generate_from(latents, {} if labels is None else {LABELS: labels}, batch_size)


# Between two latents


def slerp(start, end, steps) -> np.ndarray:
    """Interpolates spherically between two latents.

    The direction turns at an even rate from one to the other while the norm changes evenly. A straight line would pass
    through vectors much shorter than any that a normal distribution draws in many dimensions. Latents that are parallel or
    opposite, as all are in one dimension, span no plane to turn in: a straight line is taken.

    Args:
        start: Float array of any shape.
        end: Another of the same shape.
        steps: How many latents, both ends included; an integer >= 2.

    Returns:
        float32 array of shape `(steps, *shape)`; the first and the last are `start` and `end`.

    Raises:
        ValueError: If there are fewer than two steps.

    Reference: White 2016, "Sampling Generative Networks", section 2.1 (after Shoemake 1985), which leaves the norm to the
    two weights.
    """
    if steps < 2:
        raise ValueError(f"An interpolation has at least 2 steps, its ends; received {steps!r}.")
    shape = np.shape(start)
    start, end = (np.asarray(latent, "float64").reshape(-1) for latent in (start, end))
    share = np.linspace(0.0, 1.0, steps)[:, None]
    norms = np.linalg.norm(start), np.linalg.norm(end)
    angle = np.arccos(np.clip(start @ end / max(norms[0] * norms[1], np.finfo("float64").tiny), -1.0, 1.0))
    if min(norms) == 0.0 or np.sin(angle) < _PARALLEL:
        path = (1 - share) * start + share * end
    else:
        ends = start / norms[0], end / norms[1]
        direction = (np.sin((1 - share) * angle) * ends[0] + np.sin(share * angle) * ends[1]) / np.sin(angle)
        path = direction * ((1 - share) * norms[0] + share * norms[1])
    return path.astype("float32").reshape(steps, *shape)


def interpolations(model, rows=6, steps=9, seed=0, batch_size=64) -> list[Row]:
    """Draws the way from one sample to another through the latents between them (`slerp`).

    Args:
        model: An `AdversarialModel` whose samples can be drawn.
        rows: How many pairs. Row `i` leads from the sample of seed `seed + 2 i` to that of the next seed, within class `i` of a
            conditional model, from 0 again after the last.
        steps: Samples a row, both ends included.
        seed: Integer.
        batch_size: Samples computed at a time.

    Returns:
        A row for each pair: `steps` images, or one scatter plot.

    Raises:
        ValueError: If its samples cannot be drawn.
    """
    pairs = [(seed + 2 * row, seed + 2 * row + 1) for row in range(rows)]
    paths = [slerp(model.latents(1, start)[0], model.latents(1, end)[0], steps) for start, end in pairs]
    names = [f"From seed {start} to seed {end}" for start, end in pairs]
    classes = np.repeat(np.arange(rows) % model.num_classes, steps) if model.conditional else None
    return _decoded_rows(model, paths, names, batch_size, classes=classes)


def _decoded_rows(model, paths, labels, batch_size, captions=(), classes=None):
    samples = decode(model, np.concatenate(paths), batch_size, classes)
    parts = np.split(samples, len(paths))
    captions = captions if model.medium.tiled else ()
    return [Row(pictures(part, model.medium), label, captions) for part, label in zip(parts, labels, strict=True)]


# Along directions of the latents


def principal_directions(model, count=5, n=1024, seed=0, batch_size=64) -> np.ndarray:
    """Returns the directions of the latents along which samples change most.

    They are the right singular vectors of the generator's mean Jacobian. For standard normal latents that is the covariance of
    samples and latents (Stein's lemma), hence what a linear regression of samples on their latents estimates. Large
    samples are looked at coarsely, as `Medium.shrink` gives them.

    Args:
        model: An unconditional `AdversarialModel`.
        count: How many; there are no more than a latent or a sample has numbers.
        n: Samples to estimate from.
        seed: Seed of their latents.
        batch_size: Samples computed at a time.

    Returns:
        float32 array of shape `(count, *latent_shape)`: orthogonal, of norm 1, the strongest first. The number of each that is
        largest in size is positive.

    Raises:
        ValueError: If the model is conditional.

    Reference: Stein 1981, "Estimation of the Mean of a Multivariate Normal Distribution", lemma 2.
    """
    latents = model.latents(n, seed)
    batches = [latents[begin : begin + batch_size] for begin in range(0, n, batch_size)]
    samples = np.concatenate([_coarse(model, decode(model, batch, batch_size)) for batch in batches])
    latents = latents.reshape(n, -1).astype("float64")
    transposed, *_ = np.linalg.lstsq(latents - latents.mean(axis=0), samples - samples.mean(axis=0), rcond=None)
    directions = np.linalg.svd(transposed, full_matrices=False)[0].T[:count]
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=1)[:, None], axis=1)
    return (directions * np.sign(largest)).astype("float32").reshape(len(directions), *model.latent_shape)


def _coarse(model, samples):
    """Returns a coarse view of each sample as a float64 vector."""
    return model.medium.shrink(samples.astype("float64")).reshape(len(samples), -1)


def traversals(model, directions=None, steps=9, extent=3.0, seed=0, batch_size=64) -> list[Row]:
    """Draws what changes along single directions of the latents.

    Args:
        model: An unconditional `AdversarialModel` whose samples can be drawn.
        directions: Array of shape `(n, *latent_shape)`: rows of the identity walk along single coordinates; None for the five
            of `principal_directions`.
        steps: Samples a row, an odd number >= 3: the middle one is the sample of `seed`.
        extent: How far to go to either side of it; a latent's numbers have standard deviation 1.
        seed: Integer.
        batch_size: Samples computed at a time.

    Returns:
        A row for each direction: `steps` images, or one scatter plot.

    Raises:
        ValueError: If `steps` has no middle, the directions fit no latent, the model is conditional or its samples cannot be
            drawn.
    """
    if steps < 3 or steps % 2 == 0:
        raise ValueError(f"steps must be an odd number of at least 3, so that one is in the middle; received {steps!r}.")
    principal = directions is None
    directions = np.asarray(principal_directions(model, batch_size=batch_size) if principal else directions, "float32")
    if directions.shape[1:] != model.latent_shape:
        raise ValueError(f"Directions have the shape (n, *{model.latent_shape}) of latents; received {directions.shape}.")
    base = model.latents(1, seed)[0]
    distances = np.linspace(-extent, extent, steps)
    distances[steps // 2] = 0.0  # exactly
    paths = [base + distances.reshape(-1, *[1] * base.ndim) * direction for direction in directions]
    name = "Principal direction" if principal else "Direction"
    labels = [f"{name} {number}, \N{PLUS-MINUS SIGN}{extent:g} from seed {seed}" for number in range(1, len(directions) + 1)]
    return _decoded_rows(model, paths, labels, batch_size, [f"{distance:+.3g}" if distance else "0" for distance in distances])


# Of conditional models, and beside real samples


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
    medium = _medium(generated, medium)
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
        "samples": sample_rows(model.generate(_shown(model.medium), seed=seed), medium=model.medium),
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
