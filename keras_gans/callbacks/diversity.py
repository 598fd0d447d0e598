"""How different samples are from each other, compared with real ones."""

from collections.abc import Callable

import numpy as np

from keras_gans._typing import Array
from keras_gans.media import Medium, infer


class Diversity:
    """Measures the diversity of batches of generated samples as fractions of that of real ones.

    * `pairwise_distance`: the mean distance between two samples. It falls when all samples become alike.
    * `nearest_distance`: the mean distance from a sample to its nearest neighbour. It also falls when there are only a few
      kinds of samples, however different the kinds are.
    * `classes`: the effective number of classes, exp(entropy of the histogram of the likeliest class). Only with `classify`.

    Distances are Euclidean, in pixels or coordinates in [-1, 1]. Large samples are shrunk first.

    Args:
        real: Real samples `(n, ...)`, at least two, in [-1, 1]. If None, each number is a fraction of the largest value that
            generated samples have reached so far.
        classify: Maps uint8 images `(n, height, width, channels)`, or int16 sounds `(n, length, 1)`, to class probabilities
            `(n, classes)`; or None.
        medium: The `keras_gans.media.Medium` of the samples; inferred from their shape if None.

    Raises:
        ValueError: If `classify` is given for samples that are neither images nor sounds, or returns another shape.
    """

    def __init__(
        self, real: Array | None = None, classify: Callable[[Array], Array] | None = None, medium: Medium | None = None
    ):
        self.classify, self.medium = classify, medium
        self._real = None if real is None else self._absolute(real)
        self._best: dict[str, float] = {}

    def measure(self, samples: Array) -> dict[str, float]:
        """Return the numbers by name.

        Args:
            samples: At least two finite samples, float32 `(n, ...)` in [-1, 1].
        """
        numbers = self._absolute(samples)
        if self._real is None:
            self._best = {name: max(value, self._best.get(name, 0.0)) for name, value in numbers.items()}
        whole = self._best if self._real is None else self._real
        # If all real samples are alike, generated ones cannot fall short of them.
        return {name: value / whole[name] if whole[name] else 1.0 for name, value in numbers.items()}

    def _absolute(self, samples: Array) -> dict[str, float]:
        pairwise, nearest = distances(samples, self.medium)
        numbers = {"pairwise_distance": pairwise, "nearest_distance": nearest}
        if self.classify is not None:
            numbers["classes"] = self._count_classes(self.classify, samples)
        return numbers

    def _count_classes(self, classify: Callable[[Array], Array], samples: Array) -> float:
        medium = _medium(samples, self.medium)
        if not medium.tiled:
            raise ValueError(f"classify needs images or sounds, but the samples have shape {samples.shape[1:]}: leave it out.")
        probabilities = np.asarray(classify(medium.to_file(samples)))
        if probabilities.ndim != 2 or len(probabilities) != len(samples):
            raise ValueError(
                f"classify must return probabilities of shape ({len(samples)}, classes) for {len(samples)} samples; it "
                f"returned {probabilities.shape}."
            )
        shares = np.bincount(probabilities.argmax(axis=1)) / len(samples)
        shares = shares[shares > 0]
        return float(np.exp(-np.sum(shares * np.log(shares))))


def distances(samples: Array, medium: Medium | None = None) -> tuple[float, float]:
    """Return the mean distance between two samples, and from a sample to its nearest neighbour, of at least two samples."""
    flat = _medium(samples, medium).shrink(samples).reshape(len(samples), -1).astype("float64")
    flat -= flat.mean(axis=0)  # so that the differences below are not lost in a large common offset
    squares = np.sum(flat**2, axis=1)
    between = np.sqrt(np.maximum(squares[:, None] + squares - 2 * flat @ flat.T, 0.0))
    np.fill_diagonal(between, np.inf)
    nearest = between.min(axis=1).mean()
    return float(between[np.triu_indices(len(flat), 1)].mean()), float(nearest)


def _medium(samples: Array, medium: Medium | None) -> Medium:
    return infer(samples.shape[1:]) if medium is None else medium
