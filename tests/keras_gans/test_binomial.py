import numpy as np
import pytest
from scipy import special, stats

from keras_gans import binomial


@pytest.mark.parametrize("total", [0, 1, 30, 2000])
@pytest.mark.parametrize("share", [0.0, 1e-9, 0.3, 0.5, 1.0])
def test_tails_are_those_of_scipy(total, share):
    for count in {-1, 0, 1, total // 2, total, total + 1}:
        expected = stats.binom.sf(count - 1, total, share)
        assert binomial.at_least(count, total, share) == pytest.approx(expected, rel=1e-9, abs=1e-300)


def test_probabilities_far_from_the_mean_are_not_lost():
    # 2,000 heads of 2,000: too small for a float, whose logarithm is not.
    logs = binomial.log_probabilities(2000, np.log(0.5), np.log(0.5))
    assert logs[-1] == pytest.approx(-2000 * np.log(2))
    assert np.logaddexp.reduce(logs) == pytest.approx(0, abs=1e-9)
    assert binomial.log_coefficients(50)[7] == pytest.approx(np.log(special.comb(50, 7)), rel=1e-12)
