"""The statistics of studies, against SciPy and closed forms."""

import numpy as np
import pytest

from keras_gans.study.bradley_terry import bradley_terry, is_connected, regularised
from keras_gans.study.intervals import (
    bootstrap_interval,
    cluster_interval,
    expanded_levels,
    signal_detection,
    student_t_cdf,
    student_t_quantile,
)
from keras_gans.study.protocols import BALANCED, PUBLISHED

stats = pytest.importorskip("scipy.stats")
optimize = pytest.importorskip("scipy.optimize")


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 9, 29, 30, 101])
def test_students_t_is_that_of_scipy(freedom):
    for t in (-40.0, -2.5, -0.3, 0.0, 1.0, 7.0):
        assert student_t_cdf(t, freedom) == pytest.approx(stats.t.cdf(t, freedom), abs=1e-12)
    for probability in (0.001, 0.025, 0.5, 0.9):
        assert student_t_quantile(probability, freedom) == pytest.approx(stats.t.ppf(probability, freedom), rel=1e-8, abs=1e-9)


def test_the_interval_of_a_mean_is_close_to_students():
    values = np.random.default_rng(0).normal(0.4, 0.1, 30)
    low, high = bootstrap_interval(values)
    expected = stats.t.interval(0.95, 29, values.mean(), values.std(ddof=1) / np.sqrt(30))
    assert (low, high) == pytest.approx(expected, abs=0.004)
    assert bootstrap_interval(values) == (low, high)
    assert bootstrap_interval(values, seed=1) != (low, high)
    assert bootstrap_interval([0.3]) is None
    assert bootstrap_interval([]) is None


def test_the_levels_widen_for_few_raters():
    low, high = expanded_levels(10_000)
    assert low == pytest.approx(0.025, abs=1e-4)
    assert low + high == pytest.approx(1)
    assert expanded_levels(5)[0] < 0.001
    assert expanded_levels(1) == (0.0, 1.0)


def test_drawing_raters_by_weights_equals_drawing_them():
    values = np.random.default_rng(1).normal(0, 1, 25)
    [by_weights] = cluster_interval(lambda weights: (weights @ values / 25)[:, None], 25, draws=10_000)
    assert by_weights == pytest.approx(bootstrap_interval(values), abs=0.03)
    assert cluster_interval(lambda weights: weights, 1) is None


def _by_scipy(wins):
    """Maximises the likelihood itself."""

    def loss(free):
        scores = np.append(free, -free.sum())
        return float((wins * np.logaddexp(0, scores[None] - scores[:, None])).sum())

    found = optimize.minimize(loss, np.zeros(len(wins) - 1), method="BFGS", options={"gtol": 1e-10})
    return np.append(found.x, -found.x.sum())


@pytest.mark.parametrize("n", [2, 3, 6])
def test_bradley_terry_is_the_maximum_of_the_likelihood(n):
    rng = np.random.default_rng(n)
    true = rng.normal(0, 1, n)
    probability = 1 / (1 + np.exp(true[None] - true[:, None]))
    wins = rng.binomial(60, probability).astype("float64") + 0.5 * rng.integers(1, 4, (n, n))
    np.fill_diagonal(wins, 0)
    scores = bradley_terry(wins)
    np.testing.assert_allclose(scores, _by_scipy(wins), atol=1e-6)
    assert scores.sum() == pytest.approx(0, abs=1e-12)


def test_two_contestants_have_a_closed_form():
    np.testing.assert_allclose(np.diff(bradley_terry([[0, 10], [30, 0]])), [np.log(3)], atol=1e-9)


def test_scores_that_do_not_exist_are_refused():
    for wins in ([[0, 5], [0, 0]], [[0, 3, 0], [3, 0, 0], [0, 0, 0]]):
        assert not is_connected(np.array(wins))
        with pytest.raises(ValueError, match="no most likely scores"):
            bradley_terry(wins)
        assert np.isfinite(bradley_terry(regularised(np.array(wins)))).all()
    with pytest.raises(ValueError, match="square"):
        bradley_terry([[1, 2, 3]])


def test_sensitivity_is_that_of_normal_distributions():
    hit, alarm = stats.norm.sf(0.2 - 1.5), stats.norm.sf(0.2 + 0.0)
    sensitivity, criterion = signal_detection(round(1e6 * hit), 10**6, round(1e6 * alarm), 10**6)
    assert sensitivity == pytest.approx(1.5, abs=1e-4)
    assert criterion == pytest.approx(0.2 - 0.75, abs=1e-4)
    assert signal_detection(5, 10, 5, 10) == pytest.approx((0, 0))
    assert np.isfinite(signal_detection(10, 10, 0, 10)).all()


def _modes(staircase, chance, blocks, seed):
    rng = np.random.default_rng(seed)
    modes = []
    for _ in range(blocks):
        correct = []
        exposures = [staircase.start]
        for _ in range(staircase.block - 1):
            correct.append(bool(rng.random() < chance(exposures[-1])))
            exposures.append(staircase.exposures(correct)[-1])
        modes.append(np.bincount(exposures).argmax())
    return np.array(modes)


def test_the_staircase_settles_where_three_quarters_are_right():
    def threshold(exposure):
        return 0.5 + 0.5 * stats.norm.cdf((exposure - 300) / 60)  # 75 % at 300 ms

    assert _modes(BALANCED, threshold, 10, 0).mean() == pytest.approx(300, abs=30)
    assert _modes(BALANCED, lambda _: 0.5, 3, 1).mean() > 900
    assert _modes(BALANCED, lambda _: 0.97, 3, 2).mean() == 100
    # With the published steps, even guessing settles at the shortest exposure.
    assert _modes(PUBLISHED, lambda _: 0.5, 3, 3).mean() == 100


def test_each_block_starts_anew():
    exposures = BALANCED.exposures([True] * 150)
    assert exposures[:3] == [500, 490, 480]
    assert exposures[149] == 100
    assert exposures[150] == 500
