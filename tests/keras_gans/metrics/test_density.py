"""Densities on a grid and their divergences, against SciPy and closed forms."""

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy

from keras_gans.data import mixtures
from keras_gans.metrics import grid_density, js_divergence, kl_divergence

RNG = np.random.default_rng(0)


def test_a_density_is_a_histogram_that_sums_to_1():
    points = RNG.uniform(-1, 1, (2000, 2))
    density = grid_density(points, bins=7)
    expected = np.histogram2d(*points.T, bins=7, range=[[-1, 1], [-1, 1]])[0] / 2000
    np.testing.assert_allclose(density, expected, atol=1e-15)


@pytest.mark.parametrize("pseudocount", [0.0, 0.01])
def test_points_outside_and_on_the_edge_are_counted(pseudocount):
    points = [[-1, -1], [1, 1], [5, -7], [1e300, 0]]
    density = grid_density(points, bins=4, pseudocount=pseudocount)
    assert density.sum() == pytest.approx(1, abs=1e-12)
    added = np.full((4, 4), pseudocount)
    for place in [(0, 0), (3, 3), (3, 0), (3, 2)]:
        added[place] += 1
    np.testing.assert_allclose(density, added / added.sum())


@pytest.mark.parametrize("cells", [2, 30, 900])
def test_divergences_are_those_of_scipy(cells):
    p, q = RNG.dirichlet(np.ones(cells)), RNG.dirichlet(np.ones(cells))
    assert kl_divergence(p, q) == pytest.approx(entropy(p, q, base=2), rel=1e-12)
    assert js_divergence(p, q) == pytest.approx(jensenshannon(p, q, base=2) ** 2, rel=1e-12)
    assert js_divergence(p, q) == pytest.approx(js_divergence(q, p), rel=1e-12)


def test_equal_and_disjoint_distributions():
    p = grid_density(RNG.uniform(-1, 0, (500, 2)))
    q = grid_density(RNG.uniform(0.1, 1, (500, 2)))
    assert kl_divergence(p, p) == js_divergence(p, p) == 0.0
    assert js_divergence(p, q) == 1.0
    assert kl_divergence(p, q) == np.inf
    # One bit for each halving of the support.
    assert kl_divergence([1, 0], [0.5, 0.5]) == 1.0


@pytest.mark.parametrize("cells", [4, 30])
def test_two_samples_of_one_distribution_are_as_far_apart_as_stated(cells):
    """Within 5 % on average over 200 pairs: the standard error of a mean of chi-squared numbers is below 1.5 %."""
    n, found = 4096, []
    for _ in range(200):
        points = RNG.uniform(-1, 1, (2, n, 2)) * [1, 0]
        first, second = (grid_density(each, bins=cells) for each in points)
        found.append(js_divergence(first, second))
    assert np.mean(found) == pytest.approx((cells - 1) / (4 * np.log(2) * n), rel=0.05 if cells > 4 else 0.2)


@pytest.mark.parametrize("mixture", [mixtures.ring(), mixtures.grid(), mixtures.blobs(), mixtures.lines()])
def test_samples_of_the_data_of_the_lab_are_at_most_as_far_apart_as_stated(mixture):
    n = 4096
    first, second = (grid_density(mixture.sample(n, seed=seed)[0]) for seed in (1, 2))
    cells = np.count_nonzero(first + second)
    assert 0 < js_divergence(first, second) <= 1.25 * (cells - 1) / (4 * np.log(2) * n) < 0.05


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: grid_density(np.zeros((0, 2))), "at least one row"),
        (lambda: grid_density([[np.nan, 0]]), "finite"),
        (lambda: grid_density([[0, 0, 0]]), "shape"),
        (lambda: grid_density([[0, 0]], bins=0), "bins"),
        (lambda: grid_density([[0, 0]], bound=0), "bound"),
        (lambda: grid_density([[0, 0]], pseudocount=-1), "pseudocount"),
        (lambda: kl_divergence([0.5, 0.4], [0.5, 0.5]), "sum to 1"),
        (lambda: kl_divergence([1.5, -0.5], [0.5, 0.5]), "at least 0"),
        (lambda: kl_divergence([1], [0.5, 0.5]), "same shape"),
        (lambda: js_divergence([1], [0.5, 0.5]), "same shape"),
    ],
)
def test_what_is_no_density_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
