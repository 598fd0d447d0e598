import keras
import numpy as np
import pytest

from keras_gans.layers import PixelShuffle
from tests.keras_gans.layers.checks import check_gradients, check_saving, converted_to_tflite

MAPS = np.random.default_rng(0).normal(size=(2, 3, 4, 18)).astype("float32")


def test_channels_become_squares_of_pixels(tmp_path):
    images = keras.Input((3, 4, 18))
    model = keras.Model(images, PixelShuffle(3)(images))
    outputs = np.asarray(model(MAPS))
    expected = np.zeros((2, 9, 12, 2), "float32")
    for row in range(9):
        for column in range(12):
            first = (row % 3 * 3 + column % 3) * 2
            expected[:, row, column] = MAPS[:, row // 3, column // 3, first : first + 2]
    np.testing.assert_array_equal(outputs, expected)
    assert PixelShuffle(3).compute_output_shape((None, None, 4, 18)) == (None, None, 12, 2)
    check_saving(model, MAPS, tmp_path)


def test_gradients_are_right():
    check_gradients(PixelShuffle(2), np.random.default_rng(1).normal(size=(2, 2, 3, 4)))


def test_it_is_converted_to_tflite():
    images = keras.Input((3, 4, 18))
    model = keras.Model(images, PixelShuffle(3)(images))
    np.testing.assert_allclose(converted_to_tflite(model)(MAPS[:1]), model(MAPS[:1]), atol=1e-6)


def test_channels_that_do_not_fit():
    with pytest.raises(ValueError, match="multiple of 4 channels; received 18"):
        PixelShuffle(2)(MAPS)
    with pytest.raises(ValueError, match="scale must be an integer of at least 2"):
        PixelShuffle(1)
