"""Attacks on models that give away everything, and on one that gives away nothing."""

import keras
import numpy as np
import pytest
from keras import layers, ops

import keras_gans
from keras_gans.audit import Candidates, audit, draw_exposed, exposed
from keras_gans.audit.attacks import by_monte_carlo

RNG = np.random.default_rng(0)
DATA = RNG.normal(size=(300, 4)).astype("float32")
MEMBERS, OTHERS, REFERENCE = DATA[:100], DATA[100:200], DATA[200:]


def model_with(critic):
    generator = keras.Sequential([keras.Input((2,)), layers.Dense(4)])
    model = keras_gans.GAN(generator, critic, seed=0)
    model.compile()
    return model


def candidates(samples):
    return Candidates(samples, samples)


def attacked(generated, critic=None):
    critic = critic or keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    result = audit(model_with(critic), candidates(MEMBERS), candidates(OTHERS), generated, REFERENCE)
    return {attack["name"]: attack for attack in result["attacks"]}, result


def test_a_model_that_copies_its_training_samples_is_found():
    copies = np.repeat(MEMBERS, 3, axis=0) + RNG.normal(0, 1e-3, (300, 4)).astype("float32")
    attacks, result = attacked(copies)
    assert result["members"] == 100
    for name, found in (("nearest", 0.9), ("calibrated", 0.7), ("monte_carlo", 0.9)):
        assert attacks[name]["auc"]["value"] > 0.95, name
        assert attacks[name]["rates"][0]["value"] > found, name


def test_a_model_that_knows_only_the_distribution_is_not():
    attacks, _ = attacked(RNG.normal(size=(500, 4)).astype("float32"))
    for attack in attacks.values():
        assert attack["auc"]["low"] < 0.5 < attack["auc"]["high"]
        assert attack["rates"][0]["value"] < 0.1


def test_a_discriminator_that_remembers_its_samples_is_found():
    class Remembering(keras.layers.Layer):
        def call(self, inputs):
            squares = ops.sum(ops.square(inputs[:, None] - MEMBERS[None]), axis=-1)
            return -ops.min(squares, axis=1, keepdims=True)

    critic = keras.Sequential([keras.Input((4,)), Remembering()])
    attacks, _ = attacked(RNG.normal(size=(50, 4)).astype("float32"), critic)
    assert attacks["discriminator"]["auc"]["value"] == 1.0
    assert attacks["discriminator"]["rates"][1]["value"] == 1.0


def test_monte_carlo_counts_samples_within_the_radius():
    points = Candidates(np.array([[0.0], [10.0]], "float32"))
    generated = np.array([[-1.0], [0.5], [1.0], [9.0]], "float32")
    np.testing.assert_array_equal(by_monte_carlo(points, generated, 1.0), [0.75, 0.25])


def test_unequal_numbers_are_refused():
    critic = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    with pytest.raises(ValueError, match="as many members as others, at least two each; received 100 and 50"):
        audit(model_with(critic), candidates(MEMBERS), candidates(OTHERS[:50]), REFERENCE)


def test_the_most_exposed_samples_are_those_that_were_copied():
    copies = np.concatenate([MEMBERS[[7, 3]] + [[1e-4], [1e-3]], RNG.normal(size=(50, 4))]).astype("float32")
    found = exposed(candidates(MEMBERS), candidates(copies), candidates(REFERENCE), 2)
    assert found["members"] == [7, 3]
    assert found["generated"] == [0, 1]
    nearest = np.linalg.norm(REFERENCE - MEMBERS[7], axis=1).argmin()
    assert found["held_out"][0] == nearest


def test_images_are_drawn_beside_what_they_resemble():
    greys = {"members": 250, "generated": 120, "held_out": 10}
    shown = {name: np.full((3, 8, 8, 1), value, "uint8") for name, value in greys.items()}
    positions = {"members": [0, 1], "generated": [2, 2], "held_out": [1, 0]}
    picture = draw_exposed(keras_gans.media.Images((8, 8, 1)), shown, positions)
    middle = picture.shape[0] // 4
    thirds = [int(picture[middle, picture.shape[1] * part // 6, 0]) for part in (1, 3, 5)]
    assert thirds == [250, 120, 10]
