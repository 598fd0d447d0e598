"""The continuous ranked probability score, against its definition and a closed form."""

import numpy as np
import pytest
from scipy.stats import norm

from keras_gans.metrics import crps


@pytest.mark.parametrize("members", [1, 2, 5, 8])
def test_it_is_its_definition(members):
    rng = np.random.default_rng(0)
    ensemble, truth = rng.normal(size=(members, 3, 4)), rng.normal(size=(3, 4))
    error = np.abs(ensemble - truth).mean(axis=0)
    differences = sum(np.abs(one - other) for one in ensemble for other in ensemble)
    np.testing.assert_allclose(crps(ensemble, truth, fair=False), error - differences / (2 * members**2))
    pairs = members * (members - 1)
    np.testing.assert_allclose(crps(ensemble, truth), error - (differences / (2 * pairs) if pairs else 0))


def closed_form(y):
    """The score of a standard normal forecast: Gneiting et al. 2005, "Calibrated Probabilistic Forecasting"."""
    return y * (2 * norm.cdf(y) - 1) + 2 * norm.pdf(y) - 1 / np.sqrt(np.pi)


def test_large_ensembles_score_what_the_distribution_does():
    quantiles = norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    for y in (-1.5, 0.0, 0.7):
        assert crps(quantiles, y) == pytest.approx(closed_form(y), abs=2e-4)


def test_the_fair_score_of_few_members_is_that_of_many_on_average():
    rng = np.random.default_rng(0)
    ensembles = rng.normal(size=(2, 200_000))
    truth = np.full(200_000, 0.7)
    assert crps(ensembles, truth).mean() == pytest.approx(closed_form(0.7), abs=5e-3)
    # Two members differ by 2 / sqrt(pi) on average, half of which the other estimator leaves out of a half.
    biased = crps(ensembles, truth, fair=False).mean()
    assert biased == pytest.approx(closed_form(0.7) + 0.5 / np.sqrt(np.pi), abs=5e-3)


def test_it_is_proper():
    """The true distribution scores best among normal forecasts of a normal variable."""
    rng = np.random.default_rng(0)
    truth, drawn = rng.normal(size=20_000), rng.normal(size=(8, 20_000))
    scores = {(mean, spread): crps(mean + spread * drawn, truth).mean() for mean in (-0.5, 0, 0.5) for spread in (0.5, 1, 2)}
    assert min(scores, key=scores.get) == (0, 1)


def test_equal_members_score_their_absolute_error():
    truth = np.array([1.0, -2.0])
    np.testing.assert_allclose(crps(np.full((6, 2), 0.5), truth), [0.5, 2.5])


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"members have the shape \(m, \*\(3,\)\)"):
        crps(np.zeros((2, 4)), np.zeros(3))
    with pytest.raises(ValueError, match="m of at least 1"):
        crps(np.zeros((0, 3)), np.zeros(3))
