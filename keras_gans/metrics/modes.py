"""How much of a known mixture of Gaussians a generator covers."""

import numpy as np


def _nearest(points, mixture):
    distances = np.linalg.norm(np.asarray(points)[:, None] - mixture.centres, axis=-1)
    nearest = distances.argmin(axis=1)
    return nearest, distances[np.arange(len(points)), nearest] <= 3 * mixture.std


def high_quality_fraction(points, mixture) -> float:
    """Return the share of points within three standard deviations of the nearest mode.

    For the mixture itself the expected value is 1 - exp(-9/2) = 0.989.

    Args:
        points: Array of shape `(n, 2)`.
        mixture: A `keras_gans.data.mixtures.Mixture`.

    Reference: Srivastava et al. 2017 (VEEGAN), section 4.1.
    """
    return float(_nearest(points, mixture)[1].mean())


def modes_covered(points, mixture, min_share: float = 0.1) -> int:
    """Count the modes that enough high-quality points fall on.

    Args:
        points: Array of shape `(n, 2)`; take at least 100 a mode.
        mixture: A `keras_gans.data.mixtures.Mixture`.
        min_share: A mode counts with at least this share of n / modes high-quality points. VEEGAN and PacGAN count a mode
            for a single point, which stray samples can reach: `min_share=0` counts as they do.

    Reference: Srivastava et al. 2017 (VEEGAN), section 4.1; Lin et al. 2018 (PacGAN), section 4.1.
    """
    nearest, good = _nearest(points, mixture)
    counts = np.bincount(nearest[good], minlength=len(mixture.centres))
    return int(np.sum(counts >= max(1.0, min_share * len(points) / len(mixture.centres))))
