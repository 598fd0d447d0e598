"""Ways through the latents of a model: between two samples, and along single directions."""

import numpy as np

from keras_gans.conditions import LABELS
from keras_gans.evaluation.report.rows import Row, pictures

# Below this sine of their angle, two latents count as parallel.
_PARALLEL = 1e-6


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
