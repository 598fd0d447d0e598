"""Whether generated samples are copies of the training samples."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.errors import check_count
from keras_gans.metrics.checks import check_features, check_widths
from keras_gans.metrics.neighbours import nearest_neighbours, neighbour_radii


@dataclasses.dataclass(frozen=True)
class Memorisation:
    """How near generated samples lie to the training samples, compared with held-out real samples.

    Attributes:
        nearer_to_train: Share of generated samples whose nearest training sample is nearer than the nearest held-out one; those
            equally near to both count half. 0.5 without memorisation, 1 for copies.
        distance_ratio: Median over generated samples of the distance to the nearest training sample divided by that to the
            nearest held-out one. 1 without memorisation, 0 for copies; 1 where both distances are 0.
        compared: Number of samples in each of the two real sets after reduction.
    """

    nearer_to_train: float
    distance_ratio: float
    compared: int


def memorisation(fake: ArrayLike, train: ArrayLike, held_out: ArrayLike, seed: int = 0) -> Memorisation:
    """Compare the distances of generated samples from the training set and from held-out real samples.

    The samples of a generator that has learnt the distribution are equally near to both sets, provided that these are drawn
    alike and have the same size: the nearest sample of a larger set is nearer. So the larger set is reduced, at random, to the
    size of the smaller. Copies of training samples that this leaves out are missed: give many held-out samples, and see
    `authenticity`, which uses the whole training set. Distances are Euclidean.

    Args:
        fake: Features of generated samples, `(n, d)`.
        train: Features of the samples that the generator was trained on, `(m, d)`.
        held_out: Features of other real samples of the same kind, `(k, d)`.
        seed: Seed of the choice from the larger set; an integer of at least 0.

    Raises:
        ValueError: If a set is empty, contains NaN or infinity, or the sets differ in d.

    Reference: Platzer and Reutterer 2021, "Holdout-Based Empirical Assessment of Mixed-Type Synthetic Data" (the share).
    """
    fake, train, held_out = (
        check_features(features, name) for features, name in ((fake, "fake"), (train, "train"), (held_out, "held_out"))
    )
    check_widths(fake.shape[1], train.shape[1], ("fake", "train"))
    check_widths(train.shape[1], held_out.shape[1], ("train", "held_out"))
    seed = check_count("seed", seed, least=0)
    count = min(len(train), len(held_out))
    rng = np.random.default_rng(seed)
    train, held_out = (
        points if len(points) == count else points[np.sort(rng.choice(len(points), count, replace=False))]
        for points in (train, held_out)
    )
    to_train, to_held_out = (nearest_neighbours(fake, points)[0] for points in (train, held_out))
    nearer = np.mean((to_train < to_held_out) + 0.5 * (to_train == to_held_out))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(to_train == to_held_out, 1.0, to_train / to_held_out)
    return Memorisation(float(nearer), float(np.median(ratios)), count)


def authenticity(train: ArrayLike, fake: ArrayLike, train_radii: np.ndarray | None = None) -> float:
    """Return the share of generated samples that are not near copies of a training sample.

    A generated sample is authentic if it lies farther from its nearest training sample than that training sample lies from
    its own nearest other one. An exact copy never is, not even of a training sample that has duplicates.

    Fresh real samples do not reach 1: theirs is 1 less the probability that two nearest neighbours are each other's, 0.33 in
    one dimension, 0.38 in two, and more as dimensions are added. Compare with the authenticity of held-out samples.

    Args:
        train: Features of the samples that the generator was trained on, `(m, d)`, at least 2.
        fake: Features of generated samples, `(n, d)`.
        train_radii: What `neighbour_radii(train, 1)` returns, for a caller who has it already; computed if None.

    Raises:
        ValueError: If there are too few samples, a set contains NaN or infinity, or the two differ in d.

    Reference: Alaa et al. 2022, "How Faithful is your Synthetic Data? Sample-level Metrics for Evaluating and Auditing
    Generative Models" (authenticity).
    """
    train = check_features(train, "train", 2, "authenticity")
    fake = check_features(fake, "fake")
    check_widths(train.shape[1], fake.shape[1], ("train", "fake"))
    distances, indices = nearest_neighbours(fake, train)
    radii = neighbour_radii(train, 1) if train_radii is None else train_radii
    return float(np.mean(distances > radii[indices]))
