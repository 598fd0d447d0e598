"""Folded batch normalisation against Keras' own."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_gans.export.folding import exact_network
from keras_gans.layers import BatchNormalization


def run(make, shape=(8, 8, 3)):
    """Builds a network around the layers, moves its statistics, and returns it, its copy and how they differ."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input(shape)
    network = keras.Model(inputs, make(inputs))
    random = np.random.default_rng(0)
    for layer in network._flatten_layers():
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([random.uniform(0.5, 2.0, weight.shape) for weight in layer.get_weights()])
    exact = exact_network(network)
    values = random.standard_normal((4, *shape), dtype="float32")
    difference = np.abs(np.array(network(values, training=False)) - np.array(exact(values, training=False))).max()
    return exact, difference


def norms(network):
    return [layer for layer in network.layers if isinstance(layer, layers.BatchNormalization)]


@pytest.mark.parametrize(
    "make",
    [
        lambda x: BatchNormalization()(layers.Conv2D(5, 3, padding="same")(x)),
        lambda x: layers.BatchNormalization(scale=False)(layers.Conv2D(5, 3, use_bias=False)(x)),
        lambda x: BatchNormalization(center=False)(layers.Conv2DTranspose(5, 4, strides=2, padding="same")(x)),
        lambda x: BatchNormalization()(layers.Dense(5, use_bias=False)(layers.Flatten()(x))),
        lambda x: BatchNormalization()(layers.Reshape((2, 3, 5))(layers.Dense(30)(layers.Flatten()(x)))),
        lambda x: BatchNormalization(axis=3)(layers.Conv2D(5, 3)(x)),
    ],
    ids=["conv", "no scale", "transposed", "dense", "reshaped", "axis"],
)
def test_it_is_folded(make):
    exact, difference = run(lambda x: layers.ReLU()(make(x)))
    assert norms(exact) == []
    assert difference < 1e-5


@pytest.mark.parametrize(
    "make",
    [
        lambda x: BatchNormalization()(layers.Conv2D(5, 3, activation="relu")(x)),
        lambda x: BatchNormalization(axis=1)(layers.Conv2D(5, 3)(x)),
        lambda x: BatchNormalization()(layers.Reshape((3, 5, 2))(layers.Dense(30)(layers.Flatten()(x)))),
        lambda x: BatchNormalization()(layers.DepthwiseConv2D(3)(x)),
    ],
    ids=["activation", "axis", "other axis", "depthwise"],
)
def test_it_stays_where_it_cannot_be_folded_simply(make):
    exact, difference = run(make)
    assert difference < 1e-5
    assert len(norms(exact)) <= 1


def test_what_others_use_too_is_not_folded():
    def fork(x):
        features = layers.Conv2D(3, 3, padding="same")(x)
        return layers.Add()([features, BatchNormalization()(features)])

    def twice(x):
        convolution = layers.Conv2D(3, 3, padding="same")
        return convolution(BatchNormalization()(convolution(x)))

    for make in (fork, twice):
        exact, difference = run(make)
        assert len(norms(exact)) == 1
        assert difference < 1e-5


def test_an_output_of_the_network_stays_what_it_is():
    inputs = keras.Input((4,))
    features = layers.Dense(3)(inputs)
    network = keras.Model(inputs, [features, BatchNormalization()(features)])
    assert len(norms(exact_network(network))) == 1


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_models_within_a_network(policy):
    keras.config.set_dtype_policy(policy)
    try:
        block = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 3, use_bias=False), BatchNormalization()])
        inner = keras.Input((6, 6, 4))
        deep = keras.Model(inner, block_of_two(inner))
        exact, difference = run(lambda x: layers.Conv2D(3, 1)(deep(block(x))))
    finally:
        keras.config.set_dtype_policy("float32")
    every = [layer for layer in exact._flatten_layers() if not isinstance(layer, keras.Model)]
    assert not [layer for layer in every if isinstance(layer, layers.BatchNormalization)]
    assert {layer.compute_dtype for layer in every if layer.weights} == {"float32"}
    assert difference < (1e-5 if policy == "float32" else 0.1)


def block_of_two(x):
    return BatchNormalization()(layers.Conv2D(2, 3)(layers.ReLU()(BatchNormalization()(layers.Conv2D(5, 1)(x)))))


def test_sequential_networks_of_mixed_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        network = keras.Sequential([keras.Input((4,), name="latents"), layers.Dense(3), BatchNormalization()])
    finally:
        keras.config.set_dtype_policy("float32")
    exact = exact_network(network)
    assert norms(exact) == []
    assert {layer.compute_dtype for layer in exact.layers} == {"float32"}
