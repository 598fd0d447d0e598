"""Models that speak: words by label, through Griffin-Lim or a vocoder."""

import keras
import numpy as np
import pytest

import keras_gans
from keras_gans import SpeechGAN
from keras_gans.conditions import Classes, to_config
from tests.support.entries import MEL, build

WORDS = ["0", "1", "4", "7"]
SPEAKERS = ["george", "theo"]


def told(**arguments):
    conditions = to_config({"labels": Classes(4), "speaker": Classes(2)})
    names = {"class_names": WORDS, "condition_names": {"speaker": SPEAKERS}}
    return build("speech_gan", conditions=conditions, **names, **arguments)


@pytest.fixture(scope="module")
def model():
    return told()


def test_it_learns_spectrograms_of_sounds(model):
    sounds = np.random.default_rng(0).uniform(-1, 1, (16, 128, 1)).astype("float32")
    real, _ = model.unpack((sounds, {"labels": np.zeros(16, "int32"), "speaker": np.zeros(16, "int32")}))
    assert real.shape == (16, 8, 8, 1)
    assert -1 <= np.array(real).min() < np.array(real).max() <= 1
    np.testing.assert_allclose(model.to_mels(np.array(real)), np.maximum(model.mel(sounds), model.mel.lowest), atol=1e-4)
    labels = np.arange(16) % 4
    history = model.fit(sounds, {"labels": labels, "speaker": labels % 2}, batch_size=8, epochs=1, verbose=0).history
    assert np.isfinite(history["loss"][0])


def test_samples_are_sounds_of_the_spectrograms(model):
    conditions = {"labels": np.array([0, 3]), "speaker": np.array([1, 1])}
    sounds = model.generate(2, seed=5, conditions=conditions)
    assert sounds.shape == (2, 128, 1)
    mels = model.generate_mels(2, seed=5, conditions=conditions)
    np.testing.assert_allclose(sounds, keras_gans.layers.GriffinLim(model.mel, 2)(mels), atol=1e-5)
    assert model.medium.sample_rate == 8000


@pytest.mark.parametrize("text", ["4 0 7", "four zero seven", "407", "Four, 0; seven."])
def test_words_may_be_written_in_several_ways(model, text):
    assert model.find_words(text) == [2, 0, 3]


def test_it_speaks(model):
    sound = model.speak("4 0 7", speaker="theo", seed=1, pause=0.1)
    assert sound.dtype == np.float32
    assert sound.shape[1] == 1
    assert np.abs(sound).max() <= 1
    np.testing.assert_array_equal(model.speak("407", speaker=1, seed=1, pause=0.1), sound)
    longer = model.speak("4 0 7", speaker="theo", seed=1, pause=0.2)
    assert len(longer) - len(sound) == 2 * 50 * 16  # of 100 ms in whole frames
    assert model.speak("7", seed=0).size  # the seed chooses a speaker


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("4 hello", {}, "There is no word 'hello'. There are: 0, 1, 4, 7."),
        ("two", {}, "There is no word 'two'"),
        ("...", {}, "the text contains no words"),
        ("4", {"speaker": "anna"}, "There is no speaker 'anna'. There are: george, theo"),
        ("4", {"speaker": 2}, "Labels of this model are 0 to 1; received 2"),
        ("4", {"mood": "glad"}, "There is no condition of this model 'mood'. There are: speaker"),
        ("4", {"pause": -1}, "pause must be a number of seconds"),
    ],
)
def test_mistakes(model, text, options, message):
    with pytest.raises(ValueError, match=message.replace(".", r"\.").replace("(", r"\(")):
        model.speak(text, seed=0, **options)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_vocoder_takes_the_place_of_griffin_lim(tmp_path, model):
    vocoder = build("hifi_gan", floor=1e-4)
    keras_gans.save_preset(vocoder, tmp_path / "vocoder")
    speaks = told(vocoder=str(tmp_path / "vocoder"))
    conditions = {"labels": np.array([1]), "speaker": np.array([0])}
    sounds = speaks.generate(1, seed=0, conditions=conditions)
    np.testing.assert_allclose(sounds, vocoder.vocode(speaks.generate_mels(1, seed=0, conditions=conditions)), atol=1e-6)
    assert not any(variable.path.startswith("vocoder") for variable in speaks.weights)
    keras_gans.save_preset(speaks, tmp_path / "speaks")
    loaded = keras_gans.load_pretrained(tmp_path / "speaks")
    assert isinstance(loaded, SpeechGAN)
    np.testing.assert_allclose(loaded.generate(1, seed=0, conditions=conditions), sounds, atol=1e-6)
    np.testing.assert_allclose(loaded.speak("4 1", seed=2), speaks.speak("4 1", seed=2), atol=1e-6)
    with pytest.raises(ValueError, match=r"floor is 1e-05 and must be 0\.0001|floor is 0\.0001 and must be 1e-05"):
        model.use_vocoder(build("hifi_gan"))
    with pytest.raises(ValueError, match="not a Vocoder"):
        model.use_vocoder("dcgan_digits")


def test_networks_and_names_must_fit():
    with pytest.raises(ValueError, match="'labels' has 10 classes; received 2 names"):
        build("speech_gan", class_names=["a", "b"])
    with pytest.raises(ValueError, match="length must be a multiple of hop_length=16; received 130"):
        build("speech_gan", length=130)
    with pytest.raises(ValueError, match="learns words by their labels"):
        build("speech_gan", conditions=to_config({"speaker": Classes(2)}))
    assert keras.Model in type(build("speech_gan")).__mro__
    assert MEL["n_mels"] == 8
