import numpy as np
import pytest

from keras_gans.conditions import Classes
from keras_gans.conditions import Images as ImageCondition
from keras_gans.media import Images, Medium, Points, Text, pictures


def test_images_are_tiles_of_their_own():
    pixels = np.random.default_rng(0).integers(0, 256, (3, 4, 5, 3), dtype="uint8")
    medium = Images((4, 5, 3))
    assert medium.tiled
    np.testing.assert_array_equal(medium.tiles(pixels), pixels)
    np.testing.assert_array_equal(medium.tiles(pixels / 127.5 - 1), pixels)


def test_points_are_one_tile():
    points = np.random.default_rng(0).uniform(-1, 1, (20, 2))
    assert not Points((2,)).tiled
    np.testing.assert_array_equal(Points((2,)).tiles(points), pictures.scatter(points)[None])


@pytest.mark.parametrize("medium", [Points((3,)), Medium((8, 8, 2)), Text((4,))])
def test_other_samples_are_not_drawn(medium):
    with pytest.raises(ValueError, match="cannot be drawn"):
        medium.tiles(np.zeros((2, *medium.sample_shape)))


def test_large_images_are_shrunk_and_others_stay():
    large = np.random.default_rng(0).uniform(-1, 1, (2, 64, 97, 3))
    shrunk = Images((64, 97, 3)).shrink(large)
    assert shrunk.shape == (2, 32, 48, 3)
    np.testing.assert_allclose(shrunk[:, 3, 5], large[:, 6:8, 10:12].mean(axis=(1, 2)))
    for medium in (Images((63, 63, 1)), Medium((640, 970, 3))):
        samples = np.zeros((1, *medium.sample_shape))
        assert medium.shrink(samples) is samples


def test_conditions_that_are_images_are_tiles():
    condition = ImageCondition((None, None, 1))
    examples = condition.examples(3)
    assert np.abs(examples).max() <= 1
    np.testing.assert_array_equal(condition.tiles(condition.check(examples)), pictures.to_uint8(examples))
    assert ImageCondition((8, 8, 2)).tiles(np.zeros((1, 8, 8, 2))) is None
    assert Classes(3).tiles(np.zeros(2, "int32")) is None
