"""Which layers of a discriminator are its lower ones, and that they stay as they are in training."""

import keras
import numpy as np
import pytest
from keras import layers

import keras_gans
from keras_gans.adversarial import freezing
from tests.support.networks import make_networks


def trainable(network):
    """Names of the layers that learn something."""
    return {variable.path.split("/")[-2] for variable in network.trainable_variables}


def residual():
    """One layer, a residual block, and two outputs; and a label that comes in from the side."""
    images, labels = keras.Input((8, 8, 1)), keras.Input((), dtype="int32")
    of_class = layers.Reshape((8, 8, 1))(layers.Embedding(3, 64, name="of_class")(labels))
    x = layers.Concatenate()([images, of_class])
    x = layers.BatchNormalization(name="norm_before")(x)
    x = layers.ReLU()(layers.Conv2D(4, 3, padding="same", name="first")(x))
    y = layers.Conv2D(4, 3, padding="same", name="one")(x)
    y = layers.Conv2D(4, 3, padding="same", name="two")(layers.LayerNormalization(name="within")(y))
    x = layers.Add()([x, y])
    x = layers.Flatten()(layers.BatchNormalization(name="norm_after")(x))
    return keras.Model([images, labels], [layers.Dense(1, name="score")(x), layers.Dense(3, name="classes")(x)])


def test_layers_are_counted_from_the_samples_and_blocks_count_as_one():
    network = residual()
    lower = [{"of_class", "norm_before", "first"}, {"one", "within", "two", "norm_after"}]
    everything = lower[0] | lower[1] | {"score", "classes"}
    assert freezing.count_layers(network) == 3
    for count, frozen in ((1, lower[0]), (2, lower[0] | lower[1]), (0, set()), (1, lower[0])):
        freezing.freeze_lower(network, count)
        assert trainable(network) == everything - frozen
        assert freezing.count_layers(network) == 3


def test_layers_of_a_sequential_model():
    names = ["below", "between", "above"]
    network = keras.Sequential([keras.Input((2,)), *(layers.Dense(4, name=name) for name in names), layers.Dropout(0.1)])
    freezing.freeze_lower(network, 2)
    assert trainable(network) == {"above"}


def test_what_cannot_be_frozen_is_refused_and_nothing_is_changed():
    network = residual()
    all_layers = trainable(network)
    for count in (3, 99):
        with pytest.raises(ValueError, match=f"{count} layers cannot be frozen: the discriminator has 3.*at most 2"):
            freezing.freeze_lower(network, count)
    with pytest.raises(ValueError, match="at least 0; received -1"):
        freezing.freeze_lower(network, -1)
    assert trainable(network) == all_layers
    normalised = layers.SpectralNormalization(layers.Dense(4))
    with pytest.raises(ValueError, match="SpectralNormalization"):
        freezing.freeze_lower(keras.Sequential([keras.Input((2,)), normalised, layers.Dense(1)]), 1)

    class Other(keras.Model):
        def call(self, inputs):
            return inputs

    with pytest.raises(ValueError, match="Other"):
        freezing.freeze_lower(Other(), 1)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_trained_model_goes_on_with_frozen_layers(make_gan, points):
    """Freezing takes effect though a step has been compiled before, in statistics too; and it can be undone."""
    generator, _ = make_networks()
    parts = [
        layers.Dense(8, name="lower"),
        layers.BatchNormalization(name="norm"),
        layers.ReLU(),
        layers.Dense(1, name="upper"),
    ]
    model = make_gan(networks=(generator, keras.Sequential([keras.Input((2,)), *parts])), augment="instance_noise", ema=0.9)
    model.fit(points, batch_size=64, epochs=1, verbose=0)
    model.freeze_discriminator(1)
    assert model.augmentation is not None
    before = {v.path: np.array(v) for v in [*model.discriminator.weights, *model.generator.trainable_variables]}
    model.fit(points, batch_size=64, epochs=1, verbose=0)
    for variable in [*model.discriminator.weights, *model.generator.trainable_variables]:
        stays = variable.path.split("/")[-2] in ("lower", "norm")
        assert np.array_equal(np.array(variable), before[variable.path]) == stays, variable.path
    model.freeze_discriminator(0)
    model.fit(points, batch_size=64, epochs=1, verbose=0)
    assert all((np.array(v) != before[v.path]).any() for v in model.discriminator.weights)


def test_training_starts_from_the_average(make_gan, points):
    model = make_gan(ema=0.9)
    model.fit(points, batch_size=64, epochs=1, verbose=0)
    average = model.ema_generator.get_weights()
    assert any((one != other).any() for one, other in zip(average, model.generator.get_weights(), strict=True))
    model.start_from_average()
    for network in (model.generator, model.ema_generator):
        for one, other in zip(network.get_weights(), average, strict=True):
            np.testing.assert_array_equal(one, other)


def test_the_average_that_training_goes_on_with_is_what_compile_says(tmp_path):
    """A preset with an average is trained further without one, and the other way round."""
    small = {"image_shape": (2,), "width": 4, "latent_dim": 3}
    for name, ema in (("with", 0.9), ("without", None)):
        keras_gans.save_preset(keras_gans.create_model("gan", ema=ema, **small), tmp_path / name)
    model = keras_gans.load_pretrained(tmp_path / "with", ema=None)
    samples = model.generate(5, seed=0)
    model.start_from_average()
    assert model.ema_generator is None
    np.testing.assert_array_equal(model.generate(5, seed=0), samples)
    model = keras_gans.load_pretrained(tmp_path / "without", ema=0.9)
    model.start_from_average()
    for one, other in zip(model.ema_generator.get_weights(), model.generator.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
