"""The Frechet distance between two sets of features: FID where they are Inception's."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.errors import check_count
from keras_gans.metrics.checks import check_features, check_widths

_BLOCK = 1024


class Moments:
    """Mean and covariance of features that come in batches, computed in float64.

    The rows are gathered into blocks of a fixed size before anything is summed, so on one machine the result is the same to
    the last bit however they are divided into batches. All is counted from the first row, each block is centred on its own
    mean before its squares are summed, and blocks are joined by their means (Chan, Golub and LeVeque 1983, "Algorithms for
    computing the sample variance"), so a large offset common to all rows costs no digits. Features that never change have a
    variance of exactly 0.

    Memory: about four arrays of shape `(d, d)`, whatever the number of rows.
    """

    def __init__(self) -> None:
        self._origin: np.ndarray | None = None
        # Of all rows before the block: number, mean less the origin, and centred sum of squares.
        self._joined, self._offset, self._scatter = 0, np.zeros(0), np.zeros((0, 0))
        self._block = np.empty((0, 0))
        self._pending = 0  # rows in the block

    @classmethod
    def from_statistics(cls, count: int, mean: ArrayLike, covariance: ArrayLike) -> Moments:
        """Return moments from statistics that were computed before.

        Args:
            count: Number of samples behind the statistics, at least 2.
            mean: Array of shape `(d,)`.
            covariance: Symmetric array of shape `(d, d)`, divided by `count - 1`.

        Raises:
            ValueError: If a shape is wrong, a value is not finite, or the covariance is not symmetric or has a negative
                variance.
        """
        count = check_count("count", count, 2)
        scatter = check_features(covariance, "covariance").astype(np.float64)
        width = len(scatter)
        centre = check_features(np.reshape(mean, (1, -1)), "mean")[0].astype(np.float64)
        if scatter.shape != (width, width) or centre.shape != (width,):
            raise ValueError(
                f"mean must have shape (d,) and covariance (d, d), but they have {centre.shape} and {scatter.shape}."
            )
        # The tolerance admits float32 statistics of other programs.
        uneven = np.abs(scatter - scatter.T).max() > 1e-5 * np.abs(scatter).max()
        if uneven or scatter.diagonal().min() < 0:
            raise ValueError(
                f"covariance {'is not symmetric' if uneven else 'has negative variances'}: give an array as "
                "`Moments.covariance` returns it."
            )
        moments = cls()
        moments._joined, moments._origin, moments._offset = count, centre, np.zeros(width)
        moments._scatter = (scatter + scatter.T) / 2 * (count - 1)
        return moments

    def update(self, features: ArrayLike) -> None:
        """Add samples.

        Args:
            features: Array of shape `(n, d)`, n at least 1, of any dtype of real numbers.

        Raises:
            ValueError: If the shape is wrong, d differs from before, or a value is NaN or infinite. Nothing is added then.
        """
        features = check_features(features)
        if self.width not in (None, features.shape[1]):
            raise ValueError(f"features has {features.shape[1]} columns, but the samples before had {self.width}.")
        if self._origin is None:
            self._origin = features[0].astype(np.float64)
        if not len(self._block):
            self._block = np.empty((_BLOCK, features.shape[1]))
        start = 0
        while start < len(features):
            rows = features[start : start + _BLOCK - self._pending]
            self._block[self._pending : self._pending + len(rows)] = rows
            self._pending += len(rows)
            start += len(rows)
            if self._pending == _BLOCK:
                self._joined, self._offset, self._scatter = self._all()
                self._pending = 0

    def _all(self) -> tuple[int, np.ndarray, np.ndarray]:
        """Return count, offset and scatter of all rows, including those of the unfinished block."""
        if not self._pending or self._origin is None:
            return self._joined, self._offset, self._scatter
        count = self._joined + self._pending
        rows = np.empty((self._pending + 1, len(self._origin)))
        centred = np.subtract(self._block[: self._pending], self._origin, out=rows[:-1])
        offset = centred.mean(axis=0)
        centred -= offset
        if not self._joined:
            return count, offset, centred.T @ centred
        # The scatter of two sets is the sum of theirs and that of their means: one more row.
        step = offset - self._offset
        rows[-1] = step * np.sqrt(self._joined * self._pending / count)
        scatter = rows.T @ rows
        scatter += self._scatter
        return count, self._offset + step * (self._pending / count), scatter

    @property
    def count(self) -> int:
        """Number of samples so far."""
        return self._joined + self._pending

    @property
    def width(self) -> int | None:
        """Number of features of a sample; None before the first sample."""
        return None if self._origin is None else len(self._origin)

    @property
    def mean(self) -> np.ndarray:
        """Mean, float64 array of shape `(d,)`.

        Raises:
            ValueError: If there are no samples.
        """
        if self._origin is None:
            raise ValueError("There are no samples yet: call `update(features)` first.")
        return self._origin + self._all()[1]

    @property
    def covariance(self) -> np.ndarray:
        """Unbiased covariance (divided by count - 1), float64 array of shape `(d, d)`.

        Raises:
            ValueError: With fewer than two samples.
        """
        if self.count < 2:
            raise ValueError(f"A covariance needs at least 2 samples; received {self.count}.")
        return self._all()[2] / (self.count - 1)


def frechet_distance(real: ArrayLike | Moments, fake: ArrayLike | Moments) -> float:
    """Return the squared Frechet distance between Gaussians fitted to two sets of features.

    |m1 - m2|^2 + tr(C1) + tr(C2) - 2 tr((C1 C2)^(1/2)), with unbiased covariances and nothing added to their diagonals. The
    value is at least 0; for a set and itself it is 0 up to rounding, some 1e-12 of the traces.

    The last term is the sum of the singular values of F1 F2', where C1 = F1' F1 and C2 = F2' F2. For fewer samples than
    features F is the centred features themselves, otherwise a Cholesky factor; no general matrix square root is taken.
    Covariances of less than full rank need no care: features that are constant in either set count only in the means and
    traces. But note that the distance of small sets is biased upwards: compare only values from equally many samples.

    Args:
        real: Features, array of shape `(n, d)`, or their `Moments`. At least two samples.
        fake: Features, array of shape `(m, d)`, or their `Moments`. At least two samples.

    Raises:
        ValueError: If a set holds fewer than two samples, NaN or infinity, or the two differ in d.

    Reference: Heusel et al. 2017 (TTUR), equation 6; Dowson and Landau 1982.
    """
    first, second = _summary(real, "real"), _summary(fake, "fake")
    check_widths(len(first.mean), len(second.mean))
    step = first.mean - second.mean
    distance = step @ step + first.variances.sum() + second.variances.sum() - 2 * _trace_of_root(first, second)
    return max(0.0, float(distance))


class _Gaussian(Protocol):
    """A Gaussian fitted to features."""

    mean: np.ndarray
    variances: np.ndarray

    def factor(self, columns: np.ndarray) -> tuple[np.ndarray, bool]:
        """Return F with F' F = C for some columns of the covariance C, and whether C has full rank."""
        ...


class _Rows:
    """A Gaussian of at most as many samples as features: the covariance stays a product of the centred rows."""

    def __init__(self, features: np.ndarray) -> None:
        rows = features.astype(np.float64)
        first = rows[0].copy()
        rows -= first
        offset = rows.mean(axis=0)
        rows -= offset
        rows /= np.sqrt(len(rows) - 1)
        self.mean, self.rows = first + offset, rows
        self.variances = np.einsum("ij,ij->j", rows, rows)

    def factor(self, columns: np.ndarray) -> tuple[np.ndarray, bool]:
        return self.rows[:, columns], False


class _Covariance:
    """A Gaussian given by its covariance."""

    def __init__(self, moments: Moments) -> None:
        self.mean, self.covariance = moments.mean, moments.covariance
        self.variances = self.covariance.diagonal()

    def factor(self, columns: np.ndarray) -> tuple[np.ndarray, bool]:
        covariance = self.covariance[np.ix_(columns, columns)]
        negligible = len(columns) * np.finfo(np.float64).eps
        try:
            lower = np.linalg.cholesky(covariance)
        except np.linalg.LinAlgError:
            lower = None
        if lower is not None and lower.diagonal().min() ** 2 > negligible * covariance.diagonal().max():
            return lower.T, True
        values, vectors = np.linalg.eigh(covariance)
        kept = values > negligible * values[-1]
        return np.sqrt(values[kept])[:, None] * vectors[:, kept].T, False


def _summary(features: ArrayLike | Moments, name: str) -> _Gaussian:
    if isinstance(features, Moments):
        if features.count < 2:
            raise ValueError(f"{name} holds {features.count} sample(s), but a covariance needs at least 2: give more.")
        return _Covariance(features)
    features = check_features(features, name, 2, "a covariance")
    if len(features) <= features.shape[1]:
        return _Rows(features)
    moments = Moments()
    moments.update(features)
    return _Covariance(moments)


def _trace_of_root(real: _Gaussian, fake: _Gaussian) -> float:
    scale = real.variances * fake.variances
    # In descending order, the factors and their product are graded, large at the top left, and the eigenvalues of a graded
    # matrix have more exact digits than those of others.
    columns = np.argsort(-scale, kind="stable")[: np.count_nonzero(scale)]
    if not len(columns):
        return 0.0
    (real_factor, real_full), (fake_factor, fake_full) = real.factor(columns), fake.factor(columns)
    product = real_factor @ fake_factor.T
    if real_full and fake_full:
        # Three times as fast as singular values. At less than full rank, however, rounding leaves 1e-16 of the largest
        # eigenvalue in place of 0, and its root is 1e-8.
        return float(np.sqrt(np.maximum(np.linalg.eigvalsh(product @ product.T), 0)).sum())
    return float(np.linalg.svd(product, compute_uv=False).sum())
