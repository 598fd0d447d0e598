import keras
import numpy as np
import pytest
from keras import ops

from keras_gans.layers.pixel_normalization import PixelNormalization
from tests.keras_gans.layers.checks import check_gradients, check_saving, converted_to_tflite, gradient_and_second

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(4, 7), (3, 5, 6, 8)])
def test_every_pixel_has_a_mean_square_of_one(shape):
    x = RNG.normal(1.0, 3.0, shape).astype("float32")
    outputs = np.array(PixelNormalization()(x))
    lengths = np.linalg.norm(x, axis=-1, keepdims=True)
    np.testing.assert_allclose(outputs, x / lengths * np.sqrt(shape[-1]), rtol=1e-5, atol=1e-6)


def test_epsilon_is_added_to_the_mean_square():
    np.testing.assert_allclose(PixelNormalization(epsilon=7.0)(np.array([[3.0, 3.0]], "float32")), [[0.75, 0.75]], rtol=1e-6)


def test_statistics_are_float32_under_mixed_precision():
    # The squares are beyond float16's largest number.
    layer = PixelNormalization(dtype="mixed_float16")
    outputs = layer(np.array([[300.0, -400.0], [3e-4, -4e-4]], "float32"))
    assert keras.backend.standardize_dtype(outputs.dtype) == "float16"
    np.testing.assert_allclose(ops.cast(outputs, "float32")[0], [0.6 * np.sqrt(2), -0.8 * np.sqrt(2)], rtol=1e-3)
    # Of the small one the mean square is 1.25e-7, to which 1e-8 is added.
    np.testing.assert_allclose(ops.cast(outputs, "float32")[1], np.array([3e-4, -4e-4]) / np.sqrt(1.35e-7), rtol=2e-3)


def test_gradients_are_right_and_finite_at_zero(tmp_path):
    layer = PixelNormalization()
    check_gradients(layer, RNG.normal(size=(3, 2, 2, 5)) + 1.0, epsilon=3e-3)
    for gradient in gradient_and_second(layer, np.zeros((2, 3)), np.ones((2, 3), "float32")):
        assert np.isfinite(gradient).all()


def test_it_is_saved_and_exported(tmp_path):
    model = keras.Sequential([keras.Input((4, 4, 3)), PixelNormalization(epsilon=1e-4)])
    x = RNG.normal(size=(1, 4, 4, 3)).astype("float32")
    check_saving(model, x, tmp_path)
    np.testing.assert_allclose(converted_to_tflite(model)(x), model(x), atol=1e-5)
