"""Transposed convolutions as convolutions against Keras' own."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_gans.export.transposed_convolutions import lowered


def run(layer, shape=(3, 5, 2)):
    keras.utils.set_random_seed(0)
    inputs = keras.Input(shape)
    network = keras.Model(inputs, layer(inputs))
    network.set_weights([np.random.default_rng(0).standard_normal(weight.shape) for weight in network.get_weights()])
    values = np.random.default_rng(1).standard_normal((2, *shape), dtype="float32")
    copy = lowered(network)
    np.testing.assert_allclose(np.array(copy(values)), np.array(network(values)), atol=1e-4)
    return network, copy


@pytest.mark.parametrize("options", [{}, {"use_bias": False}, {"activation": "tanh"}], ids=str)
@pytest.mark.parametrize("filters", [1, 3, 7])  # one convolution for few, four for more
def test_pixels_are_the_same(filters, options):
    network, copy = run(layers.Conv2DTranspose(filters, 4, strides=2, padding="same", **options))
    assert copy is not network
    assert not any(type(layer) is layers.Conv2DTranspose for layer in copy.layers)


@pytest.mark.parametrize(
    "layer",
    [
        layers.Conv2DTranspose(3, 5, strides=2, padding="same"),
        layers.Conv2DTranspose(3, 4, strides=2, padding="valid"),
        layers.Conv2DTranspose(3, 4, strides=1, padding="same"),
        layers.Conv2DTranspose(3, 4, strides=2, padding="same", output_padding=1),
        layers.Conv2D(3, 4, padding="same"),
    ],
    ids=["5x5", "valid", "no stride", "output padding", "convolution"],
)
def test_others_stay(layer):
    network, copy = run(layer)
    assert copy is network
