"""Fidelity and diversity: how many generated samples lie on the manifold of the real ones, and how much of it they reach."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.errors import check_count
from keras_gans.metrics.checks import check_features, check_pair
from keras_gans.metrics.neighbours import nearest_squares, stripes


class PrecisionRecall(NamedTuple):
    """Precision and recall, each from 0 to 1."""

    precision: float
    recall: float


class DensityCoverage(NamedTuple):
    """Density (0 or more, about 1 for equal distributions) and coverage (from 0 to 1)."""

    density: float
    coverage: float


def precision_recall(real: ArrayLike, fake: ArrayLike, k: int = 3) -> PrecisionRecall:
    """Return improved precision and recall.

    A set's manifold is the union of the balls around its samples that reach to the k-th nearest other sample. Precision is
    the share of generated samples on the real manifold (fidelity), recall the share of real samples on the generated one
    (diversity). A sample at exactly the radius is on it, as in torch-fidelity 0.4: so exact copies of real samples count even
    where the real ones are duplicates and their radius is 0, and constant features in both sets give 1, 1 (0, 0 if the
    constants differ). Both depend on the number of samples: compare only values from equally many.

    Args:
        real: Features, array of shape `(n, d)`, n greater than k.
        fake: Features, array of shape `(m, d)`, m greater than k.
        k: The neighbour that the balls reach to. The paper uses 3 with 50 000 samples.

    Raises:
        ValueError: If a set has too few samples for k or contains NaN or infinity, or the two differ in d.

    Reference: Kynkaanniemi et al. 2019 (Improved precision and recall metric), section 2, algorithm 1.
    """
    return compare_manifolds(real, fake, precision_k=check_count("k", k))[0]


def density_coverage(real: ArrayLike, fake: ArrayLike, k: int = 5) -> DensityCoverage:
    """Return density and coverage.

    Density counts, for a generated sample, the balls around real samples (as in `precision_recall`) that it lies in, divided
    by k; coverage is the share of real samples with a generated sample in their ball. Unlike precision and recall, neither is
    fooled by an outlier's large ball. A sample at exactly the radius is outside, as in the authors' program (clovaai,
    generative-evaluation-prdc): so real samples with k duplicates have an empty ball, and constant real features give 0, 0
    whatever is generated.

    Args:
        real: Features, array of shape `(n, d)`, n greater than k.
        fake: Features, array of shape `(m, d)`, m at least 1.
        k: The neighbour that the balls reach to. For equal distributions the expected coverage is about 1 - 2^-k.

    Raises:
        ValueError: If there are too few real samples for k, a set contains NaN or infinity, or the two differ in d.

    Reference: Naeem et al. 2020 (Reliable fidelity and diversity metrics), section 3.
    """
    return compare_manifolds(real, fake, density_k=check_count("k", k))[1]


def compare_manifolds(
    real: ArrayLike, fake: ArrayLike, precision_k: int = 0, density_k: int = 0, real_squares: np.ndarray | None = None
) -> tuple[PrecisionRecall, DensityCoverage]:
    """Return `precision_recall` and `density_coverage` from distances that are computed once for both.

    Args:
        real: Features, array of shape `(n, d)`.
        fake: Features, array of shape `(m, d)`.
        precision_k: k of `precision_recall`; 0 to leave it out, which makes both NaN.
        density_k: k of `density_coverage`; 0 to leave it out.
        real_squares: What `nearest_squares` returns for the real features and the larger k or more; computed if None.

    Raises:
        ValueError: As the two functions.
    """
    real, fake = check_pair(real, fake, precision_k + 1, f"k={precision_k} nearest neighbours")
    check_features(real, "real", density_k + 1, f"k={density_k} nearest neighbours")
    if real_squares is None:
        real_squares = nearest_squares(real, max(precision_k, density_k))
    fake_radii = nearest_squares(fake, precision_k)[:, -1] if precision_k else None
    on_real, on_fake = np.zeros(len(fake), bool), np.zeros(len(real), bool)
    pairs, covered = 0, 0
    for stripe in stripes(real, fake):
        if fake_radii is not None:
            on_real |= stripe.within(real_squares[stripe.rows, precision_k - 1, None], inclusive=True).any(axis=0)
            on_fake[stripe.rows] = stripe.within(fake_radii[None], inclusive=True).any(axis=1)
        if density_k:
            inside = stripe.within(real_squares[stripe.rows, density_k - 1, None], inclusive=False)
            pairs += int(inside.sum())
            covered += int(inside.any(axis=1).sum())
    nan = float("nan")
    return (
        PrecisionRecall(float(on_real.mean()), float(on_fake.mean())) if precision_k else PrecisionRecall(nan, nan),
        DensityCoverage(pairs / (density_k * len(fake)), covered / len(real)) if density_k else DensityCoverage(nan, nan),
    )
