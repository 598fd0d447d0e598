import numpy as np
import pytest

from keras_gans.metrics import kernel
from keras_gans.metrics.kernel import kernel_distance


def features(n, d, seed=0, shift=0.0):
    return np.random.default_rng(seed).normal(size=(n, d)) + shift


def discrepancy(real, fake):
    """The unbiased estimate of Binkowski et al. 2018, equation 4, term by term."""

    def k(x, y):
        return (sum(p * q for p, q in zip(x, y, strict=True)) / len(x) + 1) ** 3

    n, m = len(real), len(fake)
    within_real = sum(k(real[i], real[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    within_fake = sum(k(fake[i], fake[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    return within_real + within_fake - 2 * sum(k(x, y) for x in real for y in fake) / (n * m)


def over_subsets(real, fake, subsets, size, seed):
    random = np.random.RandomState(seed)
    values = []
    for _ in range(subsets):
        chosen_fake = fake[random.choice(len(fake), size, replace=False)]
        chosen_real = real[random.choice(len(real), size, replace=False)]
        values.append(discrepancy(chosen_real, chosen_fake))
    return np.mean(values), np.std(values)


@pytest.mark.parametrize("block", [5, 1024])
def test_whole_sets_are_compared_pair_by_pair(monkeypatch, block):
    monkeypatch.setattr(kernel, "_BLOCK", block)
    real, fake = features(12, 3), features(12, 3, seed=1, shift=0.5)
    expected = discrepancy(real, fake)
    mean, std = kernel_distance(real, fake, subsets=3, subset_size=12)
    assert mean == pytest.approx(expected, abs=1e-12)
    assert std == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("block", [4, 1024])
@pytest.mark.parametrize(
    ("n", "m", "subsets", "size"),
    [(14, 11, 6, 8), (40, 30, 3, 8), (9, 30, 1, 2)],
    ids=["fewer pairs than the subsets have", "more pairs than the subsets have", "smallest"],
)
def test_mean_and_deviation_over_the_subsets_of_the_seed(monkeypatch, block, n, m, subsets, size):
    monkeypatch.setattr(kernel, "_BLOCK", block)
    real, fake = features(n, 3), features(m, 3, seed=1, shift=0.5)
    expected = over_subsets(real, fake, subsets, size, seed=7)
    assert kernel_distance(real, fake, subsets, size, seed=7) == pytest.approx(expected, abs=1e-12)


def test_two_points_in_closed_form():
    real, fake = np.full((6, 2), 1.0), np.full((6, 2), -2.0)
    # k(x, x) = (1 + 1)^3, k(y, y) = (4 + 1)^3, k(x, y) = (-2 + 1)^3
    assert kernel_distance(real, fake, subsets=4, subset_size=5) == pytest.approx((8 + 125 + 2, 0), abs=1e-12)
    assert kernel_distance(real, real, subsets=4, subset_size=5) == pytest.approx((0, 0), abs=1e-12)


def test_equal_distributions_are_at_distance_zero_on_average():
    values = [kernel_distance(features(60, 4, seed), features(60, 4, 1000 + seed), 1, 60)[0] for seed in range(200)]
    assert min(values) < 0 < max(values)
    assert abs(np.mean(values)) < 4 * np.std(values) / np.sqrt(200)
    shifted = [kernel_distance(features(60, 4, seed), features(60, 4, 1000 + seed, 0.5), 1, 60)[0] for seed in range(50)]
    assert np.mean(shifted) > 10 * np.std(shifted) / np.sqrt(50)


def test_any_dtype_is_computed_in_float64():
    real, fake = features(50, 4).astype(np.float16), (20 * features(60, 4, 1)).astype(np.int32)
    assert kernel_distance(real, fake, 5, 20) == kernel_distance(real.astype(float), fake.astype(float), 5, 20)


def test_the_defaults_are_those_of_the_paper():
    real, fake = features(1100, 2), features(1100, 2, seed=1, shift=0.3)
    assert kernel_distance(real, fake) == kernel_distance(real, fake, subsets=100, subset_size=1000, seed=2020)
    assert kernel_distance(real, fake) != kernel_distance(real, fake, seed=2021)


@pytest.mark.parametrize(("n", "m"), [(1000, 999), (5, 2000)])
def test_too_few_samples_for_a_subset(n, m):
    with pytest.raises(ValueError, match=f"subset_size to {min(n, m)} or less"):
        kernel_distance(features(n, 2), features(m, 2))


@pytest.mark.parametrize("arguments", [{"subsets": 0}, {"subset_size": 1}, {"subset_size": 2.5}, {"subsets": True}])
def test_arguments_that_make_no_subset(arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        kernel_distance(features(50, 2), features(50, 2), **{"subset_size": 10, **arguments})


@pytest.mark.parametrize(
    ("bad", "message"),
    [(features(50, 3), "3"), (features(50, 2) * np.nan, "NaN"), (features(1, 2), "at least 2"), (features(50, 2)[0], "shape")],
)
def test_features_that_cannot_be_measured(bad, message):
    good = features(50, 2)
    for arguments in ((bad, good), (good, bad)):
        with pytest.raises(ValueError, match=message):
            kernel_distance(*arguments, subset_size=10)
