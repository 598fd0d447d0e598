"""How much of a known mixture of Gaussians a generator covers."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike


class Mixture(Protocol):
    """A mixture of Gaussians, such as `keras_gans.data.mixtures.Mixture`."""

    @property
    def centres(self) -> np.ndarray:
        """The modes, float array of shape `(modes, 2)`."""

    @property
    def std(self) -> float:
        """The standard deviation of each mode."""


def _nearest(points: np.ndarray, mixture: Mixture) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest mode of each point, and whether the point is of high quality."""
    distances = np.linalg.norm(points[:, None] - mixture.centres, axis=-1)
    nearest = distances.argmin(axis=1)
    return nearest, distances[np.arange(len(points)), nearest] <= 3 * mixture.std


def high_quality_fraction(points: ArrayLike, mixture: Mixture) -> float:
    """Return the share of points within three standard deviations of the nearest mode.

    For the mixture itself the expected value is 1 - exp(-9/2) = 0.989.

    Args:
        points: Array of shape `(n, 2)`.
        mixture: A `keras_gans.data.mixtures.Mixture`.

    Reference: Srivastava et al. 2017 (VEEGAN), section 4.1.
    """
    return float(_nearest(np.asarray(points), mixture)[1].mean())


def modes_covered(points: ArrayLike, mixture: Mixture, min_share: float = 0.1) -> int:
    """Count the modes that enough high-quality points fall on.

    Args:
        points: Array of shape `(n, 2)`, with at least 100 points for each mode.
        mixture: A `keras_gans.data.mixtures.Mixture`.
        min_share: A mode counts if it has at least this share of n / modes high-quality points. VEEGAN and PacGAN count a mode
            for a single point, which a stray sample can be: `min_share=0` counts as they do.

    Reference: Srivastava et al. 2017 (VEEGAN), section 4.1; Lin et al. 2018 (PacGAN), section 4.1.
    """
    points = np.asarray(points)
    nearest, good = _nearest(points, mixture)
    counts = np.bincount(nearest[good], minlength=len(mixture.centres))
    return int(np.sum(counts >= max(1.0, min_share * len(points) / len(mixture.centres))))
