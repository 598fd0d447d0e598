"""Moving digits: they are where their paths say, move as fast as they should, and are the same for the same numbers."""

import os

import numpy as np
import pytest

from keras_gans.data import load_data
from keras_gans.data.moving_digits import MovingDigitsSource, draw_clips, draw_paths
from keras_gans.video.motion import centroids

RANDOM = np.random.default_rng(0)


def test_paths_are_straight_and_reflected_at_the_edges():
    paths = draw_paths(RANDOM.random((500, 1, 4)), 16, 32, 40, 16)
    assert paths.places.min() >= 0
    assert paths.places[..., 0].max() <= 32 - 16
    assert paths.places[..., 1].max() <= 40 - 16
    assert (paths.speeds >= 1).all()
    assert (paths.speeds <= 3).all()
    steps = np.linalg.norm(np.diff(paths.places[:, 0], axis=1), axis=-1)
    # A reflection within a step makes it shorter.
    assert (steps <= paths.speeds + 1e-9).all()
    assert np.isclose(steps, paths.speeds).mean() > 0.7


def test_a_digit_is_drawn_where_its_path_is_between_pixels_too():
    digits = np.zeros((3, 1, 16, 16), "uint8")
    digits[:, :, 6:10, 6:10] = 240
    paths = draw_paths(RANDOM.random((3, 1, 4)), 16, 32, 32, 16)
    clips = draw_clips(digits, paths, 32, 32)
    np.testing.assert_allclose(centroids(clips), paths.places[:, 0] + 7.5, atol=0.02)
    np.testing.assert_allclose(clips.sum(axis=(2, 3, 4), dtype="int64"), 16 * 240, rtol=0.01)


def test_clips_depend_on_their_numbers_alone():
    digits = RANDOM.integers(0, 256, (20, 16, 16), "uint8")
    source = MovingDigitsSource(digits, (8, 32, 32, 3), count=2)
    numbers = RANDOM.random((4, source.random_numbers), dtype="float32")
    rows = np.array([3, 7, 3, 0])
    whole, one = source.read(rows, numbers)[0], source.read(rows[1:2], numbers[1:2])[0]
    np.testing.assert_array_equal(whole[1:2], one)
    assert (whole[0] != whole[2]).any()
    np.testing.assert_array_equal(source.read(rows)[0][0], source.read(rows)[0][2])
    assert (whole[..., :1] == whole).all()


@pytest.mark.skipif("TFDS_DATA_DIR" not in os.environ, reason="MNIST is not prepared")
def test_the_source(monkeypatch):
    data = load_data("moving_digits", split="test[:50]", frames=6)
    assert (data.shape, data.medium.fps, data.num_classes, data.licence) == ((6, 32, 32, 1), 8.0, 10, "CC BY-SA 3.0")
    mnist = load_data("mnist", split="test[:50]")
    np.testing.assert_array_equal(data.labels, mnist.labels)
    assert load_data("moving_digits", split="test[:50]", digits=2).labels is None


def test_mistakes_say_what_to_do():
    with pytest.raises(ValueError, match="digits must be 1 or 2"):
        load_data("moving_digits", digits=3)
    with pytest.raises(ValueError, match="8 frames per second"):
        load_data("moving_digits", fps=5.0)
