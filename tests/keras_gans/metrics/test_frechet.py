import time
import tracemalloc

import numpy as np
import pytest
from scipy import linalg

from keras_gans.metrics.frechet import Moments, frechet_distance


def features(n, d, seed=0, spread=2.0):
    """Correlated features, so that two sets' covariances do not commute."""
    random = np.random.default_rng(seed)
    return random.normal(size=(n, d)) * np.linspace(spread, 0.1, d) @ random.normal(size=(d, d)) / np.sqrt(d) + random.normal(
        size=d
    )


def by_square_root(real, fake):
    """The definition, with scipy's general matrix square root."""
    root = linalg.sqrtm(np.cov(real, rowvar=False) @ np.cov(fake, rowvar=False))
    step = real.mean(axis=0) - fake.mean(axis=0)
    return step @ step + real.var(axis=0, ddof=1).sum() + fake.var(axis=0, ddof=1).sum() - 2 * np.trace(root).real


def with_exact_moments(n, mean, covariance, seed):
    """Samples whose mean and unbiased covariance are the given ones."""
    x = np.random.default_rng(seed).normal(size=(n, len(mean)))
    x -= x.mean(axis=0)
    white = x @ np.linalg.inv(np.linalg.cholesky(x.T @ x / (n - 1))).T
    return white @ np.linalg.cholesky(covariance).T + mean


def moments(*batches):
    result = Moments()
    for batch in batches:
        result.update(batch)
    return result


def test_two_gaussians_in_closed_form():
    # Covariances that commute: the distance is the sum of squared differences of means and of standard deviations.
    rotation = np.linalg.qr(np.random.default_rng(1).normal(size=(6, 6)))[0]
    deviations = np.array([[3, 2, 1, 0.5, 0.1, 0.01], [1, 2, 3, 0.1, 0.5, 0.02]])
    means = np.array([[0, 1, 2, 3, 4, 5], [1, 1, 2, 3, 4, 3.0]])
    real, fake = (
        with_exact_moments(500, m, rotation * s**2 @ rotation.T, i)
        for i, (m, s) in enumerate(zip(means, deviations, strict=True))
    )
    expected = 5 + np.square(deviations[0] - deviations[1]).sum()
    assert frechet_distance(real, fake) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(("n", "m", "d"), [(500, 500, 40), (3000, 70, 60), (1025, 2049, 3), (50, 60, 1)])
def test_equals_the_definition_by_a_matrix_square_root(n, m, d):
    real, fake = features(n, d), features(m, d, seed=1, spread=3.0)
    if d == 1:
        expected = (real.mean() - fake.mean()) ** 2 + (real.std(ddof=1) - fake.std(ddof=1)) ** 2
    else:
        expected = by_square_root(real, fake)
    assert frechet_distance(real, fake) == pytest.approx(expected, rel=1e-8)
    assert frechet_distance(fake, real) == pytest.approx(expected, rel=1e-8)


def test_two_samples_each_in_closed_form():
    # Covariances u u' and v v' of rank one: the trace of the root of their product is |u.v|.
    random = np.random.default_rng(2)
    real, fake = random.normal(size=(2, 2, 300))
    u, v = (real[0] - real[1]) / np.sqrt(2), (fake[0] - fake[1]) / np.sqrt(2)
    step = real.mean(axis=0) - fake.mean(axis=0)
    expected = step @ step + u @ u + v @ v - 2 * abs(u @ v)
    for a in (real, moments(real)):
        for b in (fake, moments(fake)):
            assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(("n", "m"), [(30, 40), (100, 101), (30, 400), (400, 30)])
def test_fewer_samples_than_features(n, m):
    d = 100
    real, fake = features(n, d), features(m, d, seed=1)
    # Symmetric roots by scipy's eigenvalues: the covariances have no full rank, and `sqrtm` is at a loss there.
    values, vectors = linalg.eigh(np.cov(real, rowvar=False))
    root = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
    middle = linalg.eigvalsh(root @ np.cov(fake, rowvar=False) @ root)
    step = real.mean(axis=0) - fake.mean(axis=0)
    traces = real.var(axis=0, ddof=1).sum() + fake.var(axis=0, ddof=1).sum()
    expected = step @ step + traces - 2 * np.sqrt(np.maximum(middle, 0)).sum()
    for a in (real, moments(real)):
        for b in (fake, moments(fake)):
            assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-6)
    assert frechet_distance(real, fake) == pytest.approx(frechet_distance(moments(real), moments(fake)), rel=1e-10)


@pytest.mark.parametrize("n", [2, 20, 51, 52, 500, 3000])
def test_a_set_is_at_no_distance_from_itself(n):
    real = features(n, 50)
    for a in (real, moments(real)):
        for b in (real[::-1], moments(real[::-1])):
            assert 0 <= frechet_distance(a, b) < 1e-11 * real.var(axis=0).sum()


