"""Griffin-Lim, against librosa and SciPy."""

import numpy as np
import pytest

from keras_gans.audio.griffin_lim import griffin_lim, magnitudes_from_mels
from keras_gans.audio.mel import Mel
from keras_gans.audio.stft import STFT
from tests.support.librosa_references import FILE, SETTINGS, make_sounds


def test_it_is_that_of_librosa():
    stft = STFT(512, 128, 400, "center")
    found = griffin_lim(np.abs(stft(make_sounds()[0])), stft, iterations=8, seed=None)
    with np.load(FILE) as reference:
        np.testing.assert_allclose(found, reference["griffin_lim"], atol=1e-3)


def test_mel_magnitudes_are_those_of_nonnegative_least_squares():
    from scipy.optimize import nnls

    mel = Mel(**SETTINGS["speech"])
    mels = np.exp(mel(make_sounds())[0, 3].astype("float64"))
    found = magnitudes_from_mels(mels, mel.filters, iterations=200)
    _, least = nnls(mel.filters, mels)
    assert np.linalg.norm(mel.filters @ found - mels) < least + 0.01 * np.linalg.norm(mels)
    assert (found >= 0).all()


def test_arguments_out_of_range_are_refused():
    stft = STFT(8, 4)
    with pytest.raises(ValueError, match="momentum must be at least 0 and less than 1; received 1"):
        griffin_lim(np.ones((3, 5)), stft, momentum=1)
    with pytest.raises(ValueError, match="iterations must be an integer of at least 1"):
        griffin_lim(np.ones((3, 5)), stft, iterations=0)
