"""Paths through the latents of a model: between two samples, and along single directions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.conditions import LABELS
from keras_gans.evaluation.report.rows import Row, pictures

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel


def decode(
    model: AdversarialModel,
    latents: np.ndarray,
    batch_size: int = 64,
    labels: np.ndarray | None = None,
    conditions: Mapping[str, np.ndarray] | None = None,
) -> np.ndarray:
    """Map latents to samples as `model.generate` does, with the averaged generator if there is one.

    Args:
        model: An `AdversarialModel`.
        latents: Float array of shape `(n, *latent_shape)`.
        batch_size: Number of samples computed at a time.
        labels: Classes, integers of shape `(n,)`, for a conditional model.
        conditions: Values of conditions by name, `n` each, in place of `labels`.

    Returns:
        float32 array of shape `(n, *sample_shape)`.

    Raises:
        ValueError: If the model is conditional and labels are missing.
    """
    if model.conditional and labels is None and not conditions:
        raise ValueError(f"{type(model).__name__} is conditional: give labels with the latents.")
    return model.generate_from(latents, conditions if labels is None else {LABELS: labels}, batch_size)


# Between two latents


def interpolations(model: AdversarialModel, rows: int = 6, steps: int = 9, seed: int = 0, batch_size: int = 64) -> list[Row]:
    """Draw interpolations between samples, along the latents between theirs (`slerp`).

    Args:
        model: An `AdversarialModel` whose samples can be drawn.
        rows: Number of pairs. Row `i` leads from the sample of seed `seed + 2 i` to that of the next seed, within class
            `i % num_classes` of a conditional model, or with example values of other conditions.
        steps: Samples in a row, including both ends.
        seed: An integer.
        batch_size: Number of samples computed at a time.

    Returns:
        A row for each pair: `steps` images, or one scatter plot.

    Raises:
        ValueError: If its samples cannot be drawn.
    """
    from keras_gans.editing import slerp  # which imports Keras

    pairs = [(seed + 2 * row, seed + 2 * row + 1) for row in range(rows)]
    paths = [slerp(model.latents(1, start)[0], model.latents(1, end)[0], steps) for start, end in pairs]
    names = [f"From seed {start} to seed {end}" for start, end in pairs]
    told = {name: np.repeat(values, steps, axis=0) for name, values in model.example_conditions(rows).items()}
    return _decoded_rows(model, paths, names, batch_size, conditions=told)


def _decoded_rows(
    model: AdversarialModel,
    paths: Sequence[np.ndarray],
    labels: Sequence[str],
    batch_size: int,
    captions: Sequence[str] = (),
    conditions: Mapping[str, np.ndarray] | None = None,
) -> list[Row]:
    samples = decode(model, np.concatenate(paths), batch_size, conditions=conditions)
    parts = np.split(samples, len(paths))
    captions = captions if model.medium.tiled else ()
    return [Row(pictures(part, model.medium), label, captions) for part, label in zip(parts, labels, strict=True)]


# Along directions of the latents


def principal_directions(
    model: AdversarialModel, count: int = 5, n: int = 1024, seed: int = 0, batch_size: int = 64
) -> np.ndarray:
    """Return the directions of the latents along which samples change most.

    They are the right singular vectors of the generator's mean Jacobian. For standard normal latents, that is the covariance
    of samples and latents (Stein's lemma), which a linear regression of samples on their latents estimates. Large samples are
    reduced first, by `Medium.shrink`.

    Args:
        model: An unconditional `AdversarialModel`.
        count: Maximum number of directions; at most as many as a latent or a sample has values.
        n: Number of samples for the estimate.
        seed: Seed of their latents.
        batch_size: Number of samples computed at a time.

    Returns:
        float32 array of shape `(count, *latent_shape)`: orthogonal, of norm 1, the strongest first. The value of each that is
        largest in size is positive.

    Raises:
        ValueError: If the model is conditional.

    Reference: Stein 1981, "Estimation of the Mean of a Multivariate Normal Distribution", lemma 2.
    """
    latents = model.latents(n, seed)
    batches = [latents[begin : begin + batch_size] for begin in range(0, n, batch_size)]
    samples = np.concatenate([_coarse(model, decode(model, batch, batch_size)) for batch in batches])
    flat = latents.reshape(n, -1).astype("float64")
    transposed, *_ = np.linalg.lstsq(flat - flat.mean(axis=0), samples - samples.mean(axis=0), rcond=None)
    directions = np.linalg.svd(transposed, full_matrices=False)[0].T[:count]
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=1)[:, None], axis=1)
    return (directions * np.sign(largest)).astype("float32").reshape(len(directions), *latents.shape[1:])


def _coarse(model: AdversarialModel, samples: np.ndarray) -> np.ndarray:
    """Return each sample, reduced, as a float64 vector."""
    return model.medium.shrink(samples.astype("float64")).reshape(len(samples), -1)


def traversals(
    model: AdversarialModel,
    directions: ArrayLike | None = None,
    steps: int = 9,
    extent: float = 3.0,
    seed: int = 0,
    batch_size: int = 64,
) -> list[Row]:
    """Draw the change of a sample along single directions of its latents.

    Args:
        model: An unconditional `AdversarialModel` whose samples can be drawn.
        directions: Array of shape `(n, *latent_shape)`, such as rows of the identity for single coordinates; None for the five
            of `principal_directions`.
        steps: Samples in a row, an odd number of at least 3. The middle one is the sample of `seed`.
        extent: Distance to either side of it; the values of a latent have standard deviation 1.
        seed: An integer.
        batch_size: Number of samples computed at a time.

    Returns:
        A row for each direction: `steps` images, or one scatter plot.

    Raises:
        ValueError: If `steps` is even or below 3, the directions have another shape than latents, the model is conditional, or
            its samples cannot be drawn.
    """
    if steps < 3 or steps % 2 == 0:
        raise ValueError(f"steps must be an odd number of at least 3; received {steps!r}.")
    principal = directions is None
    along = np.asarray(principal_directions(model, batch_size=batch_size) if directions is None else directions, "float32")
    if along.shape[1:] != model.latent_shape:
        raise ValueError(f"directions must have the shape (n, *{model.latent_shape}); received {along.shape}.")
    base = model.latents(1, seed)[0]
    distances = np.linspace(-extent, extent, steps)
    distances[steps // 2] = 0.0  # exactly
    paths = [base + distances.reshape(-1, *[1] * base.ndim) * direction for direction in along]
    name = "Principal direction" if principal else "Direction"
    labels = [f"{name} {number}, \N{PLUS-MINUS SIGN}{extent:g} from seed {seed}" for number in range(1, len(along) + 1)]
    return _decoded_rows(model, paths, labels, batch_size, [f"{distance:+.3g}" if distance else "0" for distance in distances])
