import numpy as np
import pytest
from scipy import stats

from keras_gans.data import mixtures
from keras_gans.metrics import high_quality_fraction, modes_covered

MIXTURES = [mixtures.ring(), mixtures.grid()]


@pytest.mark.parametrize("mixture", MIXTURES, ids=["ring", "grid"])
def test_exact_samples_have_the_quality_of_a_rayleigh_distance(mixture):
    n = 50_000
    points, _ = mixture.sample(n, seed=1)
    expected = stats.rayleigh.cdf(3)  # the distance from the centre, in standard deviations
    assert expected == pytest.approx(1 - np.exp(-4.5))
    assert high_quality_fraction(points, mixture) == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / n))


@pytest.mark.parametrize("mixture", MIXTURES, ids=["ring", "grid"])
def test_points_count_up_to_three_standard_deviations(mixture):
    directions = np.array([(1, 0), (0, 1), (-1, 0), (0, -1)])
    for distance, expected in ((0, 1), (2.99, 1), (3.01, 0)):
        points = (mixture.centres[:, None] + distance * mixture.std * directions).reshape(-1, 2)
        assert high_quality_fraction(points, mixture) == expected


def test_quality_is_the_share_of_good_points():
    ring = mixtures.ring()
    assert high_quality_fraction([*ring.centres[:3], (0, 0)], ring) == 0.75
    assert high_quality_fraction(np.random.default_rng(0).uniform(-0.3, 0.3, (50, 2)), ring) == 0


@pytest.mark.parametrize("mixture", MIXTURES, ids=["ring", "grid"])
def test_dropped_modes_are_not_covered(mixture):
    points, modes = mixture.sample(10_000, seed=2)
    total = len(mixture.centres)
    assert modes_covered(points, mixture) == total
    for dropped in (1, 3, total - 1):
        assert modes_covered(points[modes >= dropped], mixture) == total - dropped


def test_no_good_point_covers_nothing():
    assert modes_covered(np.zeros((100, 2)), mixtures.ring()) == 0
    assert modes_covered(np.zeros((100, 2)), mixtures.ring(), min_share=0) == 0


def test_min_share_is_of_an_even_share():
    ring = mixtures.ring()
    # 800 points, an even share is 100: the modes hold 755, 20, 10, 9, 5, 1, 0, 0.
    counts = [755, 20, 10, 9, 5, 1, 0, 0]
    points = np.repeat(ring.centres, counts, axis=0)
    assert modes_covered(points, ring) == 3
    assert modes_covered(points, ring, min_share=0.2) == 2
    assert modes_covered(points, ring, min_share=0.21) == 1
    assert modes_covered(points, ring, min_share=0.05) == 5
    assert modes_covered(points, ring, min_share=0) == 6


def test_poor_points_do_not_cover_a_mode_they_are_nearest_to():
    ring = mixtures.ring()
    points = np.repeat(ring.centres, 100, axis=0)
    points[:100] *= 0.9  # five standard deviations off
    assert modes_covered(points, ring) == 7
    assert high_quality_fraction(points, ring) == pytest.approx(7 / 8)
