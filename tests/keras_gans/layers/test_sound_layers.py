"""Layers of networks of sounds: upsampling, periods, phase shuffle, scales, Griffin-Lim."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_gans import Mel
from keras_gans.layers import GriffinLim, LayerScale, PeriodFolding, PhaseShuffle, UpsamplingConv1D
from tests.keras_gans.layers.checks import check_saving, converted_to_tflite


def maps(length, channels=3, n=2):
    return np.random.default_rng(0).normal(size=(n, length, channels)).astype("float32")


@pytest.mark.parametrize(("kernel", "factor"), [(16, 8), (4, 2), (24, 4), (25, 4), (3, 3)])
def test_upsampling_is_a_transposed_convolution(kernel, factor):
    ours, keras_layer = UpsamplingConv1D(2, kernel, factor), layers.Conv1DTranspose(2, kernel, factor, "same")
    x = maps(7)
    ours(x), keras_layer(x)
    weights = [np.random.default_rng(1).normal(size=weight.shape) for weight in ours.get_weights()]
    ours.set_weights(weights)
    keras_layer.set_weights(weights)
    np.testing.assert_allclose(np.array(ours(x)), np.array(keras_layer(x)), atol=1e-4)


def test_upsampling_is_saved_and_exported(tmp_path):
    x = keras.Input((5, 3))
    model = keras.Model(x, UpsamplingConv1D(2, 8, 4, "tanh")(x))
    check_saving(model, maps(5), tmp_path)
    fixed = keras.Input((5, 3), batch_size=2)
    np.testing.assert_allclose(
        converted_to_tflite(keras.Model(fixed, model.layers[1](fixed)))(maps(5)), np.array(model(maps(5))), atol=1e-5
    )


def test_rows_of_a_period_are_filled_up_by_reflection(tmp_path):
    sounds = np.arange(7, dtype="float32").reshape(1, 7, 1)
    rows = np.array(PeriodFolding(3)(sounds))
    np.testing.assert_array_equal(rows[0, :, :, 0], [[0, 1, 2], [3, 4, 5], [6, 5, 4]])
    np.testing.assert_array_equal(np.array(PeriodFolding(1)(sounds)).ravel(), sounds.ravel())
    x = keras.Input((12, 1))
    check_saving(keras.Model(x, PeriodFolding(5)(x)), maps(12, 1), tmp_path)


def test_phases_are_shuffled_in_training_only(tmp_path):
    layer, x = PhaseShuffle(2, seed=0), maps(9)
    np.testing.assert_array_equal(np.array(layer(x)), x)
    padded = np.pad(x, [(0, 0), (2, 2), (0, 0)], mode="reflect")
    shifts = set()
    for _ in range(40):
        found = np.array(layer(x, training=True))
        [shift] = [start for start in range(5) if np.array_equal(found, padded[:, start : start + 9])]
        shifts.add(shift)
    assert shifts == set(range(5))
    samples = keras.Input((9, 3))
    check_saving(keras.Model(samples, PhaseShuffle(2, seed=0)(samples)), x, tmp_path)


def test_scales_begin_small_and_are_learned():
    layer = LayerScale(0.125)
    np.testing.assert_array_equal(np.array(layer(maps(4))), maps(4) * np.float32(0.125))
    assert layer.trainable_weights[0].shape == (3,)


def test_griffin_lim_in_a_graph_is_that_of_mel(tmp_path):
    mel = Mel(8000, 64, 16, n_mels=16)
    sounds = np.random.default_rng(0).normal(0, 0.1, (2, 320, 1)).cumsum(axis=1).clip(-1, 1).astype("float32")
    given = mel(sounds)
    x = keras.Input((None, 16))
    model = keras.Model(x, GriffinLim(mel, 64)(x))
    # NumPy has other Fourier transforms.
    np.testing.assert_allclose(np.array(model(given)), mel.inverse(given, 64, momentum=0.3), atol=1e-4)
    x = keras.Input((20, 16))
    check_saving(keras.Model(x, GriffinLim(mel, 2)(x)), given, tmp_path)
    with pytest.raises(ValueError, match="padding='same'"):
        GriffinLim(Mel(8000, 64, 16, n_mels=16, padding="center"))
    assert ops.shape(GriffinLim(mel, 1)(given[:, :5]))[1] == 5 * 16
