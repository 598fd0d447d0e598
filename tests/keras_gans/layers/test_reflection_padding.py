import keras
import numpy as np
import pytest

from keras_gans.layers import ReflectionPadding2D
from tests.keras_gans.layers.checks import check_gradients, check_saving, converted_to_tflite

MAPS = np.random.default_rng(0).normal(size=(2, 4, 5, 3)).astype("float32")
PADDED = np.pad(MAPS, ((0, 0), (2, 2), (2, 2), (0, 0)), mode="reflect")


def model_of(*sides):
    images = keras.Input((*sides, 3))
    return keras.Model(images, ReflectionPadding2D(2)(images))


def test_maps_are_mirrored_at_their_borders(tmp_path):
    model = model_of(4, 5)
    np.testing.assert_array_equal(model(MAPS), PADDED)
    check_saving(model, MAPS, tmp_path)


def test_sizes_may_be_free():
    model = model_of(None, None)
    assert model.output_shape == (None, None, None, 3)
    np.testing.assert_array_equal(model.predict(MAPS, verbose=0), PADDED)


def test_gradients_are_right():
    check_gradients(ReflectionPadding2D(1), np.random.default_rng(1).normal(size=(2, 2, 3, 2)))


def test_it_is_converted_to_tflite():
    np.testing.assert_array_equal(converted_to_tflite(model_of(4, 5))(MAPS[:1]), PADDED[:1])


def test_maps_that_are_too_small():
    with pytest.raises(ValueError, match=r"more than 4 pixels on each side; received the shape \(4, 5, 3\)"):
        ReflectionPadding2D(4)(MAPS)
    with pytest.raises(ValueError, match="padding must be an integer of at least 1"):
        ReflectionPadding2D(0)
