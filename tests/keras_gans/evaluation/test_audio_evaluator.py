"""Evaluation of sounds, with the bundled network `speech8k`."""

import numpy as np
import pytest

import keras_gans
from keras_gans.data import Data
from keras_gans.evaluation import AudioEvaluator, evaluator_for, evaluator_of, get_extractor
from keras_gans.evaluation.audio.evaluator import real_time_factor
from keras_gans.evaluation.audio.speech import Speech
from keras_gans.evaluation.extractors import _WEIGHTS
from keras_gans.files import read_object
from keras_gans.media import Audio, Images
from tests.support import sounds


def data_of(n=24, seed=0, length=512, **conditions):
    samples = sounds.tones(n, length, seed)
    return Data("tones", samples, np.arange(n, dtype="int32") % 3, medium=Audio((length, 1), 8000), conditions=conditions)


def test_speech8k_says_what_it_is():
    facts = read_object(_WEIGHTS / "speech8k.json")
    assert (_WEIGHTS / "speech8k.npz").stat().st_size < 1e6
    assert facts["test_accuracy"] >= 0.97
    assert facts["test_count"] == 300
    assert facts["dataset_licence"] == "CC BY-SA 4.0"
    assert facts["sha256"] == get_extractor("speech8k").sha256
    assert len(facts["speakers"]) == 6


def test_features_depend_on_the_sound_alone():
    extractor = Speech()
    some = np.zeros((130, 8192, 1), "int16")
    some[:, 2000:2512] = sounds.tones(130)
    found = extractor(some)
    assert (found.values.shape, found.values.dtype) == ((130, 96), np.float32)
    assert found.probabilities.shape == (130, 10)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(extractor(some[7:8] / np.float32(32768)).values[0], found.values[7], atol=1e-4)
    assert extractor.speakers(some[:3]).shape == (3, 6)


def test_other_rates_and_lengths_are_brought_to_those_of_the_network():
    extractor = get_extractor("speech8k")
    medium = Audio((16384, 1), 16000)
    bound = extractor.for_medium(medium)
    assert bound.resize_for((16384, 1)) == "resampled from 16000 to 8000 Hz"
    assert bound.resize_for((4000, 1)) == "resampled from 16000 to 8000 Hz, filled up with silence"
    assert extractor.resize_for((9000, 1)) == "cut around the centre of energy"
    slow = 0.5 * np.sin(2 * np.pi * 440 * np.arange(8192) / 8000).astype("float32")[None, :, None]
    fast = 0.5 * np.sin(2 * np.pi * 440 * np.arange(16384) / 16000).astype("float32")[None, :, None]
    difference = np.abs(extractor(slow).values - bound(fast).values).mean()
    assert difference < 0.05 * np.abs(extractor(slow).values).mean()
    longer = np.pad(slow, [(0, 0), (0, 3000), (0, 0)])
    assert extractor(longer).values.shape == (1, 96)
    with pytest.raises(ValueError, match="speech8k takes sounds, not images"):
        extractor.for_medium(Images((8, 8, 1)))


def test_sounds_have_metrics_of_their_own():
    assert evaluator_for(Audio((512, 1), 8000)) is AudioEvaluator
    train, test = data_of(), data_of(seed=1)
    evaluator = AudioEvaluator(train, ["fid", "kid", "silent", "clipped", "hum", "label_agreement"], 24, held_out=test)
    loud = np.clip(3 * train.samples.astype("float32") / 32768, -1, 1)
    result = evaluator.evaluate(np.concatenate([loud[:12], 0 * loud[12:]]))
    means = {name: each["mean"] for name, each in result["metrics"].items()}
    assert means["silent"] == 0.5
    assert 0 < means["clipped"] <= 0.5
    assert means["hum"] == 0.5
    assert means["label_agreement"] is None  # samples in files have no classes
    assert result["real"]["silent"] == 0
    assert result["protocol"]["extractor"] == "speech8k"
    assert result["protocol"]["resize"] == "filled up with silence"
    assert result["protocol"]["pixels"] == "16 bits"
    assert evaluator_of(result["protocol"]) is keras_gans.evaluation.Evaluator


def test_a_model_is_measured_with_its_real_time_factor():
    model = sounds.tiny_sound_gan(num_classes=3, seed=0)
    evaluator = AudioEvaluator(data_of(), ["label_agreement", "rtf"], 24, held_out=data_of(seed=1))
    result = evaluator.evaluate(model)
    assert 0 <= result["metrics"]["label_agreement"]["mean"] <= 1
    assert 0 < result["metrics"]["rtf"]["mean"] < 10
    assert 0 < real_time_factor(model) < 10


def test_digits_are_compared_by_the_names_of_classes():
    data = data_of()
    taken = get_extractor("speech8k")(data.samples).predictions.argmax(axis=1)
    numbers, positions = np.unique(taken, return_inverse=True)
    words = ["zero", "one", "2", "3", "four", "five", "six", "7", "eight", "nine"]

    def agreement(names):
        told = Data("tones", data.samples, positions.astype("int32"), names, medium=data.medium)
        return AudioEvaluator(told, ["label_agreement"], 24, held_out=told).real_row["label_agreement"]

    assert agreement([words[number] for number in numbers]) == 1
    assert agreement([words[9 - number] for number in numbers]) < 1
    assert agreement([f"tone {number}" for number in numbers]) is None


def test_vocoders_are_compared_with_what_they_were_told():
    mel = keras_gans.Mel(8000, n_fft=128, hop_length=64, n_mels=20)
    train, test = data_of(length=1024), data_of(seed=1, length=1024)
    plain = AudioEvaluator(train, "all", 24, held_out=test)
    assert not {"mcd", "mr_stft", "pesq"} & set(plain.metrics)
    with pytest.raises(ValueError, match=r"The metric mcd compares what a vocoder makes .* tones holds no spectrograms"):
        AudioEvaluator(train, ["mcd"], 24)
    paired = data_of(length=1024, mels=mel(train.samples))
    evaluator = AudioEvaluator(paired, ["mcd", "mr_stft"], 100, held_out=test)
    assert evaluator.num == 24
    same = evaluator.measure(evaluator.real_samples)
    assert same == {"mcd": 0.0, "mr_stft": 0.0}
    rebuilt = evaluator.measure(mel.inverse(paired.conditions["mels"]))
    assert rebuilt["mcd"] > 0
    assert rebuilt["mr_stft"] > 0
    assert evaluator.real_row == {"mcd": None, "mr_stft": None}


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_classifier_learns_from_spectrograms():
    def words(n, seed):
        rng, labels = np.random.default_rng(seed), np.arange(n) % 2
        pitch = np.where(labels == 0, 300, 1800) * rng.uniform(0.9, 1.1, n)
        waves = 0.5 * np.sin(2 * np.pi * pitch[:, None] * np.arange(1024) / 8000)
        return Data("words", waves.astype("float32")[..., None], labels, medium=Audio((1024, 1), 8000))

    evaluator = AudioEvaluator(words(96, 0), ["class_accuracy"], 96, held_out=words(96, 1))
    samples = words(96, 2)
    assert evaluator.measure(samples.samples, samples.labels)["class_accuracy"] > 0.9
