"""Evaluators by medium, and one of another package."""

import json

import keras
import numpy as np
import pytest
from keras import layers

import keras_gans
from keras_gans import conditions
from keras_gans.data.data import Data
from keras_gans.evaluation import (
    Evaluator,
    Measure,
    TextEvaluator,
    evaluator_class,
    evaluator_for,
    evaluator_of,
    known_metrics,
)
from keras_gans.media import Images, Medium, Points, Text
from tests.support import waves


@pytest.fixture(scope="module")
def medium():
    """The module of another package's medium, which is installed."""
    with waves.installed() as module:
        yield module


def test_each_medium_has_its_evaluator(medium):
    class Louder(medium.Waveforms):
        name = "louder"

    assert evaluator_for(Images((8, 8, 1))) is evaluator_for(Points((2,))) is Evaluator
    assert evaluator_for(Text((4,))) is TextEvaluator
    assert evaluator_for(medium.Waveforms((64, 1))) is evaluator_for(Louder((64, 1))) is medium.WaveformEvaluator
    assert evaluator_for(Medium((3, 4))) is evaluator_class("smells") is Evaluator


@pytest.mark.parametrize("shape", [(16, 1), (6,), (4, 8, 8, 3)])
def test_a_medium_without_an_evaluator_is_measured_by_its_values(shape):
    samples = np.random.default_rng(0).uniform(-1, 1, (40, *shape)).astype("float32")
    evaluator = Evaluator(Data("given", samples, medium=Medium(shape)), "all", num=40)
    assert evaluator.metrics == ("fid", "kid", "precision", "recall", "density", "coverage", "authenticity")
    assert evaluator.extractor.name == "pixels"
    assert evaluator.measure(samples)["fid"] == pytest.approx(0, abs=1e-6)


def test_metrics_of_another_package_are_measured_and_known(medium):
    data = keras_gans.load_data("chirps", samples=64)
    evaluator = evaluator_for(data.medium)(data, "all", num=40, held_out="half")
    assert {"silent", "fid"} <= set(evaluator.metrics)
    assert "swd" not in evaluator.metrics
    assert evaluator.protocol.pixels == "16 bits"
    found = evaluator.measure(np.where(np.arange(40)[:, None, None] % 4, data.samples[:40], 0))
    assert found["silent"] == 0.25
    model = waves.make_model()
    assert evaluator.measure(model.generate(40, seed=1)) == evaluator.measure(data.medium.to_file(model.generate(40, seed=1)))
    result = evaluator.evaluate(model, seeds=(0, 1), truncation=0.5)
    assert json.loads(json.dumps(result)) == result
    assert (result["real"]["silent"], result["truncation"]) == (0, 0.5)
    assert evaluator.describe(result["protocol"]).endswith("features: pixels none, resize: none, 16 bits")
    assert known_metrics()["silent"].title == "Share of silent samples"
    keras_gans.callbacks.BestPreset("nowhere", "silent")
    with pytest.raises(ValueError, match="no metric 'silent'"):
        Evaluator(data, ["silent"])


def test_metrics_that_are_not_described_are_refused():
    with pytest.raises(ValueError, match="Loud measures loud: add a Metric of that name to all_metrics"):
        type("Loud", (Evaluator,), {"measures": {"loud": Measure(("loud",), lambda measured: (1,))}})


def test_results_say_which_evaluator_made_them(medium):
    text = TextEvaluator([f"a cat {n}" for n in range(20)], ["a dog"], ["distinct"])
    assert evaluator_of(text.protocol.as_dict()) is TextEvaluator
    digits = Evaluator(keras_gans.load_data("digits"), num=20, extractor="pixels")
    assert evaluator_of(digits.protocol.as_dict()) is Evaluator


def test_a_model_is_told_what_the_real_samples_were():
    rng = np.random.default_rng(0)
    sketches = rng.integers(0, 256, (30, 8, 8, 1), dtype="uint8")
    data = Data("pairs", rng.integers(0, 256, (30, 8, 8, 3), dtype="uint8"), conditions={"images": sketches})
    inputs = keras.Input((8, 8, 1), name="images")
    generator = keras.Model(inputs, layers.Conv2D(3, 3, padding="same", activation="tanh")(inputs))
    discriminator = keras.Sequential([keras.Input((8, 8, 3)), layers.Flatten(), layers.Dense(1)])
    model = keras_gans.GAN(generator, discriminator, conditions={"images": conditions.Images((8, 8, 1))}, seed=0)
    evaluator = Evaluator(data, num=20, extractor="pixels", held_out="half")
    assert evaluator.num == 15
    told = sketches[evaluator._positions]
    np.testing.assert_array_equal(evaluator.conditions_for(model)["images"], told)
    assert evaluator.measure_model(model) == evaluator.measure(model.generate(conditions={"images": told}))
    unpaired = Evaluator(Data("alone", data.samples), num=20, extractor="pixels")
    np.testing.assert_array_equal(unpaired.conditions_for(model)["images"], model.example_conditions(20)["images"])
