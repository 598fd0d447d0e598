"""Fourier transforms in a graph, against those of NumPy and SciPy."""

import keras
import numpy as np
import pytest
import scipy.signal

from keras_gans.audio.stft import STFT
from keras_gans.layers import InverseShortTimeFourier, ShortTimeFourier
from tests.keras_gans.layers.checks import check_saving, converted_to_tflite


def noise(length, n=2):
    return np.random.default_rng(0).uniform(-1, 1, (n, length, 1)).astype("float32")


def spectra(frames, n_fft, hop, win=None):
    """Those of no sound: the inverse must find the nearest one."""
    parts = np.random.default_rng(1).normal(size=(2, frames, n_fft // 2 + 1, 2))
    parts[:, :, [0, -1], 1] = 0  # which a real sound does not have
    complex_ = parts[..., 0] + 1j * parts[..., 1]
    return complex_, np.concatenate([parts[..., 0], parts[..., 1]], axis=-1).astype("float32")


def test_spectra_are_those_of_scipy():
    sounds = noise(200)
    found = np.array(ShortTimeFourier(64, 16)(sounds))
    window = scipy.signal.get_window("hann", 64)
    padded = np.pad(sounds[..., 0], [(0, 0), (32, 32)], mode="reflect")
    _, _, expected = scipy.signal.stft(
        padded, window=window, nperseg=64, noverlap=48, boundary=None, padded=False, scaling="spectrum"
    )
    expected = expected.transpose(0, 2, 1) * window.sum()
    np.testing.assert_allclose(found[..., 0] + 1j * found[..., 1], expected, atol=1e-4)


@pytest.mark.parametrize(("n_fft", "hop", "win"), [(64, 16, None), (64, 16, 50), (48, 20, None)])
def test_sounds_are_the_nearest_to_any_spectra(n_fft, hop, win):
    complex_, given = spectra(9, n_fft, hop)
    layer = InverseShortTimeFourier(n_fft, hop, win)
    expected = STFT(n_fft, hop, win).inverse(complex_)
    np.testing.assert_allclose(np.array(layer(given))[..., 0], expected, atol=1e-5)


def test_the_inverse_of_a_transform_is_the_sound():
    sounds = noise(160)
    transformed = STFT(64, 16)(sounds[..., 0])
    given = np.concatenate([transformed.real, transformed.imag], axis=-1).astype("float32")
    np.testing.assert_allclose(np.array(InverseShortTimeFourier(64, 16)(given)), sounds, atol=1e-5)


def test_a_hop_of_more_than_half_a_frame_cannot_be_inverted():
    with pytest.raises(ValueError, match="hop_length must be at most half of n_fft=64; received 33"):
        InverseShortTimeFourier(64, 33)


def test_they_are_saved(tmp_path):
    sounds = keras.Input((64, 1))
    model = keras.Model(sounds, ShortTimeFourier(32, 8)(sounds))
    check_saving(model, noise(64), tmp_path)
    given = keras.Input((5, 34))
    model = keras.Model(given, InverseShortTimeFourier(32, 8, 30)(given))
    check_saving(model, spectra(5, 32, 8)[1], tmp_path)


def test_the_inverse_is_exported_with_builtin_operators():
    given = keras.Input((7, 34), batch_size=2)
    model = keras.Model(given, InverseShortTimeFourier(32, 8)(given))
    values = spectra(7, 32, 8)[1]
    np.testing.assert_allclose(converted_to_tflite(model)(values), np.array(model(values)), atol=1e-5)
