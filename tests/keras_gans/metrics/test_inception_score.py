import math

import numpy as np
import pytest

from keras_gans.metrics.inception_score import inception_score


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def logits(n, classes, seed=0):
    return 3 * np.random.default_rng(seed).normal(size=(n, classes))


def score(rows):
    """exp of the mean divergence of p(y|x) from the marginal p(y), term by term."""
    marginal = [math.fsum(column) / len(rows) for column in zip(*rows, strict=True)]
    divergences = [math.fsum(p * math.log(p / q) for p, q in zip(row, marginal, strict=True) if p > 0) for row in rows]
    return math.exp(math.fsum(divergences) / len(rows))


def test_sure_and_even_predictions_score_the_number_of_classes():
    predictions = np.tile(np.eye(10), (30, 1))
    assert inception_score(predictions, splits=1) == pytest.approx((10, 0), abs=1e-12)
    assert inception_score(predictions, splits=3, seed=None) == pytest.approx((10, 0), abs=1e-12)


def test_predictions_that_are_all_alike_score_one():
    for row in (np.full(10, 0.1), np.eye(10)[3], np.linspace(0, 2 / 10, 10)):
        assert inception_score(np.tile(row, (50, 1))) == pytest.approx((1, 0), abs=1e-12)


@pytest.mark.parametrize(("n", "splits"), [(100, 1), (103, 10), (7, 7), (50, 3)])
def test_equals_the_definition(n, splits):
    predictions = softmax(logits(n, 6))
    order = np.random.RandomState(2020).permutation(n)
    parts = [predictions[order[i * n // splits : (i + 1) * n // splits]] for i in range(splits)]
    expected = [score(part) for part in parts]
    result = inception_score(predictions, splits)
    assert result == pytest.approx((np.mean(expected), np.std(expected)), abs=1e-12)
    assert inception_score(np.log(predictions), splits, from_logits=True) == pytest.approx(result, abs=1e-12)


def test_without_a_seed_the_samples_keep_their_order():
    # Each half holds a single class, which scores 1 by itself; shuffled, the halves hold both.
    predictions = np.repeat(np.eye(2), 50, axis=0)
    assert inception_score(predictions, splits=2, seed=None) == pytest.approx((1, 0), abs=1e-12)
    assert inception_score(predictions, splits=2)[0] > 1.9


def test_a_class_that_is_never_predicted():
    predictions = softmax(logits(60, 4))
    with_an_empty_class = np.hstack([predictions, np.zeros((60, 1))])
    assert inception_score(with_an_empty_class) == pytest.approx(inception_score(predictions), abs=1e-12)
    sparse = np.where(predictions > 0.2, predictions, 0)
    sparse /= sparse.sum(axis=1, keepdims=True)
    assert inception_score(sparse, 1)[0] == pytest.approx(score(sparse), abs=1e-12)


def test_logits_of_any_size():
    sure = np.tile(np.eye(3), (20, 1))
    for size in (1e3, 1e30):
        assert inception_score(size * sure, 1, from_logits=True) == pytest.approx((3, 0), abs=1e-12)
    some = logits(40, 3)
    assert inception_score(some + 1e4, from_logits=True) == pytest.approx(inception_score(some, from_logits=True), abs=1e-9)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-6), (np.float16, 3e-3)])
def test_probabilities_of_few_digits(dtype, tolerance):
    exact = softmax(logits(200, 1000))
    rounded = exact.astype(dtype)
    assert inception_score(rounded) == pytest.approx(inception_score(exact), rel=tolerance)
    # As many digits as the input holds: its rows are rescaled to sum to 1 in float64.
    rescaled = rounded / rounded.sum(axis=1, dtype=float, keepdims=True)
    assert inception_score(rounded) == pytest.approx(inception_score(rescaled), abs=1e-12)


def test_rows_that_are_no_distribution():
    good = softmax(logits(20, 5))
    for change, message in ((lambda row: 2 * row, "sum 2"), (lambda row: row - 0.2, "smallest value -")):
        bad = good.copy()
        bad[7] = change(bad[7])
        with pytest.raises(ValueError, match=f"1 rows.*row 7.*{message}.*from_logits=True"):
            inception_score(bad)
    with pytest.raises(ValueError, match="from_logits=True"):
        inception_score(logits(20, 5))


def test_arguments_that_cannot_be_scored():
    good = softmax(logits(20, 5))
    for predictions, splits, message in (
        (good[:9], 10, "9 sample.*10 splits.*at least 10"),
        (good, 0, "splits"),
        (good[0], 1, "shape"),
        (np.where(good == good[2, 2], np.nan, good), 1, "NaN"),
    ):
        with pytest.raises(ValueError, match=message):
            inception_score(predictions, splits)
    with pytest.raises(ValueError, match="infinity"):
        inception_score(np.full((20, 5), -np.inf), 1, from_logits=True)
