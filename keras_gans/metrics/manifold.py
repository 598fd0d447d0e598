"""How much of the real samples' manifold a generator stays on, and how much of it is reached: fidelity and diversity."""

from typing import NamedTuple

import numpy as np

from keras_gans.errors import check_count
from keras_gans.metrics.checks import check_features, check_pair
from keras_gans.metrics.neighbours import squared_radii, stripes


class PrecisionRecall(NamedTuple):
    """Shares from 0 to 1."""

    precision: float
    recall: float


class DensityCoverage(NamedTuple):
    """Density from 0, about 1 for equal distributions and possibly above; coverage from 0 to 1."""

    density: float
    coverage: float


def precision_recall(real, fake, k=3) -> PrecisionRecall:
    """Returns improved precision and recall.

    A set's manifold is the union of the balls around its samples that reach to the k-th nearest other sample. Precision is
    the share of generated samples on the real manifold (fidelity), recall the share of real samples on the generated one
    (diversity). A sample at exactly the radius is on it, as in torch-fidelity 0.4: so exact copies of real samples count even
    where the real ones are duplicates and their radius is 0, and constant features in both sets give 1, 1 (0, 0 if the
    constants differ). Both depend on the number of samples: compare only values from equally many.

    Args:
        real: Features, array of shape `(n, d)`, n greater than k.
        fake: Features, array of shape `(m, d)`, m greater than k.
        k: Which neighbour the balls reach to. The paper uses 3 with 50 000 samples.

    Raises:
        ValueError: If a set has too few samples for k, holds NaN or infinity, or the two differ in d.

    Reference: Kynkaanniemi et al. 2019 (Improved precision and recall metric), section 2, algorithm 1.
    """
    check_count("k", k)
    real, fake = check_pair(real, fake, k + 1, f"k={k} nearest neighbours")
    real_radii, fake_radii = squared_radii(real, k), squared_radii(fake, k)
    on_real, on_fake = np.zeros(len(fake), bool), np.zeros(len(real), bool)
    for stripe in stripes(real, fake):
        on_real |= stripe.within(real_radii[stripe.rows, None], inclusive=True).any(axis=0)
        on_fake[stripe.rows] = stripe.within(fake_radii[None], inclusive=True).any(axis=1)
    return PrecisionRecall(float(on_real.mean()), float(on_fake.mean()))


def density_coverage(real, fake, k=5) -> DensityCoverage:
    """Returns density and coverage.

    Density counts, for a generated sample, the balls around real samples (as in `precision_recall`) that it is in, divided by
    k; coverage is the share of real samples with a generated sample in their ball. Unlike precision and recall, neither is
    fooled by an outlier's large ball. A sample at exactly the radius is outside, as in the authors' program (clovaai,
    generative-evaluation-prdc): so real samples with k duplicates have an empty ball, and constant real features give 0, 0
    whatever is generated.

    Args:
        real: Features, array of shape `(n, d)`, n greater than k.
        fake: Features, array of shape `(m, d)`, m at least 1.
        k: Which neighbour the balls reach to. For equal distributions the expected coverage is about 1 - 2^-k.

    Raises:
        ValueError: If there are too few real samples for k, a set holds NaN or infinity, or the two differ in d.

    Reference: Naeem et al. 2020 (Reliable fidelity and diversity metrics), section 3.
    """
    check_count("k", k)
    real, fake = check_pair(real, fake)
    check_features(real, "real", k + 1, f"k={k} nearest neighbours")
    radii = squared_radii(real, k)
    pairs, covered = 0, 0
    for stripe in stripes(real, fake):
        inside = stripe.within(radii[stripe.rows, None], inclusive=False)
        pairs += int(inside.sum())
        covered += int(inside.any(axis=1).sum())
    return DensityCoverage(pairs / (k * len(fake)), covered / len(real))
