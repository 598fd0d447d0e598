import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from keras_gans.metrics import category_accuracy
from keras_gans.metrics.categories import assign


@pytest.mark.parametrize("seed", range(20))
def test_the_best_assignment_is_that_of_scipy(seed):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 14))
    gains = rng.integers(0, 4, (size, size)) if seed % 2 else rng.normal(size=(size, size))
    found = assign(gains)
    assert sorted(found) == list(range(size))
    rows, columns = linear_sum_assignment(gains, maximize=True)
    assert gains[np.arange(size), found].sum() == pytest.approx(gains[rows, columns].sum(), abs=1e-9)


def test_numbers_of_categories_do_not_matter():
    labels = np.repeat(np.arange(5), 8)
    for seed in range(3):
        assert category_accuracy(np.random.default_rng(seed).permutation(5)[labels], labels) == 1.0


def test_no_two_classes_share_a_category():
    labels = np.array([0, 0, 0, 1, 1, 2])
    assert category_accuracy(np.zeros(6, int), labels) == 0.5
    assert category_accuracy(np.array([0, 0, 0, 1, 2, 3]), labels) == pytest.approx(5 / 6)  # more categories than classes


@pytest.mark.parametrize(
    ("categories", "labels", "message"),
    [
        ([0, 1], [0], "2 categories, but 1 labels"),
        ([], [], "at least one"),
        ([0.0], [0], "categories are integers"),
        ([0], [-1], "labels are integers from 0 .* as low as -1"),
        ([[0]], [0], r"shape \(1, 1\)"),
    ],
    ids=str,
)
def test_values_that_mean_nothing_are_refused(categories, labels, message):
    with pytest.raises(ValueError, match=message):
        category_accuracy(categories, labels)
    with pytest.raises(ValueError, match="square"):
        assign(np.zeros((2, 3)))