def test_repeated_features_count_twice():
    # [x, x] is sqrt(2) x turned: a covariance of half the rank, and twice the distance.
    real, fake = features(400, 20), features(300, 20, seed=1)
    once = frechet_distance(real, fake)
    assert frechet_distance(np.hstack([real, real]), np.hstack([fake, fake])) == pytest.approx(2 * once, rel=1e-10)
    both = np.hstack([fake, features(300, 20, seed=3)])
    assert frechet_distance(np.hstack([real, real]), both) == pytest.approx(
        frechet_distance(moments(np.hstack([real, real])), moments(both)), rel=1e-10
    )


@pytest.mark.parametrize("n", [15, 400])
def test_features_that_are_constant_in_one_set_or_both(n):
    real, fake = features(n, 20), features(n, 20, seed=1)
    rest = frechet_distance(real[:, 2:], fake[:, 2:])
    fake[:, 0] = 0.1
    only_one = (real[:, 0].mean() - 0.1) ** 2 + real[:, 0].var(ddof=1)
    real[:, 1], fake[:, 1] = 0.3, -0.3
    assert frechet_distance(real, fake) == pytest.approx(rest + only_one + 0.36, rel=1e-9)


@pytest.mark.parametrize("n", [2, 3, 3000])
def test_a_collapsed_set(n):
    real = features(500, 8)
    collapsed = np.full((n, 8), 0.1)
    expected = np.square(real.mean(axis=0) - 0.1).sum() + real.var(axis=0, ddof=1).sum()
    assert frechet_distance(real, collapsed) == pytest.approx(expected, rel=1e-12)
    assert frechet_distance(collapsed + 1, collapsed) == pytest.approx(8, rel=1e-12)
    assert frechet_distance(collapsed, collapsed) == 0


def test_does_not_change_when_both_sets_are_turned_and_moved():
    real, fake = features(300, 30), features(200, 30, seed=1)
    rotation = np.linalg.qr(np.random.default_rng(3).normal(size=(30, 30)))[0]
    assert frechet_distance(real @ rotation + 1e4, fake @ rotation + 1e4) == pytest.approx(
        frechet_distance(real, fake), rel=1e-8
    )


def test_variances_of_very_different_sizes_in_any_order():
    deviations = np.geomspace(1, 1e-5, 60)[np.random.default_rng(4).permutation(60)]
    real, fake = (
        with_exact_moments(400, np.zeros(60), np.diag(s**2), i) for i, s in enumerate((deviations, 1.01 * deviations))
    )
    assert frechet_distance(real, fake) == pytest.approx(np.square(0.01 * deviations).sum(), rel=1e-6)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.uint8, np.int64])
def test_any_dtype_is_computed_in_float64(dtype):
    real, fake = (np.abs(50 * features(500, 10, seed)).astype(dtype) for seed in (0, 1))
    assert frechet_distance(real, fake) == pytest.approx(frechet_distance(real.astype(float), fake.astype(float)), rel=1e-13)


