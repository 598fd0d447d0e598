import keras
import numpy as np
import pytest
from keras import layers

import keras_gans
from keras_gans.layers import BatchNormalization


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return keras_gans.create_model("dcgan", image_shape=(64, 64, 3), width=64)


def kinds(network):
    return [type(layer) for layer in network.layers]


def test_the_paper_s_guidelines_hold(model):
    generator, discriminator = model.generator, model.discriminator
    # Strided convolutions in place of pooling, no hidden dense layers (section 3).
    assert kinds(generator).count(layers.Conv2DTranspose) == 4
    assert kinds(discriminator).count(layers.Conv2D) == 4
    assert all(layer.strides == (2, 2) for layer in generator.layers if isinstance(layer, layers.Conv2DTranspose))
    assert kinds(discriminator).count(layers.Dense) == 1
    # BatchNorm everywhere but at the generator's output and the discriminator's input.
    assert kinds(generator).count(BatchNormalization) == 4
    assert kinds(generator)[-2:] == [layers.Conv2DTranspose, layers.Activation]
    assert kinds(discriminator)[1:3] == [layers.Conv2D, layers.LeakyReLU]
    assert kinds(discriminator).count(BatchNormalization) == 3
    # ReLU in the generator with tanh at its end, LeakyReLU 0.2 in the discriminator.
    assert kinds(generator).count(layers.ReLU) == 4
    assert generator.layers[-1].activation is keras.activations.tanh
    assert all(layer.negative_slope == 0.2 for layer in discriminator.layers if isinstance(layer, layers.LeakyReLU))
    # Adam(2e-4, beta_1 = 0.5), section 4.
    for player in model.optimizer.optimizers:
        assert float(keras.ops.convert_to_numpy(player.learning_rate)) == pytest.approx(2e-4)
        assert player.beta_1 == 0.5


@pytest.mark.parametrize("name", ["dcgan", "wgan", "wgan_gp"])
def test_learning_rates_can_fall_to_0(name):
    """The learning rate is multiplied by 1 - step / decay_steps; a critic has several steps for each of the generator's."""
    few = {"first": 0, "thorough": 2} if name == "wgan" else {}
    critic = {} if name == "dcgan" else {"critic_steps": 2, **few}
    model = keras_gans.create_model(
        name, image_shape=(8, 8, 1), width=2, latent_dim=3, learning_rate=0.1, decay_steps=4, **critic, seed=0
    )
    model.fit(np.zeros((8, 8, 8, 1), "uint8"), batch_size=8, epochs=1 if name == "dcgan" else 2, verbose=0)
    rates = [float(keras.ops.convert_to_numpy(each.learning_rate)) for each in model.optimizer.optimizers]
    assert rates == pytest.approx([0.075, 0.075])
    model.fit(np.zeros((8, 8, 8, 1), "uint8"), batch_size=8, epochs=7, verbose=0)
    rates = [float(keras.ops.convert_to_numpy(each.learning_rate)) for each in model.optimizer.optimizers]
    assert rates == pytest.approx([0.0, 0.0])


def test_initial_weights_are_the_paper_s(model):
    for network in (model.generator, model.discriminator):
        for variable in network.trainable_variables:
            values = keras.ops.convert_to_numpy(variable).ravel()
            if variable.name == "kernel":
                assert values.std() == pytest.approx(0.02, rel=0.05)
                assert abs(values.mean()) < 0.001
            elif variable.name == "gamma" and values.size >= 128:
                assert values.mean() == pytest.approx(1.0, abs=0.01)
                assert values.std() == pytest.approx(0.02, rel=0.25)
            elif variable.name in ("bias", "beta"):
                assert not values.any()


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 1), (56, 56, 3), (64, 64, 3), (64, 96, 3), (128, 128, 3)])
def test_every_supported_size_is_built(shape):
    model = keras_gans.create_model("dcgan", image_shape=shape, width=2, latent_dim=3)
    assert model.generate(2, seed=0).shape == (2, *shape)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((30, 30, 1), "nearest size is (28x28|32x32)"),
        ((48, 48, 3), "nearest size is 56x56"),
        ((100, 50, 3), "nearest size is (96|104)x56"),
        ((28, 30, 1), "nearest size is 28x(28|32)"),
        ((28, 28, 2), "1, 3 or 4 channels"),
        ((2,), "height, width, channels"),
    ],
)
def test_other_sizes_get_the_nearest_one_that_can_be_built(shape, message):
    with pytest.raises(ValueError, match=message):
        keras_gans.create_model("dcgan", image_shape=shape)


def test_the_suggested_sizes_can_be_built():
    import re

    for height, width in [(30, 30), (100, 50), (28, 30), (3, 3), (200, 300), (50, 28)]:
        with pytest.raises(ValueError) as caught:
            keras_gans.create_model("dcgan", image_shape=(height, width, 1))
        nearest = re.search(r"nearest size is (\d+)x(\d+)", str(caught.value))
        shape = (int(nearest[1]), int(nearest[2]), 1)
        assert keras_gans.create_model("dcgan", image_shape=shape, width=1, latent_dim=2).sample_shape == shape


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_it_learns_the_digits():
    """The distance of generated from real digits falls far below that of an untrained generator's."""
    digits = keras_gans.load_data("digits")
    real = (digits.samples / 127.5 - 1).reshape(len(digits), -1)
    keras.utils.set_random_seed(0)
    model = keras_gans.create_model("dcgan", width=16, learning_rate=1e-3, ema=0.95, seed=0)

    def distance():
        return frechet_distance_of_projections(real, model.generate(1024, seed=0).reshape(1024, -1))

    untrained = distance()
    halves = frechet_distance_of_projections(real[::2], real[1::2])
    model.fit(digits.batches(64, seed=0), epochs=16, verbose=0)
    trained = distance()
    assert trained < untrained / 10, (untrained, trained, halves)
    assert halves < trained, "nothing is nearer to real digits than real digits are"


def frechet_distance_of_projections(real, generated, dimensions=16):
    """Frechet distance between Gaussians fitted to both sets in the real set's first principal components, by scipy."""
    from scipy.linalg import sqrtm

    mean = real.mean(axis=0)
    components = np.linalg.svd(real - mean, full_matrices=False)[2][:dimensions].T
    a, b = (real - mean) @ components, (generated - mean) @ components
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    cross = np.real(sqrtm(cov_a @ cov_b))
    return np.sum((a.mean(axis=0) - b.mean(axis=0)) ** 2) + np.trace(cov_a + cov_b - 2 * cross)
