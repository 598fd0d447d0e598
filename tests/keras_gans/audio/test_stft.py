"""The short-time Fourier transform."""

import numpy as np
import pytest
from scipy import signal

from keras_gans.audio.stft import STFT
from tests.support.librosa_references import make_sounds


def test_it_is_that_of_scipy():
    found = STFT(256, 64, padding="center")(make_sounds().astype("float64"))
    window = signal.get_window("hann", 256)
    _, _, scipys = signal.stft(np.pad(make_sounds(), [(0, 0), (128, 128)], "reflect"), 1, window, 256, 192, boundary=None)
    scipys = np.swapaxes(scipys, 1, 2) * window.sum()
    np.testing.assert_allclose(found, scipys[:, : found.shape[1]], atol=1e-5)


@pytest.mark.parametrize("arguments", [(256, 64, None, "same"), (256, 100, 200, "center"), (64, 32, 64, "same")])
def test_the_inverse_returns_the_sound(arguments):
    stft, sounds = STFT(*arguments), make_sounds()
    spectra = stft(sounds)
    assert spectra.shape == (2, stft.frames_of(3000), stft.bins)
    back = stft.inverse(spectra)
    assert back.shape[1] == stft.length_of(spectra.shape[1])
    common = min(back.shape[1], 3000)
    # The last samples may lie under the end of the last window only.
    np.testing.assert_allclose(back[:, : common - 64], sounds[:, : common - 64], atol=1e-4)