def test_moments_are_the_mean_and_the_unbiased_covariance():
    x = features(2500, 7).astype(np.float32)
    result = moments(x)
    assert result.count == 2500
    assert result.mean.dtype == result.covariance.dtype == np.float64
    np.testing.assert_allclose(result.mean, x.astype(float).mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(result.covariance, np.cov(x.astype(float), rowvar=False), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("n", [3, 1023, 1024, 1025, 5000])
def test_moments_are_the_same_to_the_bit_however_the_rows_come(n):
    x = features(n, 9).astype(np.float32) + 100
    whole = moments(x)
    cuts = np.sort(np.random.default_rng(5).integers(1, n, 6))
    for batches in (np.split(x, range(1, n)), [part for part in np.split(x, cuts) if len(part)], [x[:1], x[1:]]):
        result = moments(*batches)
        assert result.count == n
        np.testing.assert_array_equal(result.mean, whole.mean)
        np.testing.assert_array_equal(result.covariance, whole.covariance)


def test_looking_at_moments_does_not_change_them():
    x = features(3000, 5)
    watched = Moments()
    for batch in np.split(x, 30):
        watched.update(batch)
        watched.mean[:] = 0
        watched.covariance[:] = 0
    np.testing.assert_array_equal(watched.covariance, moments(x).covariance)
    np.testing.assert_array_equal(watched.mean, moments(x).mean)


def test_a_common_offset_costs_no_digits():
    # Multiples of 2^-20 up to 2^7 and an offset of 2^26: every sum of the two is exact.
    x = np.round(features(4000, 6) * 2**20) / 2**20
    shifted = moments(x + 2**26)
    np.testing.assert_allclose(shifted.covariance, np.cov(x, rowvar=False), rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(shifted.mean - 2**26, x.mean(axis=0), atol=1e-7)


def test_sorted_rows_cost_no_digits():
    x = np.round(features(6000, 3) * 2**20) / 2**20
    step = np.repeat([0.0, 1e4], 3000)[:, None]
    result = moments(x + step).covariance
    np.testing.assert_allclose(result, np.cov(x + step, rowvar=False), rtol=1e-11)


def test_moments_take_the_same_memory_however_many_rows_come():
    def peak(batches):
        tracemalloc.start()
        result = Moments()
        for seed in range(batches):
            result.update(np.random.default_rng(seed).normal(size=(500, 100)))
        assert result.covariance.shape == (100, 100)
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    assert peak(60) < 1.1 * peak(6)


def test_moments_from_statistics():
    x, fake = features(2000, 12), features(900, 12, seed=1)
    kept = Moments.from_statistics(1500, x[:1500].mean(axis=0), np.cov(x[:1500], rowvar=False))
    assert kept.count == 1500
    assert frechet_distance(kept, fake) == pytest.approx(frechet_distance(x[:1500], fake), rel=1e-9)
    kept.update(x[1500:])
    assert kept.count == 2000
    np.testing.assert_allclose(kept.covariance, np.cov(x, rowvar=False), rtol=1e-10, atol=1e-13)


def test_moments_from_statistics_that_are_none():
    mean, covariance = np.zeros(3), np.eye(3)
    for arguments, message in (
        ((1, mean, covariance), "count"),
        ((10, np.zeros(4), covariance), "shape"),
        ((10, mean, np.eye(3)[:2]), "shape"),
        ((10, mean, np.triu(np.ones((3, 3)))), "symmetric"),
        ((10, mean, -covariance), "negative"),
        ((10, mean, np.full((3, 3), np.nan)), "NaN"),
        ((10, np.full(3, np.inf), covariance), "infinity"),
    ):
        with pytest.raises(ValueError, match=message):
            Moments.from_statistics(*arguments)


GOOD = features(10, 4)


def with_one(value):
    bad = GOOD.copy()
    bad[3, 1] = value
    return bad


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (GOOD[:1], "1 sample.*at least 2"),
        (GOOD[:0], "0 sample.*at least 2"),
        (GOOD[:, :3], "3.*4|4.*3"),
        (with_one(np.nan), "1 samples contain NaN or infinity; the first is number 3"),
        (with_one(-np.inf), "NaN or infinity"),
        (GOOD * 1e200, "diverged"),
        (GOOD[0], "shape"),
        (GOOD.reshape(10, 2, 2), "shape"),
        (GOOD.astype(complex), "complex"),
        (GOOD.astype(str), "real numbers"),
    ],
)
def test_features_that_cannot_be_measured(bad, message):
    for arguments in ((bad, GOOD), (GOOD, bad)):
        with pytest.raises(ValueError, match=message):
            frechet_distance(*arguments)


def test_bad_features_leave_moments_as_they_were():
    result = moments(GOOD)
    for bad in (GOOD[:, :2], GOOD * np.nan, GOOD[:0]):
        with pytest.raises(ValueError):
            result.update(bad)
    assert result.count == 10
    np.testing.assert_array_equal(result.covariance, moments(GOOD).covariance)


def test_moments_of_too_little():
    with pytest.raises(ValueError, match="no sample"):
        _ = Moments().mean
    single = moments(GOOD[:1])
    np.testing.assert_array_equal(single.mean, GOOD[0])
    for call in (lambda: single.covariance, lambda: frechet_distance(single, GOOD), lambda: frechet_distance(GOOD, Moments())):
        with pytest.raises(ValueError, match="at least 2"):
            call()


@pytest.mark.slow
def test_is_five_times_faster_than_a_matrix_square_root(n=10_000, d=2048):
    """Covariances included, in one run.

    Last run: 2026-11-24, two cores that others were using as well: 8.0 s (9.0 s of CPU time) against 53.9 s (56.3 s) with
    SciPy 1.17, equal to 1e-11. With three times the load 28.4 s against 150.5 s.
    """
    random = np.random.default_rng(0)
    basis = np.linalg.qr(random.normal(size=(d, d)))[0]
    # Variances over six decades, as those of Inception's features.
    scales = np.geomspace(1, 1e-3, d)
    real = random.normal(size=(n, d)) * scales @ basis.T
    fake = random.normal(size=(n, d)) * (1.1 * scales) @ basis.T + 0.01
    results, seconds, work = [], [], []
    for measure in (frechet_distance, by_square_root):
        begun, spent = time.perf_counter(), time.process_time()
        results.append(measure(real, fake))
        seconds.append(time.perf_counter() - begun)
        work.append(time.process_time() - spent)
    print(f"ours {seconds[0]:.1f} s ({work[0]:.1f} s of CPU), sqrtm {seconds[1]:.1f} s ({work[1]:.1f} s of CPU), {results}")
    assert results[0] == pytest.approx(results[1], rel=1e-6)
    assert seconds[1] > 5 * seconds[0]
