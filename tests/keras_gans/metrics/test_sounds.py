"""Metrics of sounds."""

import numpy as np
import pytest

from keras_gans import metrics
from keras_gans.metrics.spectral import cepstral_distances

RATE = 8000
RNG = np.random.default_rng(0)
SPEECH_LIKE = (
    0.4
    * np.sin(2 * np.pi * np.cumsum(150 + 100 * np.sin(np.arange(8000) / 900)) / RATE)[None, :, None]
    * (0.5 + 0.5 * np.sin(np.arange(8000) / 400))[None, :, None]
).astype("float32")
NOISE = RNG.normal(0, 0.1, SPEECH_LIKE.shape).astype("float32")


def test_silence_and_clipping():
    sounds = np.zeros((4, 1000, 1), "float32")
    sounds[1] = 0.5 * np.sin(np.arange(1000) / 3)[:, None]
    sounds[2] = np.clip(3 * np.sin(np.arange(1000) / 3), -1, 1)[:, None]
    sounds[3] = 0.005
    assert metrics.are_silent(sounds).tolist() == [True, False, False, True]
    assert metrics.are_clipped(sounds).tolist() == [False, False, True, False]
    assert metrics.are_clipped((sounds * 32767).astype("int16")).tolist() == [False, False, True, False]
    # One value at full scale is a peak, not clipping.
    longer = np.tile(sounds[1], (2, 1))
    longer[500] = 1.0
    assert not metrics.are_clipped(longer[None])[0]


def test_hum_is_one_lasting_frequency():
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(8000) / RATE)
    rising = 0.5 * np.sin(2 * np.pi * (200 * np.arange(8000) / RATE + 800 * (np.arange(8000) / RATE) ** 2))
    short = np.where(np.arange(8000) < 1500, tone, 0)
    sounds = np.stack([tone, tone + NOISE[0, :, 0], rising, short, NOISE[0, :, 0], 0 * tone])
    hums = metrics.hum_shares(sounds) > metrics.HUM_SHARE
    assert hums.tolist() == [True, True, False, False, False, False]
    assert metrics.hum_shares(np.ones((1, 2)))[0] == 0.0


def test_multi_resolution_stft_distance():
    """Against the formula of Yamamoto et al. 2020, section 2.3, with SciPy's transform."""
    from scipy import signal

    real, fake = SPEECH_LIKE, SPEECH_LIKE + 0.1 * NOISE
    total = 0.0
    for n_fft, hop, window in ((512, 64, 256), (1024, 128, 512), (256, 32, 128)):
        hann = np.pad(signal.get_window("hann", window), (n_fft - window) // 2)
        magnitudes = []
        for sound in (real, fake):
            padded = np.pad(sound[0, :, 0].astype("float64"), n_fft // 2, "reflect")
            frames = np.stack([padded[i : i + n_fft] * hann for i in range(0, len(padded) - n_fft + 1, hop)])
            magnitudes.append(np.sqrt(np.maximum(np.abs(np.fft.rfft(frames)) ** 2, 1e-7)))
        x, y = magnitudes
        total += np.linalg.norm(x - y) / np.linalg.norm(x) + np.abs(np.log(x / y)).mean()
    found = metrics.multi_resolution_stft_distance(real, fake, RATE)
    np.testing.assert_allclose(found, [total / 3], rtol=1e-3)
    assert metrics.multi_resolution_stft_distance(real, real, RATE)[0] == 0.0
    # At another rate, frames last as long.
    twice = metrics.multi_resolution_stft_distance(np.repeat(real, 2, 1), np.repeat(fake, 2, 1), 2 * RATE)
    assert twice.shape == (1,)


def test_mel_cepstral_distortion_of_a_ripple():
    """A difference of log magnitudes of `a cos(pi d (m + 1/2) / M)` is the d-th coefficient, and 10 / ln 10 sqrt(2) a."""
    bands = np.arange(40) + 0.5
    real = RNG.normal(0, 1, (2, 5, 40))
    fake = real + 0.3 * np.cos(np.pi * 4 * bands / 40)
    np.testing.assert_allclose(cepstral_distances(real, fake), 10 / np.log(10) * np.sqrt(2) * 0.3)
    # Loudness and the finest ripples do not count.
    other = real + 2.0 + 0.3 * np.cos(np.pi * 20 * bands / 40)
    np.testing.assert_allclose(cepstral_distances(real, other), 0, atol=1e-9)


def test_mel_cepstral_distortion_grows_with_noise():
    found = [metrics.mel_cepstral_distortion(SPEECH_LIKE, SPEECH_LIKE + level * NOISE, RATE)[0] for level in (0, 0.05, 0.5)]
    assert found[0] == 0 < found[1] < found[2]
    noisy = SPEECH_LIKE + NOISE
    np.testing.assert_allclose(metrics.mel_cepstral_distortion(noisy, noisy / 2, RATE), 0, atol=1e-3)


@pytest.mark.parametrize("name", ["multi_resolution_stft_distance", "mel_cepstral_distortion"])
def test_what_is_no_pair_is_refused(name):
    metric = getattr(metrics, name)
    with pytest.raises(ValueError, match=r"must have the same shape; received \(1, 8000\) and \(1, 7999\)"):
        metric(SPEECH_LIKE, SPEECH_LIKE[:, :-1], RATE)
    with pytest.raises(ValueError, match=r"sounds must have shape \(n, length\) or"):
        metric(SPEECH_LIKE, SPEECH_LIKE[0, :, 0], RATE)
    with pytest.raises(ValueError, match="NaN or infinity"):
        metric(SPEECH_LIKE, SPEECH_LIKE * np.nan, RATE)
    with pytest.raises(ValueError, match="must be int16 or floats"):
        metric(SPEECH_LIKE, np.zeros(SPEECH_LIKE.shape, "uint8"), RATE)


@pytest.mark.parametrize(("name", "package", "best"), [("pesq", "pesq", 4.0), ("stoi", "pystoi", 0.99)])
def test_quality_of_speech_by_packages(name, package, best):
    metric, many = getattr(metrics, name), np.repeat(SPEECH_LIKE, 6, axis=0)
    try:
        __import__(package)
    except ImportError:
        with pytest.raises(ImportError, match=rf"needs the package {package}: pip install 'keras-gans\[speech\]'"):
            metric(many, many, RATE)
        return
    worse = metric(many, many + np.repeat(NOISE, 6, axis=0), RATE)
    assert metric(many, many, RATE) > best > worse
    assert not metric(0 * many, many, RATE)  # no speech: None, or 0
