"""Euclidean distances between many features, computed in blocks.

|x|^2 + |y|^2 - 2 x.y takes matrix products and is fast, but inexact: two equal rows come out some 1e-8 apart, or more where
all features share a large offset, and a sample exactly on a radius falls on either side of it. So the products, in float64 and
with a bound on their error, only narrow the choice. Where the bound leaves a decision open, the distance is summed directly
from the differences of the two rows. Every result is therefore that of the direct sum: equal rows are at distance 0, ties are
ties, and neither the order of the rows nor the size of the blocks matters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.errors import check_count
from keras_gans.metrics.checks import check_features, check_widths

BLOCK_BYTES = 2**28


def neighbour_radii(features: ArrayLike, k: int, block_bytes: int = BLOCK_BYTES) -> np.ndarray:
    """Return the distance of each sample to the k-th nearest of the others.

    A sample is not its own neighbour, but a duplicate of it is one, at distance 0.

    Args:
        features: Array of shape `(n, d)`, n greater than k.
        k: Which neighbour, at least 1.
        block_bytes: Approximate limit of the memory for distances, beyond the features. Does not change the result.

    Returns:
        float64 array of shape `(n,)`.

    Raises:
        ValueError: If there are too few samples for k, or the features contain NaN or infinity.
    """
    k = check_count("k", k)
    features = check_features(features, "features", k + 1, f"k={k} nearest neighbours")
    return np.sqrt(nearest_squares(features, k, block_bytes)[:, -1])


def nearest_neighbours(
    queries: ArrayLike, references: ArrayLike, block_bytes: int = BLOCK_BYTES
) -> tuple[np.ndarray, np.ndarray]:
    """Return, for each query, the distance to the nearest reference and its index.

    Args:
        queries: Array of shape `(n, d)`.
        references: Array of shape `(m, d)`.
        block_bytes: Approximate limit of the memory for distances, beyond the features. Does not change the result.

    Returns:
        Distances, float64 of shape `(n,)`, and indices into `references`, int64 of shape `(n,)`. Among equally near ones it
        is the first.

    Raises:
        ValueError: If a set is empty or contains NaN or infinity, or the two differ in d.
    """
    queries, references = check_features(queries, "queries"), check_features(references, "references")
    check_widths(queries.shape[1], references.shape[1], ("queries", "references"))
    distances, indices = np.empty(len(queries)), np.empty(len(queries), np.int64)
    for stripe in stripes(queries, references, block_bytes):
        squares = stripe.smallest_resolved(1)
        indices[stripe.rows] = squares.argmin(axis=1)
        distances[stripe.rows] = np.sqrt(squares.min(axis=1))
    return distances, indices


def nearest_squares(features: np.ndarray, k: int, block_bytes: int = BLOCK_BYTES) -> np.ndarray:
    """Return the squared distances of each sample to its k nearest others, the form that `Stripe.within` takes.

    Args:
        features: Checked features, array of shape `(n, d)`, n greater than k.
        k: Number of neighbours.
        block_bytes: As in `neighbour_radii`.

    Returns:
        float64 array of shape `(n, k)`, each row in ascending order.
    """
    nearest = np.empty((len(features), k))
    for stripe in stripes(features, None, block_bytes):
        nearest[stripe.rows] = np.sort(np.partition(stripe.smallest_resolved(k), k - 1, axis=1)[:, :k], axis=1)
    return nearest


class Stripe:
    """Squared distances from some rows of `a` to all rows of `b`.

    Args:
        a: Checked features, array of shape `(n, d)`.
        b: Checked features, array of shape `(m, d)`.
        rows: Slice of `a`.
        squares: float64 array of shape `(rows, len(b))`, each entry off by at most that of `errors`. Infinity between a row
            and itself.
        errors: float64 array of the same shape; 0 between equal rows, whose `squares` are exactly 0.
    """

    def __init__(self, a: np.ndarray, b: np.ndarray, rows: slice, squares: np.ndarray, errors: np.ndarray) -> None:
        self.rows, self.squares, self.errors = rows, squares, errors
        self._a, self._b = a, b

    def within(self, radii: np.ndarray, inclusive: bool) -> np.ndarray:
        """Return which pairs are at most a radius apart.

        Args:
            radii: Squared radii, of shape `(rows, 1)` or `(1, len(b))`.
            inclusive: Whether a pair exactly as far apart as the radius counts.

        Returns:
            Boolean array of the shape of `squares`.
        """
        gaps = self.squares - radii
        inside = gaps <= 0 if inclusive else gaps < 0
        open_pairs = np.nonzero((np.abs(gaps) <= self.errors) & (self.errors > 0))
        exact, radii = self._resolve(open_pairs), np.broadcast_to(radii, inside.shape)[open_pairs]
        inside[open_pairs] = exact <= radii if inclusive else exact < radii
        return inside

    def smallest_resolved(self, k: int) -> np.ndarray:
        """Return squared distances in which the k smallest of each row are exact, and the others larger than these."""
        highest = np.partition(self.squares + self.errors, k - 1, axis=1)[:, k - 1 : k]
        candidates = self.squares - self.errors <= highest
        squares = np.where(candidates, self.squares, np.inf)
        open_pairs = np.nonzero(candidates & (self.errors > 0))
        squares[open_pairs] = self._resolve(open_pairs)
        return squares

    def _resolve(self, pairs: tuple[np.ndarray, ...]) -> np.ndarray:
        """Return the exact squared distances of pairs, given as row and column of `squares`."""
        rows, columns = pairs
        squares = np.empty(len(rows))
        # Few enough at a time for the differences to stay in the processor's cache.
        count = max(1, 2**17 // self._b.shape[1])
        for start in range(0, len(rows), count):
            some = slice(start, start + count)
            differences = self._a[rows[some] + self.rows.start].astype(np.float64)
            differences -= self._b[columns[some]]
            differences *= differences
            squares[some] = differences.sum(axis=1)
        return squares


def stripes(a: np.ndarray, b: np.ndarray | None = None, block_bytes: int = BLOCK_BYTES) -> Iterator[Stripe]:
    """Yield the `Stripe`s of all pairs of a row of `a` and a row of `b`, in the order of the rows of `a`.

    Args:
        a: Checked features, array of shape `(n, d)`.
        b: Checked features, array of shape `(m, d)`, or None for `a` itself, each row of which is then left out of its own
            neighbours.
        block_bytes: Approximate limit of the memory for a stripe and the work on it.
    """
    alone = b is None
    b = a if b is None else b
    width = a.shape[1]
    # A quarter of the memory is for a block of rows of `b` and its centred copy. The rest is for the stripe, of whose shape
    # eight arrays exist at the worst moment, and its own rows.
    step = int(np.clip(block_bytes // (4 * 16 * width), 16, 1024))
    height = int(np.clip(3 * block_bytes // (4 * 8 * (8 * len(b) + 2 * width)), 1, len(a)))
    centre = b.mean(axis=0, dtype=np.float64)
    names_a, names_b = _names(a, b)
    # The error of a sum of d products is at most d rounding errors of the sum of their sizes (Higham 2002, section 3.1). The
    # rest is for centring and for the last additions; a rounding error is eps / 2, so the bound is twice what is needed.
    relative = 2 * (width + 16) * np.finfo(np.float64).eps
    for start in range(0, len(a), height):
        rows = slice(start, min(start + height, len(a)))
        left, left_norms = _centred(a[rows], centre)
        squares, errors = np.empty((len(left), len(b))), np.empty((len(left), len(b)))
        for column in range(0, len(b), step):
            columns = slice(column, column + step)
            right, right_norms = _centred(b[columns], centre)
            norms = left_norms[:, None] + right_norms
            errors[:, columns] = relative * norms
            squares[:, columns] = norms - 2 * (left @ right.T)
        if names_a is not None:
            equal = names_a[rows, None] == names_b
            squares[equal] = 0
            errors[equal] = 0
        if alone:
            own = np.arange(rows.start, rows.stop)
            squares[own - start, own] = np.inf
            errors[own - start, own] = 0
        yield Stripe(a, b, rows, squares, errors)


def _centred(rows: np.ndarray, centre: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows = rows - centre
    return rows, np.einsum("ij,ij->i", rows, rows)


def _names(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Return a number for each row of `a` and of `b`, the same for equal rows; None, None where all rows differ.

    A collapsed generator makes many duplicates. Their distance is known without a sum.
    """
    known: dict[bytes, int] = {}
    numbers = []
    for rows in (a,) if b is a else (a, b):
        names = np.empty(len(rows), np.int64)
        for index, row in enumerate(rows):
            # Adding 0 turns -0 into 0: they are equal numbers of different bytes.
            digest = hashlib.blake2b((row.astype(np.float64) + 0).tobytes(), digest_size=16).digest()
            names[index] = known.setdefault(digest, len(known))
        numbers.append(names)
    if len(known) == sum(map(len, numbers)):
        return None, None
    return numbers[0], numbers[-1]
