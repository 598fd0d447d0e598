"""Holes that are drawn."""

import numpy as np
import pytest

from keras_gans.data.mask_shapes import SHAPES, _draw_line


def draw(name, height, width, n=100):
    return np.stack([SHAPES[name](np.random.default_rng(seed), height, width) for seed in range(n)])


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("size", [(1, 1), (8, 8), (64, 48)], ids=str)
def test_there_is_always_a_hole_of_the_size(name, size):
    holes = draw(name, *size)
    assert (holes.shape[1:], holes.dtype) == (size, bool)
    assert holes.any(axis=(1, 2)).all()
    if min(size) > 1:
        assert not holes.all(axis=(1, 2)).any()


@pytest.mark.parametrize(("name", "least", "most"), [("strokes", 0.12, 0.16), ("boxes", 0.11, 0.14), ("mixed", 0.11, 0.15)])
def test_the_share_of_the_hole_does_not_depend_on_the_size(name, least, most):
    shares = [draw(name, side, side).mean() for side in (48, 128)]
    assert least < min(shares)
    assert max(shares) < most
    assert shares[0] == pytest.approx(shares[1], rel=0.05)


@pytest.mark.parametrize("name", ["strokes", "boxes", "mixed"])
def test_each_hole_is_another_one_anywhere(name):
    holes = draw(name, 32, 32, 200)
    assert len(np.unique(holes.reshape(200, -1), axis=0)) > 190
    assert holes.any(axis=0).mean() > 0.99
    np.testing.assert_array_equal(holes[:100], draw(name, 32, 32))


def test_the_centre_is_three_eighths_of_each_side():
    (hole,) = draw("centre", 64, 32, 1)
    assert hole.sum() == 24 * 12
    assert hole[20:44, 10:22].all()


def test_a_line_is_all_that_is_near_to_it():
    """Compared with scipy's distance from a finely drawn line."""
    from scipy.ndimage import distance_transform_edt

    rng = np.random.default_rng(0)
    for _ in range(5):
        start, end, radius = rng.uniform(0, 40, 2), rng.uniform(0, 40, 2), rng.uniform(1, 6)
        hole = np.zeros((41, 41), bool)
        _draw_line(hole, start, end, radius)
        fine = np.ones((41 * 8, 41 * 8), bool)
        points = start + np.linspace(0, 1, 2000)[:, None] * (end - start)
        fine[tuple(np.clip(np.rint(points * 8), 0, 41 * 8 - 1).astype(int).T)] = False
        distances = distance_transform_edt(fine)[::8, ::8] / 8
        unclear = np.abs(distances - radius) < 0.15
        np.testing.assert_array_equal(hole[~unclear], (distances < radius)[~unclear])
