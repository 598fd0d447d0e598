"""The kernel distance between two sets of features: KID where they are Inception's."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.errors import check_count
from keras_gans.metrics.checks import check_pair

_BLOCK = 1024


def kernel_distance(
    real: ArrayLike, fake: ArrayLike, subsets: int = 100, subset_size: int = 1000, seed: int = 2020
) -> tuple[float, float]:
    """Return mean and standard deviation, over random subsets, of the squared maximum mean discrepancy.

    The estimate, with the kernel (x.y / d + 1)^3, is unbiased: for equal distributions it is 0 on average, so it can be
    slightly negative, and sets of different sizes can be compared. The (population) standard deviation is the spread of the
    estimate from one subset; it is nearly 0 if the subsets are the whole sets.

    The subsets are those of torch-fidelity 0.4 with the generated samples as its first input. The values are equal on float64
    features: torch-fidelity computes in the dtype of the features, this function in float64.

    Args:
        real: Features, array of shape `(n, d)`.
        fake: Features, array of shape `(m, d)`.
        subsets: Number of subsets.
        subset_size: Number of samples in a subset of either set, drawn without replacement; at most n and m. Binkowski et al.
            use 100 subsets of 1000.
        seed: Seed of the draws.

    Raises:
        ValueError: If a set holds fewer samples than `subset_size` or contains NaN or infinity, or the two differ in d.

    Reference: Binkowski et al. 2018 (Demystifying MMD GANs), section 4.
    """
    subsets, subset_size = check_count("subsets", subsets), check_count("subset_size", subset_size, 2)
    real, fake = check_pair(real, fake, 2, "the kernel distance")
    fewest = min(len(real), len(fake))
    if subset_size > fewest:
        raise ValueError(
            f"A subset of {subset_size} cannot be drawn from {len(real)} real and {len(fake)} generated samples: "
            f"give more samples, or set subset_size to {fewest} or less (and name it with the result)."
        )
    random = np.random.RandomState(seed)
    draws = np.empty((subsets, 2, subset_size), np.int64)
    for drawn in draws:
        drawn[0] = random.choice(len(fake), subset_size, replace=False)
        drawn[1] = random.choice(len(real), subset_size, replace=False)
    # The kernels of all pairs, or those of each subset, whichever are fewer.
    if (len(real) + len(fake)) ** 2 <= subsets * (2 * subset_size) ** 2:
        in_fake, in_real = _members(draws[:, 0], len(fake)), _members(draws[:, 1], len(real))
        within = _sums(fake, in_fake) + _sums(real, in_real)
        between = _sums(fake, in_fake, real, in_real)
    else:
        within, between = np.zeros(subsets), np.zeros(subsets)
        everything = np.ones((1, subset_size))
        for subset, (chosen_fake, chosen_real) in enumerate(draws):
            some_fake, some_real = fake[chosen_fake], real[chosen_real]
            within[subset] = (_sums(some_fake, everything) + _sums(some_real, everything))[0]
            between[subset] = _sums(some_fake, everything, some_real, everything)[0]
    discrepancies = within / (subset_size * (subset_size - 1)) - 2 * between / subset_size**2
    return float(discrepancies.mean()), float(discrepancies.std())


def _members(chosen: np.ndarray, count: int) -> np.ndarray:
    """Return which samples are in which subset, float64 of shape `(subsets, count)`: 1 or 0."""
    members = np.zeros((len(chosen), count))
    np.put_along_axis(members, chosen, 1, axis=1)
    return members


def _sums(a: np.ndarray, in_a: np.ndarray, b: np.ndarray | None = None, in_b: np.ndarray | None = None) -> np.ndarray:
    """Return, for each subset, the sum of the kernel over its pairs of one row of `a` and one of `b`.

    Without `b`, over its pairs of two different rows of `a`.
    """
    alone = b is None
    if b is None or in_b is None:
        b, in_b = a, in_a
    sums = np.zeros(len(in_a))
    for i in range(0, len(a), _BLOCK):
        rows = a[i : i + _BLOCK].astype(np.float64)
        for j in range(i if alone else 0, len(b), _BLOCK):
            # The product of a matrix with itself takes half the time if NumPy sees that it is one.
            columns = rows if alone and i == j else b[j : j + _BLOCK].astype(np.float64)
            kernel = rows @ columns.T
            kernel /= a.shape[1]
            kernel += 1
            kernel *= kernel * kernel
            if alone and i == j:
                np.fill_diagonal(kernel, 0)
            twice = 2 if alone and i != j else 1
            sums += twice * np.einsum("sj,sj->s", in_a[:, i : i + _BLOCK] @ kernel, in_b[:, j : j + _BLOCK])
    return sums
