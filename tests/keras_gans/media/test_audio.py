"""Sounds: what data, models and files ask their medium."""

import base64
import re
import wave

import keras
import numpy as np
import pytest
from scipy.io import wavfile

from keras_gans.data import load_data
from keras_gans.data.sample_files import read_samples
from keras_gans.media import Audio, Images, medium_from_config, medium_to_config
from tests.support import sounds

MEDIUM = Audio((sounds.LENGTH, 1), sounds.RATE)


@pytest.fixture(scope="module")
def model():
    return sounds.tiny_sound_gan(num_classes=3, seed=0)


def read_wav(path):
    rate, samples = wavfile.read(path)
    return samples, rate


def test_the_sample_rate_is_part_of_the_medium():
    assert medium_from_config(medium_to_config(MEDIUM)) == MEDIUM
    assert MEDIUM.builder_arguments() == {"length": 512, "sample_rate": 8000}
    other = Audio((512, 1), np.int64(16000))
    assert MEDIUM.describe_difference(other) == "audio of 16,000 Hz, not 8,000 Hz"
    assert MEDIUM.describe_difference(Images((8, 8, 1))) == "images, not audio"
    assert MEDIUM.with_shape((100, 1)) == Audio((100, 1), 8000)
    with pytest.raises(ValueError, match=r"shape \(length, 1\); received \(512, 2\)"):
        Audio((512, 2), 8000)
    with pytest.raises(ValueError, match="sample_rate must be an integer of at least 1"):
        Audio((512, 1), 0)


def test_sounds_are_16_bits_in_files_and_saturate():
    loud = np.array([[1.0], [-1.0], [1.7], [0.25]], "float32")[None]
    stored = MEDIUM.to_file(loud)
    assert stored.dtype == np.int16
    assert stored.ravel().tolist() == [32767, -32768, 32767, 8192]
    every = np.arange(-32768, 32768, dtype="int16")[None, :, None]
    np.testing.assert_array_equal(MEDIUM.to_file(MEDIUM.to_float(every)), every)
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(MEDIUM.to_network(every)), MEDIUM.to_float(every))
    assert np.abs(MEDIUM.to_float(every)).max() == 1.0


def test_what_is_no_sound_is_refused():
    for samples, words in (
        (np.zeros((1, 4, 1), "uint8"), "must be int16 or floats in .*; these are uint8"),
        (np.full((1, 4, 1), 3.0), r"these reach 3. Divide whole numbers by 32768"),
        (np.full((1, 4, 1), np.nan), "NaN or infinity"),
    ):
        with pytest.raises(ValueError, match=words):
            MEDIUM.check(samples)
    with pytest.raises(ValueError, match="these are int32"):
        MEDIUM.to_network(np.zeros((1, 4, 1), "int32"))


def test_spectrograms_show_pitch_and_loudness():
    seconds = np.arange(4096) / 8000
    low, high = (0.9 * np.sin(2 * np.pi * pitch * seconds) for pitch in (300, 3000))
    pictures = Audio((4096, 1), 8000).tiles(np.stack([low, high, low / 100, 0 * low]).astype("float32")[..., None])
    assert pictures.dtype == np.uint8
    assert pictures.shape[0] == 4
    assert pictures.shape[-1] == 3
    brightness = pictures.sum(axis=-1, dtype=int).mean(axis=2)
    rows = brightness.argmax(axis=1)
    assert rows[0] > pictures.shape[1] / 2 > rows[1]  # low frequencies are at the bottom
    assert brightness[0].max() > brightness[2].max() > brightness[3].max()
    assert MEDIUM.picture(MEDIUM.to_float(sounds.tones(5)), 5).ndim == 3


def test_sounds_are_compared_as_they_are_heard():
    seconds, audio = np.arange(4096) / 8000, Audio((4096, 1), 8000)
    waves = [np.sin(2 * np.pi * 440 * seconds), -np.sin(2 * np.pi * 440 * seconds), np.sin(2 * np.pi * 1500 * seconds)]
    same, inverted, other = audio.shrink(0.5 * np.stack(waves)[..., None])
    assert np.abs(same - inverted).mean() < 0.01 < 0.1 < np.abs(same - other).mean()


