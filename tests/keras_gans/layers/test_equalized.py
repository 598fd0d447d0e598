import keras
import numpy as np
import pytest

from keras_gans.layers.equalized import EqualizedConv2D, EqualizedDense
from tests.keras_gans.layers.checks import check_saving, converted_to_tflite

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("gain", [np.sqrt(2), 1.0, 0.25])
def test_dense_multiplies_its_weights_by_the_gain_over_the_root_of_fan_in(gain):
    layer = EqualizedDense(5, gain=float(gain), bias_initializer="normal", activation="tanh")
    x = RNG.normal(size=(4, 9)).astype("float32")
    outputs = layer(x)
    kernel, bias = layer.get_weights()
    np.testing.assert_allclose(outputs, np.tanh(x @ kernel * gain / 3.0 + bias), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("arguments", [{"padding": "same"}, {"strides": 2, "use_bias": False}])
def test_convolutions_are_keras_own_with_scaled_weights(arguments):
    layer, plain = EqualizedConv2D(6, 3, **arguments), keras.layers.Conv2D(6, 3, **arguments)
    x = RNG.normal(size=(2, 7, 7, 4)).astype("float32")
    layer.build(x.shape)
    plain.build(x.shape)
    kernel, *bias = (RNG.normal(size=weight.shape) for weight in layer.get_weights())
    layer.set_weights([kernel, *bias])
    plain.set_weights([kernel * np.sqrt(2 / (3 * 3 * 4)), *bias])
    np.testing.assert_allclose(layer(x), plain(x), rtol=1e-5, atol=1e-5)
    assert layer.compute_output_shape(x.shape) == tuple(layer(x).shape)


def test_weights_begin_as_standard_normal_whatever_the_layer():
    for layer, shape in ((EqualizedDense(100), (1, 400)), (EqualizedConv2D(64, 3), (1, 8, 8, 64))):
        layer.build(shape)
        kernel, bias = layer.get_weights()
        assert kernel.mean() == pytest.approx(0.0, abs=4 / np.sqrt(kernel.size))
        assert kernel.std() == pytest.approx(1.0, abs=4 / np.sqrt(2 * kernel.size))
        assert not bias.any()


def test_they_are_saved_and_exported(tmp_path):
    layers = [keras.Input((6, 6, 2)), EqualizedConv2D(3, 3, gain=1.0), keras.layers.Flatten(), EqualizedDense(4, gain=0.5)]
    model = keras.Sequential(layers)
    x = RNG.normal(size=(1, 6, 6, 2)).astype("float32")
    check_saving(model, x, tmp_path)
    np.testing.assert_allclose(converted_to_tflite(model)(x), model(x), atol=1e-5)


@pytest.mark.parametrize("layer", [EqualizedDense(3, dtype="mixed_float16"), EqualizedConv2D(3, 1, dtype="mixed_float16")])
def test_the_policy_decides_the_dtype(layer):
    x = RNG.normal(size=(2, 4, 4, 5)).astype("float32")
    outputs = layer(x)
    assert keras.backend.standardize_dtype(outputs.dtype) == "float16"
    assert keras.backend.standardize_dtype(layer.kernel.dtype) == "float32"
    expected = x @ layer.get_weights()[0].reshape(5, 3) * np.sqrt(2 / 5)
    np.testing.assert_allclose(keras.ops.cast(outputs, "float32"), expected, atol=0.02)
