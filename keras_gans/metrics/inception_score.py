"""The inception score of class predictions."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.errors import check_count
from keras_gans.metrics.checks import check_features

# The sum of a float16 softmax over a thousand classes differs from 1 by less than this.
_TOLERANCE = 1e-2


def inception_score(
    predictions: ArrayLike, splits: int = 10, seed: int | None = 2020, from_logits: bool = False
) -> tuple[float, float]:
    """Return mean and standard deviation of the inception score over splits of the samples.

    exp(E KL(p(y|x) || p(y))): at least 1 (all samples get the same distribution), at most the number of classes (each sample
    surely belongs to one class, and all classes are equally frequent). It ignores the real data, and grows with the number of
    samples: compare only values from equally many samples and splits, by the same classifier.

    The shuffle and the splits are those of torch-fidelity 0.4, which takes logits, and so are the values.

    Args:
        predictions: Class probabilities of generated samples, array of shape `(n, classes)`, or logits. Rows of
            probabilities may miss 1 by the rounding of float16; they are divided by their sum. A probability may be 0.
        splits: Number of parts that are scored separately. At most n; the original uses 10 parts of 5000 samples.
        seed: Seed of the shuffle; None to keep the order of the samples.
        from_logits: Whether `predictions` are logits.

    Raises:
        ValueError: If there are fewer samples than splits, a value is NaN or infinite, or (for probabilities) a value is
            negative or a row does not sum to 1.

    Reference: Salimans et al. 2016 (Improved techniques for training GANs), section 4.
    """
    splits = check_count("splits", splits)
    predictions = check_features(predictions, "predictions", splits, f"a score over {splits} splits")
    if not from_logits:
        _check_distributions(predictions)
    count = len(predictions)
    order = np.arange(count) if seed is None else np.random.RandomState(seed).permutation(count)
    scores = []
    for split in range(splits):
        chosen = predictions[order[split * count // splits : (split + 1) * count // splits]].astype(np.float64)
        if from_logits:
            chosen -= chosen.max(axis=1, keepdims=True)
            logs = chosen - np.log(np.exp(chosen).sum(axis=1, keepdims=True))
            probabilities = np.exp(logs)
        else:
            probabilities = chosen / chosen.sum(axis=1, keepdims=True)
            logs = _logs(probabilities)
        # A class of probability 0 adds nothing: p log p is 0 there.
        divergences = (probabilities * (logs - _logs(probabilities.mean(axis=0)))).sum(axis=1)
        scores.append(np.exp(divergences.mean()))
    return float(np.mean(scores)), float(np.std(scores))


def _logs(probabilities: np.ndarray) -> np.ndarray:
    return np.log(probabilities, out=np.zeros_like(probabilities), where=probabilities > 0)


def _check_distributions(probabilities: np.ndarray) -> None:
    sums = probabilities.sum(axis=1, dtype=np.float64)
    bad = (np.abs(sums - 1) > _TOLERANCE) | (probabilities.min(axis=1) < 0)
    if bad.any():
        first = int(bad.argmax())
        raise ValueError(
            f"{bad.sum()} rows of predictions are not class probabilities; the first is row {first}, with smallest value "
            f"{probabilities[first].min():g} and sum {sums[first]:g}. For logits, set from_logits=True."
        )
