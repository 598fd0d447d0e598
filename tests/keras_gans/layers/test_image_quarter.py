import keras
import numpy as np
import pytest

from keras_gans.layers import ImageQuarter
from tests.keras_gans.layers.checks import check_saving

X = np.random.default_rng(0).normal(size=(6, 4, 8, 3)).astype("float32")


def test_images_keep_their_quarters_in_turn():
    found = np.array(ImageQuarter()(X))
    parts = [(0, 0), (0, 4), (2, 0), (2, 4), (0, 0), (0, 4)]
    np.testing.assert_array_equal(found, [image[y : y + 2, x : x + 4] for image, (y, x) in zip(X, parts, strict=True)])


def test_it_is_saved(tmp_path):
    check_saving(keras.Sequential([keras.Input((4, 8, 3)), ImageQuarter()]), X, tmp_path)


def test_odd_sides_are_refused():
    with pytest.raises(ValueError, match="even height and width; received images of shape"):
        ImageQuarter()(np.zeros((1, 5, 4, 3)))
