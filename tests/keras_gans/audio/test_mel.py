"""Mel spectrograms, against librosa: tests/support/librosa_references.py made the reference values."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from keras_gans import Mel
from tests.support.librosa_references import FILE, SETTINGS, make_sounds

SPEECH = SETTINGS["speech"]
# Of float32, in logarithms of magnitudes near the floor.
ROUNDING = 5e-3


@pytest.fixture(scope="module")
def librosa():
    with np.load(FILE) as file:
        return dict(file)


@pytest.mark.parametrize("name", SETTINGS)
def test_filters_and_spectrograms_are_those_of_librosa(librosa, name):
    for padding in ("center", "same"):
        mel = Mel(**SETTINGS[name], padding=padding)
        np.testing.assert_allclose(mel.filters, librosa[f"{name}_filters"], atol=1e-8)
        found = mel(make_sounds())
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, librosa[f"{name}_{padding}"], atol=ROUNDING)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_tensor_is_transformed_as_an_array(name):
    mel, sounds = Mel(**SETTINGS[name]), make_sounds()
    found = keras.ops.convert_to_numpy(mel(keras.ops.convert_to_tensor(sounds[..., None])))
    np.testing.assert_allclose(found, mel(sounds), atol=ROUNDING)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_jax_computes_the_same():
    program = f"""
import keras, numpy as np
from keras_gans import Mel
from tests.support.librosa_references import make_sounds
assert keras.backend.backend() == "jax"
mel, sounds = Mel(**{SPEECH}), make_sounds()
np.testing.assert_allclose(np.asarray(mel(keras.ops.convert_to_tensor(sounds))), mel(sounds), atol={ROUNDING})
import sys
assert "tensorflow" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], env={**os.environ, "KERAS_BACKEND": "jax"}, check=True)


def test_a_frame_for_each_hop_of_a_clip():
    mel = Mel(**SPEECH)
    assert mel.frames_of(8192) == 64
    assert mel.length_of(64) == 8192
    assert mel(np.zeros((1, 8192), "float32")).shape == (1, 64, 64)
    assert Mel(**SPEECH, padding="center").frames_of(8192) == 65


def test_silence_is_the_floor_and_its_gradient_is_finite():
    tf = pytest.importorskip("tensorflow")

    mel = Mel(**SPEECH)
    silence = tf.zeros((1, 1024))
    with tf.GradientTape() as tape:
        tape.watch(silence)
        value = tf.reduce_sum(mel(silence) ** 2)
    assert np.isfinite(tape.gradient(value, silence)).all()
    np.testing.assert_allclose(mel(silence), mel.lowest, rtol=1e-6)
    # Nothing that sounds like one tone is louder than `highest`.
    tones = np.sin(2 * np.pi * np.arange(1024) / 8000 * np.linspace(50, 3950, 40)[:, None]).astype("float32")
    assert mel.highest - 0.5 < mel(tones).max() <= mel.highest + 0.01


def test_the_length_may_be_unknown_and_tflite_needs_builtins_only():
    tf = pytest.importorskip("tensorflow")
    from ai_edge_litert.interpreter import Interpreter

    mel, sounds = Mel(**SPEECH), make_sounds()
    function = tf.function(mel, input_signature=[tf.TensorSpec((1, None))], autograph=False)
    np.testing.assert_allclose(function(sounds[:1, :2000]), mel(sounds[:1, :2000]), atol=ROUNDING)
    fixed = tf.function(mel, input_signature=[tf.TensorSpec((1, 3000))], autograph=False)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([fixed.get_concrete_function()])
    interpreter = Interpreter(model_content=converter.convert())
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], sounds[:1])
    interpreter.invoke()
    found = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    np.testing.assert_allclose(found, mel(sounds[:1]), atol=ROUNDING)


def test_a_config_makes_the_same_object_and_differences_are_named():
    mel = Mel(np.int64(8000), n_fft=512, hop_length=128)
    assert Mel.from_config(mel.get_config()) == mel
    assert (mel.win_length, mel.fmax) == (512, 4000.0)
    other = Mel(8000, n_fft=512, hop_length=64, n_mels=64)
    assert mel.differences(other) == {"hop_length": (128, 64), "n_mels": (80, 64)}
    mel.check_same(Mel(8000, n_fft=512, hop_length=128))
    with pytest.raises(ValueError, match=r"of runs/gan, hop_length is 64 and must be 128, n_mels is 64 and must be 80"):
        mel.check_same(other, "runs/gan")
    with pytest.raises(ValueError, match=r"not the config of a Mel: .*'hop'"):
        Mel.from_config({"sample_rate": 8000, "hop": 3})


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"sample_rate": 8000.0}, "sample_rate must be an integer"),
        ({"hop_length": 0}, "hop_length must be an integer of at least 1"),
        ({"hop_length": 1025}, "must be at most n_fft=1024"),
        ({"fmax": 5000}, r"from 0 to half of the sample rate, 4000 Hz; received 0 and 5000"),
        ({"floor": 0.0}, "floor must be a number above 0"),
        ({"padding": "valid"}, "no padding 'valid'"),
        ({"n_fft": 64, "hop_length": 64, "n_mels": 64}, "mel bands are empty"),
    ],
)
def test_settings_out_of_range_are_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        Mel(**{"sample_rate": 8000, **settings})


def test_sounds_of_another_shape_are_refused():
    mel = Mel(**SPEECH)
    with pytest.raises(ValueError, match=r"received \(2, 3000, 2\)"):
        mel(np.zeros((2, 3000, 2), "float32"))
    with pytest.raises(ValueError, match="needs sounds of at least 193 samples; these have 100"):
        mel(np.zeros((2, 100), "float32"))
    with pytest.raises(ValueError, match=r"shape \(batch, frames, 64\); received \(1, 64, 80\)"):
        mel.inverse(np.zeros((1, 64, 80)))


def test_int16_is_scaled():
    mel, sounds = Mel(**SPEECH), make_sounds()
    found, wanted = mel(np.rint(sounds * 32768).astype("int16")), mel(sounds)
    np.testing.assert_allclose(np.exp(found), np.exp(wanted), atol=1e-4)


def test_griffin_lim_finds_a_sound_of_the_same_spectrogram():
    mel = Mel(**SPEECH)
    wanted = mel(make_sounds())
    found = mel.inverse(wanted)
    assert found.shape == (2, mel.length_of(wanted.shape[1]), 1)
    assert found.dtype == np.float32
    audible = wanted > mel.highest - 6
    assert np.abs(mel(found) - wanted)[audible].mean() < 0.2
    np.testing.assert_array_equal(mel.inverse(wanted), found)
    # Silence stays silent.
    assert np.abs(mel.inverse(np.full((1, 10, 64), mel.lowest))).max() < 1e-4
