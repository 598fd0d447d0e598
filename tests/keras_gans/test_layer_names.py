import re

import keras
import numpy as np
import pytest

import keras_gans
from tests.support.entries import build, data


def names(model):
    """Names of all layers in the networks of a model, but for inputs, which signatures name."""
    networks = [layer for layer in model.layers if isinstance(layer, keras.Model)]
    layers = [layer for network in networks for layer in network._flatten_layers(include_self=False)]
    return [layer.name for layer in layers if not isinstance(layer, keras.layers.InputLayer)]


@pytest.mark.parametrize("name", ["edsr", "relgan", "vocos_gan"])
def test_names_do_not_depend_on_what_was_built_before(name):
    assert names(build(name)) == names(build(name))


def test_names_of_a_network_are_all_different():
    model = keras_gans.create_model("dcgan", image_shape=(28, 28, 1))
    found = [layer.name for layer in model.generator.layers]
    assert len(set(found)) == len(found)
    assert {"dense_0", "conv2d_transpose_0", "conv2d_transpose_1"} <= set(found)
    assert found[0] == "latents"


def test_own_names_stay_and_layers_are_found_by_theirs():
    model = build("esrgan")
    layer = model.generator.get_layer("block0_dense1_conv0")
    assert type(layer) is keras.layers.Conv2D


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_model_trains_the_same_whatever_was_built_before():
    """TensorFlow adds gradients in the order of names, and `conv2d_10` comes before `conv2d_9`."""
    weights = []
    for _ in range(2):
        model = build("edsr", image_shape=(28, 28, 1))
        model.fit(*data(model), batch_size=8, verbose=0)
        weights.append([variable.numpy() for variable in model.weights])
        while not re.fullmatch("conv2d_9*7", keras.layers.Conv2D(1, 1).name):
            pass
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, other)
