"""Losses between sounds, against NumPy."""

import keras
import numpy as np
import pytest

from keras_gans import Mel
from keras_gans.audio.stft import STFT
from keras_gans.backend import input_gradient
from keras_gans.losses import MelDistance, SpectralDistance


def sounds(seed):
    return np.random.default_rng(seed).uniform(-0.5, 0.5, (2, 256, 1)).astype("float32")


def test_the_distance_of_spectrograms_is_their_mean_difference():
    mels = [Mel(8000, 64, 16, n_mels=10), Mel(8000, 32, 8, n_mels=6)]
    expected = np.mean([np.abs(mel(sounds(0)) - mel(sounds(1))).mean() for mel in mels])
    loss = MelDistance(mels)
    assert float(loss(sounds(0), sounds(1))) == pytest.approx(expected, rel=1e-4)
    assert float(loss(sounds(0), sounds(0))) == 0
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert float(copy(sounds(0), sounds(1))) == float(loss(sounds(0), sounds(1)))


def test_the_distance_of_spectra_is_that_of_the_paper():
    loss, total = SpectralDistance([64, 32]), 0.0
    for size in (64, 32):
        real, made = (np.abs(STFT(size, size // 4, padding="center")(sounds(seed)[..., 0])) for seed in (0, 1))
        convergence = np.linalg.norm((real - made).reshape(2, -1), axis=1) / np.linalg.norm(real.reshape(2, -1), axis=1)
        total += convergence.mean() + np.abs(np.log(real) - np.log(made)).mean()
    assert float(loss(sounds(0), sounds(1))) == pytest.approx(total / 2, rel=1e-3)


@pytest.mark.parametrize("loss", [MelDistance(Mel(8000, 64, 16, n_mels=10)), SpectralDistance([64])])
def test_silence_has_a_finite_gradient(loss):
    silence = keras.ops.zeros((2, 256, 1))
    assert np.isfinite(np.array(input_gradient(lambda made: loss(sounds(0), made), silence))).all()
    assert np.isfinite(np.array(input_gradient(lambda made: loss(silence, made), silence))).all()
