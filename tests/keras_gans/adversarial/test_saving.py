"""Files of models, the average's names, and Keras' own export."""

import keras
import numpy as np
import pytest
from keras import layers

import keras_gans
from tests.support.networks import make_networks


def test_the_average_has_names_of_its_own(tmp_path):
    pytest.importorskip("tensorflow", exc_type=ImportError)
    event_accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    model = keras_gans.create_model("gan", image_shape=(8, 8, 1), width=8, ema=0.5)
    assert model.ema_generator.name == "ema_generator"
    images = np.zeros((32, 8, 8, 1), "uint8")
    model.fit(images, batch_size=16, verbose=0, callbacks=[keras.callbacks.TensorBoard(tmp_path, histogram_freq=1)])
    events = event_accumulator.EventAccumulator(str(tmp_path / "train"))
    events.Reload()
    paths = [weight.path for layer in model.layers for weight in layer.weights]
    assert len(paths) == len(set(paths))
    for path in paths:
        assert len(events.Tensors(f"{path}/histogram")) == 1


def test_files_with_the_average_of_earlier_versions_load(tmp_path, make_gan):
    """Files do not contain its name: one written under the generator's name is the same."""
    model = make_gan(ema=0.5)
    model.ema_generator.name = model.generator.name
    model.ema_generator.set_weights([weight + 1 for weight in model.generator.get_weights()])
    model.save(tmp_path / "model.keras")
    model.save_weights(tmp_path / "model.weights.h5")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    with_weights = make_gan(seed=1, ema=0.5)
    with_weights.load_weights(tmp_path / "model.weights.h5")
    for other in (loaded, with_weights):
        for one, two in zip(other.ema_generator.get_weights(), model.ema_generator.get_weights(), strict=True):
            np.testing.assert_array_equal(one, two)


def test_an_average_of_lambdas_and_own_layers(points):
    class Twice(layers.Layer):
        def call(self, x):
            return 2.0 * x

    inner = keras.Sequential([keras.Input((4,)), layers.Lambda(lambda x: keras.ops.tanh(x)), Twice()])
    generator = keras.Sequential([keras.Input((8,)), layers.Dense(4), inner, layers.Dense(2)], name="generator")
    model = keras_gans.GAN(generator, make_networks()[1], seed=0)
    model.compile(ema=0.5)
    model.fit(points, batch_size=64, verbose=0)
    latents = model.latents(4, seed=0)
    model.ema_generator.set_weights(model.generator.get_weights())
    np.testing.assert_allclose(model.generate(4, seed=0), model.generator(latents), rtol=1e-5, atol=1e-6)


def test_a_layer_that_cannot_be_copied_is_named():
    class Needs(layers.Layer):
        def __init__(self, function):
            super().__init__()
            self.function = function

        def call(self, x):
            return self.function(x)

    generator = keras.Sequential([keras.Input((8,)), layers.Dense(2), Needs(keras.ops.tanh)])
    model = keras_gans.GAN(generator, make_networks()[1])
    with pytest.raises(ValueError, match=r"average \(ema=\).*'needs' \(Needs\).*get_config"):
        model.compile(ema=0.5)
    model.compile()


@pytest.mark.parametrize("name", ["model.h5", "model.hdf5"])
def test_hdf5_is_refused_when_saving(tmp_path, make_gan, name):
    with pytest.raises(ValueError, match=r"Save it as \.keras"):
        make_gan(ema=0.5).save(tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="Keras on JAX exports through TensorFlow")
@pytest.mark.parametrize(("name", "arguments"), [("gan", {"ema": 0.5}), ("cgan", {"num_classes": 3})])
def test_export_is_that_of_the_network_that_generates(tmp_path, name, arguments):
    import tensorflow as tf

    model = keras_gans.create_model(name, image_shape=(8, 8, 1), width=8, **arguments)
    model.export(tmp_path / "exported", verbose=False)
    inputs = model.inputs_for(3, seed=0, conditions=model.example_conditions(3))
    given = list(inputs.values())
    loaded = tf.saved_model.load(str(tmp_path / "exported"))
    np.testing.assert_allclose(
        loaded.serve(given if len(given) > 1 else given[0]),
        model.generate(3, seed=0, conditions=model.example_conditions(3)),
        atol=1e-5,
    )


def test_export_of_text_names_ours(tmp_path):
    model = keras_gans.create_model("relgan", vocabulary_size=8, length=4)
    with pytest.raises(ValueError, match=r"keras_gans.export.saved_model"):
        model.export(tmp_path / "exported")
