"""Networks of a user's own: what is taken, what is refused, and what one is warned of."""

import warnings

import keras
import numpy as np
import pytest
from keras import layers

import keras_gans

SHAPE = (8, 8, 1)
IMAGES = np.random.default_rng(0).integers(0, 256, (32, *SHAPE), dtype="uint8")
LABELS = np.arange(32) % 3


def make_generator(last="tanh", latent_dim=4):
    return keras.Sequential([keras.Input((latent_dim,)), layers.Dense(64, last), layers.Reshape(SHAPE)])


def make_discriminator(units=1, last=None):
    return keras.Sequential([keras.Input(SHAPE), layers.Flatten(), layers.Dense(units, last)])


@keras.saving.register_keras_serializable(package="test_networks")
class Generator(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense, self.reshape = layers.Dense(64, "tanh"), layers.Reshape(SHAPE)

    def call(self, latents):
        return self.reshape(self.dense(latents))


@keras.saving.register_keras_serializable(package="test_networks")
class Discriminator(keras.Model):
    """Takes a list of samples and labels."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.flatten, self.embed, self.dense = layers.Flatten(), layers.Embedding(3, 64), layers.Dense(1)

    def call(self, inputs):
        samples, labels = inputs
        return self.dense(self.flatten(samples) * self.embed(labels))


def test_subclassed_networks_train_and_are_saved(tmp_path):
    generator, discriminator = Generator(), make_discriminator()
    generator(np.zeros((1, 4)))
    model = keras_gans.GAN(generator, discriminator, seed=0)
    model.compile(ema=0.9)
    before = generator.get_weights()
    model.fit(IMAGES, batch_size=16, verbose=0)
    assert np.abs(generator.get_weights()[0] - before[0]).max() > 0
    assert model.latent_shape == (4,) and model.sample_shape == SHAPE
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded.generate(2, seed=0), model.generate(2, seed=0), atol=1e-6)


def test_a_subclassed_discriminator_takes_samples_and_labels():
    latents, labels = keras.Input((4,)), keras.Input((), dtype="int32", name="labels")
    made = layers.Reshape(SHAPE)(layers.Dense(64, "tanh")(layers.Concatenate()([latents, layers.Embedding(3, 2)(labels)])))
    discriminator = Discriminator()
    discriminator([np.zeros((1, *SHAPE)), np.zeros((1,), "int32")])
    model = keras_gans.ConditionalGAN(keras.Model([latents, labels], made), discriminator, num_classes=3)
    model.compile()
    assert np.isfinite(model.fit(IMAGES, LABELS, batch_size=16, verbose=0).history["loss"]).all()


def test_a_subclassed_network_whose_inputs_are_unknown_is_refused_clearly():
    class Two(Generator):
        def call(self, latents, more):
            return super().call(latents + more)

    generator = Two()
    generator(np.zeros((1, 4)), np.zeros((1, 4)))
    with pytest.raises(ValueError, match="Wrap it in a functional model"):
        keras_gans.GAN(generator, make_discriminator())
    with pytest.raises(ValueError, match="subclassed one that has been called once"):
        keras_gans.GAN(Generator(), make_discriminator())


@pytest.mark.parametrize(
    ("networks", "message"),
    [
        (lambda: (make_generator("sigmoid"), make_discriminator()), r"generator's samples lie in \[0, 1\].*'dense.*tanh"),
        (lambda: (make_generator(), make_discriminator(last="sigmoid")), "must return logits.*'dense"),
        (
            lambda: (
                make_generator(),
                keras.Sequential([keras.Input(SHAPE), layers.Flatten(), layers.Dense(1), layers.Activation("sigmoid")]),
            ),
            "must return logits.*'activation",
        ),
        (
            lambda: (
                make_generator(),
                keras.Sequential([keras.Input(SHAPE), make_discriminator(last="sigmoid"), layers.Reshape((1,))]),
            ),
            "must return logits.*'dense",
        ),
    ],
    ids=["generator", "discriminator", "activation_layer", "nested"],
)
def test_a_sigmoid_at_the_end_is_warned_of(networks, message):
    model = keras_gans.GAN(*networks())
    with pytest.warns(UserWarning, match=message):
        model.compile()


def test_logits_inner_sigmoids_and_points_in_0_to_1_are_not_warned_of():
    samples = keras.Input(SHAPE)
    inner = layers.Dense(3, "sigmoid")(layers.Flatten()(samples))
    with_features = keras.Model(samples, {"scores": layers.Dense(1)(inner), "features": [inner]})
    points = keras.Sequential([keras.Input((4,)), layers.Dense(2, "sigmoid")])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        keras_gans.GAN(make_generator(), with_features).compile()
        keras_gans.GAN(points, keras.Sequential([keras.Input((2,)), layers.Dense(1)])).compile()


def conditional(order=("latents", "labels"), label_shape=(), rows=3, names=True):
    """A generator that takes latents and labels in an order, named or not."""
    inputs = {
        "latents": keras.Input((4,)),
        "labels": keras.Input(label_shape, dtype="int32", name="labels" if names else None),
    }
    labels = layers.Embedding(rows, 2)(inputs["labels"]) if label_shape != (3,) else inputs["labels"]
    joined = layers.Concatenate()([inputs["latents"], layers.Flatten()(keras.ops.cast(labels, "float32"))])
    return keras.Model([inputs[name] for name in order], layers.Reshape(SHAPE)(layers.Dense(64, "tanh")(joined)))


@pytest.mark.parametrize("label_shape", [(), (1,)])
@pytest.mark.parametrize("names", [True, False])
@pytest.mark.parametrize("order", [("latents", "labels"), ("labels", "latents")])
def test_inputs_are_found_by_name_or_shape_in_any_order(order, names, label_shape):
    samples, labels = keras.Input(SHAPE), keras.Input((), dtype="int32", name="labels")
    judged = layers.Dense(1)(layers.Concatenate()([layers.Flatten()(samples), layers.Embedding(3, 2)(labels)]))
    generator = conditional(order, label_shape, names=names)
    model = keras_gans.ConditionalGAN(generator, keras.Model([labels, samples], judged), num_classes=3)
    assert model.latent_shape == (4,)
    assert model.generate(3, labels=[0, 1, 2]).shape == (3, *SHAPE)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: keras_gans.GAN(make_generator(), make_discriminator(2)), r"one score for each sample.*\(None, 2\)"),
        (
            lambda: keras_gans.GAN(keras.Model(*_two_outputs(make_generator())), make_discriminator()),
            "must return one tensor of samples; this one returns 2",
        ),
        (
            lambda: keras_gans.GAN(make_generator(), keras.Model(*_two_outputs(make_discriminator(), layers.Dense(3)))),
            r"one score for each sample.*\(None, 3\).*ACGAN",
        ),
        (
            lambda: keras_gans.ConditionalGAN(conditional(label_shape=(3,)), make_discriminator(), num_classes=3),
            r"generator's input for labels has the shape \(3,\).*CategoryEncoding",
        ),
        (
            lambda: keras_gans.ConditionalGAN(conditional(rows=2), make_discriminator(), num_classes=3),
            "Embedding 'embedding.*' has 2 rows, too few for 3 classes",
        ),
        (
            lambda: keras_gans.GAN(make_generator(latent_dim=0), make_discriminator()),
            r"latents have the shape \(0,\), which holds no number",
        ),
        (
            lambda: keras_gans.GAN(
                keras.Sequential([keras.Input((None, 4)), layers.GRU(64, "tanh"), layers.Reshape(SHAPE)]), make_discriminator()
            ),
            r"latents have the shape \(None, 4\), and its samples \(8, 8, 1\).*give it a number",
        ),
    ],
    ids=[
        "two_units",
        "generator_of_two",
        "discriminator_of_two",
        "one_hot_input",
        "small_embedding",
        "no_latents",
        "latents_of_any_size",
    ],
)
def test_networks_that_cannot_train_are_refused_in_one_line(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def _two_outputs(network, more=None):
    output = network.outputs[0]
    return network.inputs, [output, output if more is None else more(output)]
