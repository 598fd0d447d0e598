"""A model is not measured by the features that it was trained on, unless the result says so."""

import keras
import numpy as np
import pytest
from keras import layers

import keras_gans
from keras_gans.callbacks import BestPreset, EvaluateSamples
from keras_gans.evaluation import METRICS, Evaluator
from keras_gans.evaluation.report import write_report
from keras_gans.imagenet import ImageNetFeatures
from keras_gans_tools.common import run_callbacks, sample_evaluation
from keras_gans_tools.common.evaluation import Settings, table
from keras_gans_tools.common.subjects import Subject


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "photographs.npz"
    np.savez(path, samples=np.random.default_rng(0).integers(0, 256, (12, 48, 48, 3), dtype="uint8"))
    return keras_gans.load_data(f"npz:{path}")


def make_model(*in_the_discriminator):
    keras.utils.set_random_seed(0)
    shape = (48, 48, 3)
    generator = [keras.Input((4,)), layers.Dense(48 * 48 * 3, "tanh"), layers.Reshape(shape)]
    discriminator = [keras.Input(shape), *in_the_discriminator, layers.GlobalAveragePooling2D(), layers.Dense(1)]
    return keras_gans.GAN(keras.Sequential(generator), keras.Sequential(discriminator), seed=0)


@pytest.fixture(scope="module")
def model():
    return make_model(ImageNetFeatures(taps=(24,)))


def settings(data, **given):
    names = ("dataset", "split", "held_out", "metrics", "num", "extractor", "crop", "background", "mask", "progress")
    return Settings(**{**dict.fromkeys(names), "dataset": data.name, "held_out": "none", "num": 6, **given})


def test_a_model_knows_what_it_was_trained_against(model):
    assert model.trained_against == ("imagenet",)
    assert make_model().trained_against == ()


def test_the_default_extractor_is_another_one(model, photographs):
    subjects = [Subject(name, (48, 48, 3), each) for name, each in (("plain", make_model()), ("projected", model))]
    chosen = [sample_evaluation.make_evaluator(some, settings(photographs)) for some in (subjects[:1], subjects)]
    assert [evaluator.extractor.name for evaluator in chosen] == ["imagenet", "color32"]
    trained = [run_callbacks.make_evaluator(photographs, num=6, model=each) for each in (None, model)]
    assert [evaluator.extractor.name for evaluator in trained] == ["imagenet", "color32"]


def test_results_by_the_same_features_are_marked_everywhere(model, photographs, tmp_path, monkeypatch):
    monkeypatch.setattr("keras_gans.evaluation.extractors._BLOCK", 6)
    evaluator = Evaluator(photographs, ("fid",), 6, "imagenet")
    result, plain = (evaluator.evaluate(each, name=name) for name, each in (("projected", model), ("plain", make_model())))
    assert result["protocol"]["biased"] == "trained against the features of imagenet"
    assert "biased" not in plain["protocol"]
    # They can still be compared, with a note.
    note = "projected is biased: trained against the features of imagenet. Measure with another --extractor."
    assert table([result, plain]).splitlines()[-1] == note
    write_report(tmp_path / "report.html", result, metrics=METRICS)
    assert "These numbers are biased" in (tmp_path / "report.html").read_text()
    write_report(tmp_path / "plain.html", plain, metrics=METRICS)
    assert "biased" not in (tmp_path / "plain.html").read_text()


def test_a_preset_chosen_by_the_same_features_is_marked(model, photographs, tmp_path, monkeypatch):
    monkeypatch.setattr("keras_gans.evaluation.extractors._BLOCK", 6)
    offered = []
    monkeypatch.setattr(BestPreset, "offer", lambda self, model, numbers, protocol, *position: offered.append(protocol))
    callback = EvaluateSamples(Evaluator(photographs, ("fid",), 6, "imagenet"), best=BestPreset(tmp_path))
    model.compile()
    callback.set_model(model)
    callback.set_params({"epochs": 1})
    callback.on_train_begin()
    callback.on_epoch_begin(0)
    callback.on_epoch_end(0, {})
    assert "imagenet" in offered[0].biased