@pytest.mark.parametrize("rate", [100, 8000, 22050, 96000])
def test_sounds_of_every_rate_and_length_are_drawn(rate):
    for length in (1, 40, 5000):
        assert Audio((length, 1), rate).tiles(np.zeros((2, length, 1), "float32")).shape[0] == 2


def test_one_file_of_all_has_pauses(model, tmp_path):
    MEDIUM.writer(tmp_path / "all.wav").write(model, n=5, seed=1)
    samples, rate = read_wav(tmp_path / "all.wav")
    assert rate == 8000
    assert len(samples) == 5 * 512 + 4 * 4000
    generated = MEDIUM.to_file(model.generate(5, seed=1, conditions=model.example_conditions(5)))[..., 0]
    np.testing.assert_array_equal(samples[:512], generated[0])
    np.testing.assert_array_equal(samples[-512:], generated[-1])
    assert not samples[512:4512].any()


def test_a_folder_has_a_file_for_each_sound_and_is_read_back(model, tmp_path):
    MEDIUM.writer(f"{tmp_path}/sounds/").write(model, n=6, seed=1)
    assert sorted(path.relative_to(tmp_path / "sounds").as_posix() for path in (tmp_path / "sounds").rglob("*.wav")) == [
        "0/000000.wav",
        "0/000003.wav",
        "1/000001.wav",
        "1/000004.wav",
        "2/000002.wav",
        "2/000005.wav",
    ]
    samples, medium = read_samples(tmp_path / "sounds")
    assert medium == MEDIUM
    generated = MEDIUM.to_file(model.generate(6, seed=1, conditions=model.example_conditions(6)))
    np.testing.assert_array_equal(samples, generated[[0, 3, 1, 4, 2, 5]])
    (tmp_path / "sounds" / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="contains files other than WAV files and is not replaced"):
        MEDIUM.find_writer(f"{tmp_path}/sounds/").check(f"{tmp_path}/sounds/", overwrite=True)


def test_an_archive_keeps_rate_and_classes(model, tmp_path):
    MEDIUM.writer(tmp_path / "sounds.npz").write(model, n=4, seed=1)
    data = load_data(f"npz:{tmp_path / 'sounds.npz'}")
    assert data.medium == MEDIUM
    assert data.samples.dtype == np.int16
    assert data.labels.tolist() == [0, 1, 2, 0]
    MEDIUM.writer(tmp_path / "sounds.npy").write(model, labels=2, n=4, seed=1)
    assert np.load(tmp_path / "sounds.npy").shape == (4, 512, 1)


def test_the_page_plays_each_sound_beside_its_spectrogram(model, tmp_path):
    MEDIUM.writer(tmp_path / "page.html").write(model, n=3, seed=1)
    page = (tmp_path / "page.html").read_text()
    assert "sound 3, class 2" in page
    pictures = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    players = re.findall(r'<audio controls preload="none" src="data:audio/wav;base64,([^"]+)"', page)
    assert len(pictures) == len(players) == 3
    (tmp_path / "first.wav").write_bytes(base64.b64decode(players[0]))
    with wave.open(str(tmp_path / "first.wav")) as file:
        assert (file.getnframes(), file.getframerate()) == (512, 8000)


def test_a_preset_has_sounds_and_a_picture(model, tmp_path):
    files = MEDIUM.preset_files(model)
    assert set(files) == {"samples.png", "samples.wav"}
    files["samples.wav"](tmp_path / "samples.wav")
    assert read_wav(tmp_path / "samples.wav")[1] == 8000


def test_other_suffixes_are_refused_with_those_that_are_written():
    with pytest.raises(ValueError, match=r"--output=a.mp3 must end in .wav \(one WAV file with pauses\), / \(a folder of WAV"):
        MEDIUM.find_writer("a.mp3")
