"""Exports of sounds."""

import io
import json
import wave

import numpy as np
import pytest

from keras_gans.conditions import Classes, to_config
from keras_gans.declaration import GENERATED, Declaration, extract
from keras_gans.export import signatures
from tests.support import sounds
from tests.support.entries import build

tf = pytest.importorskip("tensorflow")


@pytest.fixture(scope="module")
def found():
    return signatures.signatures_of(sounds.tiny_sound_gan(num_classes=3, seed=0), ["0", "1", "2"])


def test_signatures_and_files_name_the_sample_rate(found):
    assert isinstance(found, signatures.AudioSignatures)
    assert set(found.all) == {
        "serving_default",
        "generate",
        "generate_with_truncation",
        "generate_wav",
        "generate_wav_with_truncation",
    }
    assert json.loads(found.files["audio.json"]) == {"sample_rate": 8000}
    assert set(found.of("tflite")) == {"serving_default"}


def test_wav_files_hold_what_keras_generates(found):
    signature = found.all["generate_wav"]
    function = signature.function(found._keras)
    given = {"seeds": np.array([3, 4], "int64"), "labels": np.array([0, 2], "int32")}
    files = function(*(tf.constant(given[each.name]) for each in signature.inputs))["wav_bytes"].numpy()
    samples = found.model.generate(seeds=[3, 4], labels=[0, 2])
    for content, sound in zip(files, samples, strict=True):
        decoded, rate = tf.audio.decode_wav(content)
        assert int(rate) == 8000
        np.testing.assert_allclose(decoded, sound, atol=1e-4)
        with wave.open(io.BytesIO(content)) as file:
            assert file.getnframes() == len(sound)
        assert len(content) == 8 + int.from_bytes(content[4:8], "little")
        assert Declaration.from_xmp(extract(content)) == Declaration(GENERATED, found.model.name)


def test_a_model_that_speaks_is_exported_with_griffin_lim_and_its_names():
    names = {"class_names": ["a", "b", "c"], "condition_names": {"speaker": ["ann", "bob"]}}
    told = to_config({"labels": Classes(3), "speaker": Classes(2)})
    found = signatures.signatures_of(build("speech_gan", conditions=told, iterations=64, **names))
    assert found.files["labels.txt"] == b"a\nb\nc\n"
    assert json.loads(found.files["condition_names.json"]) == {"speaker": ["ann", "bob"]}
    signature = found.all["generate_wav"]
    given = {"seeds": np.array([3, 4], "int64"), "labels": np.array([0, 2], "int32"), "speaker": np.array([1, 0], "int32")}
    files = signature.function(found._keras)(*(tf.constant(given[each.name]) for each in signature.inputs))["wav_bytes"]
    conditions = {name: given[name] for name in ("labels", "speaker")}
    expected = found.model.generate(seeds=[3, 4], conditions=conditions)
    for content, sound in zip(files.numpy(), expected, strict=True):
        np.testing.assert_allclose(tf.audio.decode_wav(content)[0], sound, atol=1e-4)
    assert "give it a vocoder" in found.difference_hint


def test_loud_samples_saturate(found):
    loud = np.array([[[1.5], [-1.5], [0.5]]], "float32")
    np.testing.assert_array_equal(np.asarray(found.to_file(loud)), [[[1.0], [-1.0], [0.5]]])
    content = tf.audio.encode_wav(found.to_file(loud)[0], 8000)
    assert np.rint(tf.audio.decode_wav(content)[0].numpy().ravel() * 32768).tolist() == [32767, -32768, 16384]
