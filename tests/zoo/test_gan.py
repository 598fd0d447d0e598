import time

import keras
import pytest
from keras import layers

import keras_gans
from keras_gans.data import mixtures
from keras_gans.metrics import high_quality_fraction, modes_covered


def test_layers_are_the_classic_ones():
    model = keras_gans.create_model("gan")

    def widths(network):
        return [layer.units for layer in network.layers if isinstance(layer, layers.Dense)]

    assert widths(model.generator) == [256, 512, 1024, 784]
    assert widths(model.discriminator) == [512, 256, 1]
    assert model.latent_shape == (100,)
    slopes = [
        x.negative_slope for n in (model.generator, model.discriminator) for x in n.layers if isinstance(x, layers.LeakyReLU)
    ]
    assert slopes == [0.2] * 5
    assert model.generator.layers[-1].activation is keras.activations.tanh


@pytest.mark.parametrize("shape", [(2,), (5, 4), (16, 24, 3), (3, 4, 5, 1)])
def test_samples_may_have_any_shape(shape):
    model = keras_gans.create_model("gan", image_shape=shape, width=4)
    assert model.generate(3, seed=0).shape == (3, *shape)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_it_covers_the_modes_of_a_ring_in_half_a_minute():
    ring = mixtures.ring()
    keras.utils.set_random_seed(0)
    model = keras_gans.create_model("gan", image_shape=(2,), width=64, latent_dim=16, learning_rate=1e-3, ema=0.99, seed=0)
    before = modes_covered(model.generate(2_000, seed=0), ring)
    began = time.perf_counter()
    model.fit(keras_gans.load_data("ring").batches(256, seed=0), epochs=30, verbose=0)
    seconds = time.perf_counter() - began
    samples = model.generate(2_000, seed=0)
    assert before <= 2
    assert modes_covered(samples, ring) >= 6
    assert high_quality_fraction(samples, ring) > 0.3
    assert seconds < 30
