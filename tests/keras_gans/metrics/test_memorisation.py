import math

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from keras_gans.metrics.memorisation import authenticity, memorisation
from tests.support.slow import slow_but


def draw(n, d=8, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d))


@pytest.mark.parametrize("d", [1, 3, 64])
def test_both_are_those_of_brute_force(d):
    train, held_out = draw(150, d, seed=1), draw(150, d, seed=2)
    # Some near to training samples, some of the same distribution, some elsewhere.
    fake = np.concatenate([train[:40] + 0.05 * draw(40, d, seed=3), draw(60, d, seed=4), 3 + draw(30, d, seed=5)])
    to_train, to_held_out = cdist(fake, train), cdist(fake, held_out)
    result = memorisation(fake, train, held_out)
    assert result.nearer_to_train == np.mean(to_train.min(axis=1) < to_held_out.min(axis=1))
    assert result.distance_ratio == pytest.approx(np.median(to_train.min(axis=1) / to_held_out.min(axis=1)))
    assert result.compared == 150
    within = cdist(train, train)
    np.fill_diagonal(within, np.inf)
    authentic = [row.min() > within[row.argmin()].min() for row in to_train]
    assert authenticity(train, fake) == np.mean(authentic)
    assert 0.2 < np.mean(authentic) < 0.9


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_fresh_draws_are_as_near_to_either_set():
    n = 2000
    result = memorisation(draw(n, seed=1), draw(n, seed=2), draw(n, seed=3))
    # Samples share neighbours, so this share is not binomial: the spread is taken from the data.
    shares = [
        memorisation(draw(500, seed=s), draw(500, seed=100 + s), draw(500, seed=200 + s)).nearer_to_train for s in range(20)
    ]
    assert np.mean(shares) == pytest.approx(0.5, abs=4 * np.std(shares, ddof=1) / math.sqrt(20))
    assert result.nearer_to_train == pytest.approx(0.5, abs=4 * np.std(shares, ddof=1) / 2)
    assert result.distance_ratio == pytest.approx(1, abs=0.05)


# The probability that the nearest neighbour's nearest neighbour is oneself, of uniformly scattered points: the volume of
# a ball divided by that of two which pass through each other's centres.
RECIPROCAL = {1: 2 / 3, 2: 6 * math.pi / (8 * math.pi + 3 * math.sqrt(3)), 3: 16 / 27}


# Last run of the others: 0.1.0, 2026-11-30.
@pytest.mark.parametrize("d", slow_but(sorted(RECIPROCAL), 2))
def test_authenticity_of_fresh_draws_is_the_share_of_one_sided_neighbours(d):
    n = 4000
    train, fresh = (np.random.default_rng(seed).uniform(size=(n, d)) for seed in (1, 2))
    expected = 1 - RECIPROCAL[d]
    assert authenticity(train, fresh) == pytest.approx(expected, abs=5 * math.sqrt(expected * (1 - expected) / n))


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8"])
def test_copies_of_training_samples_are_found(dtype):
    train, held_out = ((40 * draw(300, 64, seed=seed) + 128).clip(0, 255).astype(dtype) for seed in (1, 2))
    for copies in (train, train[:50], train[::-1]):
        result = memorisation(copies, train, held_out)
        assert result.nearer_to_train == 1
        assert result.distance_ratio == pytest.approx(0, abs=1e-3)
        assert authenticity(train, copies) == 0
    against = memorisation(held_out, train, held_out)
    assert against.nearer_to_train == 0
    assert against.distance_ratio > 1000
    assert authenticity(train, held_out) > 0.4


def test_more_copies_are_seen_as_more():
    train, held_out, fresh = draw(800, seed=1), draw(800, seed=2), draw(800, seed=3)
    mixed = [np.concatenate([train[:copies], fresh[copies:]]) for copies in (0, 200, 400, 800)]
    shares = [memorisation(fake, train, held_out).nearer_to_train for fake in mixed]
    assert shares == sorted(shares)
    assert shares[2] == pytest.approx(0.75, abs=0.07)
    authentic = [authenticity(train, fake) for fake in mixed]
    assert authentic == sorted(authentic, reverse=True)
    assert authentic[2] == pytest.approx(authentic[0] / 2, abs=0.07)


def test_samples_in_both_sets_count_half():
    both = draw(50, seed=1)
    result = memorisation(both, both, both)
    assert result.nearer_to_train == 0.5
    assert result.distance_ratio == 1


def test_copies_of_doubled_training_samples_are_not_authentic():
    train = np.repeat(draw(50, seed=1), 2, axis=0)
    assert authenticity(train, train[:20]) == 0


def test_the_larger_set_is_reduced():
    train, held_out, fake = draw(3000, seed=1), draw(300, seed=2), draw(1000, seed=3)
    result = memorisation(fake, train, held_out)
    assert result.compared == 300
    # Against all 3000 the share would be about 3000 / 3300.
    assert result.nearer_to_train == pytest.approx(0.5, abs=0.1)
    assert memorisation(fake, train, held_out) == result
    assert memorisation(fake, train, held_out, seed=1) != result
    swapped = memorisation(fake, held_out, train)
    assert swapped.nearer_to_train == pytest.approx(1 - result.nearer_to_train, abs=1e-12)


def test_no_set_is_changed():
    sets = [draw(30, seed=seed) for seed in range(3)]
    copies = [points.copy() for points in sets]
    memorisation(*sets)
    authenticity(*sets[:2])
    for points, copy in zip(sets, copies, strict=True):
        np.testing.assert_array_equal(points, copy)


def holed(value):
    points = draw(10)
    points[4, 2] = value
    return points


@pytest.mark.parametrize(
    ("fake", "train", "held_out", "message"),
    [
        (draw(0), draw(10), draw(10), "fake holds 0 sample"),
        (draw(10), draw(0), draw(10), "train holds 0 sample"),
        (draw(10), draw(10), draw(0), "held_out holds 0 sample"),
        (draw(10)[0], draw(10), draw(10), r"fake must have shape.*\(8,\)"),
        (draw(10), draw(10).reshape(10, 2, 2, 2), draw(10), r"train must have shape.*\(10, 2, 2, 2\)"),
        (draw(10), draw(10), draw(10, 7), "train has 8 features a sample and held_out has 7"),
        (draw(10), holed(np.nan), draw(10), "train: 1 samples contain NaN or infinity; the first is number 4"),
        (draw(10), draw(10), holed(np.inf), "held_out: 1 samples"),
        (draw(10).astype(str), draw(10), draw(10), "fake must hold real numbers"),
    ],
)
def test_bad_features_are_refused(fake, train, held_out, message):
    with pytest.raises(ValueError, match=message):
        memorisation(fake, train, held_out)


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match=r"seed.*received -1"):
        memorisation(draw(3), draw(3), draw(3), seed=-1)
    with pytest.raises(ValueError, match=r"train holds 1 sample.*at least 2"):
        authenticity(draw(1), draw(5))
    with pytest.raises(ValueError, match=r"train has 8 features.*fake has 9"):
        authenticity(draw(5), draw(5, 9))
    with pytest.raises(ValueError, match="fake: 1 samples"):
        authenticity(draw(5), holed(np.nan))
