"""The pictures of a report, from a model or from samples alone: rows of images side by side, or scatter plots of 2-D points."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from keras_gans.media.pictures import can_draw, is_image_shape, scatter, to_uint8

# Samples are reduced to this side before the directions in which they change are looked for.
_COARSE_SIDE = 32
# Rows of classes, where nobody says which.
_MOST_CLASSES = 20
# Below this sine of their angle, two latents count as parallel.
_PARALLEL = 1e-6
# Samples in a report: images side by side, or points in one plot, along lines so many that they join.
SAMPLES, POINTS, _POINTS_BETWEEN = 64, 2048, 201


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


def pictures(samples) -> np.ndarray:
    """Draws samples: a picture for each image, or one scatter plot of all 2-D points.

    Args:
        samples: Images, uint8 or floats in [-1, 1], shape `(n, height, width, 1 or 3)`; or floats of shape `(n, 2)`.

    Returns:
        uint8 array of shape `(n, height, width, channels)`, or `(1, 256, 256, 1)` for points.

    Raises:
        ValueError: If the samples are neither.
    """
    samples = np.asarray(samples)
    if not can_draw(samples.shape[1:]):
        raise ValueError(f"Samples of shape {samples.shape[1:]} cannot be drawn: only images (1 or 3 channels) and 2-D points.")
    if not is_image_shape(samples.shape[1:]):
        return scatter(samples)[None]
    return samples if samples.dtype == np.uint8 else to_uint8(samples)


def sample_rows(samples, n=None, label="") -> list[Row]:
    """Draws some samples as one row.

    Args:
        samples: As `pictures` takes them.
        n: How many at most; 64 images or 2048 points if None. Of more, those are drawn that lie at even distances, so that
            samples which are sorted by class show them all.
        label: What they are.
    """
    samples = np.asarray(samples)
    n = n or (SAMPLES if is_image_shape(samples.shape[1:]) else POINTS)
    if len(samples) > n:
        samples = samples[np.linspace(0, len(samples) - 1, n).astype(int)]
    return [Row(pictures(samples), label)]


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
    model.sync_state()
    network = model.sampling_network()
    parts = [np.asarray(latents, "float32")] + ([np.asarray(labels, "int32")] if model.conditional else [])
    batches = []
    for begin in range(0, len(latents), batch_size):
        inputs = [part[begin : begin + batch_size] for part in parts]
        batches.append(model.run_network(network, inputs if model.conditional else inputs[0]))
    return np.concatenate(batches).astype("float32", copy=False)


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
        model: An `AdversarialModel` that generates images or 2-D points.
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
    captions = captions if is_image_shape(samples.shape[1:]) else ()
    return [Row(pictures(part), label, captions) for part, label in zip(parts, labels, strict=True)]


# Along directions of the latents


def principal_directions(model, count=5, n=1024, seed=0, batch_size=64) -> np.ndarray:
    """Returns the directions of the latents along which samples change most.

    They are the right singular vectors of the generator's mean Jacobian. For standard normal latents that is the covariance of
    samples and latents (Stein's lemma), hence what a linear regression of samples on their latents estimates. Images are
    reduced to at most 32 blocks of pixels a side.

    Args:
        model: An unconditional `AdversarialModel`.
        count: How many; there are no more than a latent or a sample has numbers.
        n: Samples to estimate from.
        seed: Of their latents.
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
    samples = np.concatenate([_coarse(decode(model, batch, batch_size)) for batch in batches])
    latents = latents.reshape(n, -1).astype("float64")
    transposed, *_ = np.linalg.lstsq(latents - latents.mean(axis=0), samples - samples.mean(axis=0), rcond=None)
    directions = np.linalg.svd(transposed, full_matrices=False)[0].T[:count]
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=1)[:, None], axis=1)
    return (directions * np.sign(largest)).astype("float32").reshape(len(directions), *model.latent_shape)


def _coarse(samples):
    """Returns each sample as a float64 vector, of the means of blocks of pixels where it is an image."""
    samples = samples.astype("float64")
    if is_image_shape(samples.shape[1:]):
        n, height, width, channels = samples.shape
        rows, columns = (-(-side // _COARSE_SIDE) for side in (height, width))
        samples = samples[:, : height // rows * rows, : width // columns * columns]
        samples = samples.reshape(n, height // rows, rows, width // columns, columns, channels).mean(axis=(2, 4))
    return samples.reshape(len(samples), -1)


def traversals(model, directions=None, steps=9, extent=3.0, seed=0, batch_size=64) -> list[Row]:
    """Draws what changes along single directions of the latents.

    Args:
        model: An unconditional `AdversarialModel` that generates images or 2-D points.
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
        seed: Of the latents.
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
            pictures(model.generate(n, seed=seed, labels=np.full(n, label, "int32"))),
            f"Class {label}" if names is None or str(names[label]) == str(label) else f"Class {label}: {names[label]}",
        )
        for label in labels
    ]


def nearest_neighbours(generated, real, indices, distances, rows=12, k=4) -> list[Row]:
    """Draws generated images, each beside the training images nearest to it.

    Args:
        generated: Images, uint8 or floats in [-1, 1], shape `(n, height, width, 1 or 3)`.
        real: Training images of the same shape; anything that an array of positions indexes.
        indices: Integer array of shape `(n, at least k)`: of each generated image the positions of its neighbours in `real`,
            the nearest first.
        distances: Float array of the same shape.
        rows: How many generated images, from the first.
        k: Neighbours each.

    Returns:
        A row for each: the generated image, then its neighbours, with their distances as captions.

    Raises:
        ValueError: If the samples are no images, or the shapes do not fit together.
    """
    generated, indices, distances = np.asarray(generated)[:rows], np.asarray(indices), np.asarray(distances)
    if not is_image_shape(generated.shape[1:]):
        raise ValueError(f"Neighbours of samples of shape {generated.shape[1:]} show nothing: only those of images do.")
    if indices.shape != distances.shape or indices.ndim != 2 or len(indices) < len(generated):
        raise ValueError(
            f"indices and distances have the shape (n, k), n as many as generated images ({len(generated)}); received "
            f"{indices.shape} and {distances.shape}."
        )
    found = []
    for number, image in enumerate(generated):
        near = pictures(real[indices[number, :k]])
        captions = ["sample", *(f"{distance:.3g}" for distance in distances[number, :k])]
        found.append(Row(np.concatenate([pictures(image[None]), near]), f"Sample {number + 1}", captions))
    return found


def model_figures(model, seed=0, labels=(), names=None) -> dict[str, list[Row]]:
    """Draws all that a report shows of a model alone.

    Args:
        model: An `AdversarialModel`.
        seed: Integer.
        labels: The class labels to draw, for conditional models; the first 20 if there are none.
        names: What each label means, or None.

    Returns:
        Section -> rows, as `write_report` takes them: the classes of a conditional model, else samples, interpolations and
        traversals; none at all of a model whose samples cannot be drawn.
    """
    if not can_draw(model.sample_shape):
        return {}
    if model.conditional:
        labels = labels or range(min(model.num_classes, _MOST_CLASSES))
        return {"classes": class_rows(model, labels, seed=seed, names=names)}
    points = not is_image_shape(model.sample_shape)
    return {
        "samples": sample_rows(model.generate(POINTS if points else SAMPLES, seed=seed)),
        "interpolations": interpolations(model, seed=seed, steps=_POINTS_BETWEEN if points else 9),
        "traversals": traversals(model, seed=seed, steps=_POINTS_BETWEEN if points else 9),
    }
