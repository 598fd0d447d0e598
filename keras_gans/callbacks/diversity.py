"""How different samples are from each other, measured against real ones."""

import numpy as np

from keras_gans.media import Medium, infer


class Diversity:
    """Measures batches of generated samples, each number as a share of that of a batch of real ones.

    * `pairwise_distance`: the mean distance of two samples. It falls where all samples become alike.
    * `nearest_distance`: the mean distance of a sample from the nearest other. It falls where samples come in few kinds, too,
      however different these are.
    * `classes`: the number of classes, exp(entropy of the histogram of the likeliest class); with `classify` only.

    Distances are Euclidean, of pixels or coordinates in [-1, 1]; of large samples, of a coarse view.

    Args:
        real: Real samples `(n, ...)`, at least two, in [-1, 1]. None where there are none: then each number is a share of the
            largest that generated samples have reached so far.
        classify: Maps uint8 images `(n, height, width, channels)` to the probabilities `(n, classes)` of their classes; or
            None.
        medium: What a sample is, a `keras_gans.media.Medium`; found from the shape if None.

    Raises:
        ValueError: If `classify` is given for samples that are not images, or returns another shape.
    """

    def __init__(self, real=None, classify=None, medium=None):
        self.classify, self.medium = classify, medium
        self._real = None if real is None else self._absolute(real)
        self._best = {}

    def measure(self, samples: np.ndarray) -> dict[str, float]:
        """Returns the numbers by name, floats. Samples are float32 `(n, ...)` in [-1, 1]: finite, at least two."""
        numbers = self._absolute(samples)
        if self._real is None:
            self._best = {name: max(value, self._best.get(name, 0.0)) for name, value in numbers.items()}
        whole = self._best if self._real is None else self._real
        # Real samples that are all alike leave nothing to fall short of.
        return {name: value / whole[name] if whole[name] else 1.0 for name, value in numbers.items()}

    def _absolute(self, samples):
        pairwise, nearest = distances(samples, self.medium)
        numbers = {"pairwise_distance": pairwise, "nearest_distance": nearest}
        if self.classify is not None:
            numbers["classes"] = self._count_classes(samples)
        return numbers

    def _count_classes(self, samples):
        medium = _medium(samples, self.medium)
        if not medium.pixels:
            raise ValueError(f"classify takes images; the samples have the shape {samples.shape[1:]}: leave it out.")
        probabilities = np.asarray(self.classify(medium.to_file(samples)))
        if probabilities.ndim != 2 or len(probabilities) != len(samples):
            raise ValueError(
                f"classify must return probabilities of shape ({len(samples)}, classes) for {len(samples)} images; it returned "
                f"{probabilities.shape}."
            )
        shares = np.bincount(probabilities.argmax(axis=1)) / len(samples)
        shares = shares[shares > 0]
        return float(np.exp(-np.sum(shares * np.log(shares))))


def distances(samples: np.ndarray, medium: Medium | None = None) -> tuple[float, float]:
    """Returns the mean distance of two samples, and that of a sample from the nearest other: floats, for `(n, ...)`, n >= 2."""
    flat = _medium(samples, medium).shrink(samples).reshape(len(samples), -1).astype("float64")
    flat -= flat.mean(axis=0)  # so that the differences below do not drown in what all have in common
    squares = np.sum(flat**2, axis=1)
    between = np.sqrt(np.maximum(squares[:, None] + squares - 2 * flat @ flat.T, 0.0))
    np.fill_diagonal(between, np.inf)
    nearest = between.min(axis=1).mean()
    return float(between[np.triu_indices(len(flat), 1)].mean()), float(nearest)


def _medium(samples, medium):
    return infer(samples.shape[1:]) if medium is None else medium
