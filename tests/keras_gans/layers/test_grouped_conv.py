import keras
import numpy as np
import pytest
from keras import ops

from keras_gans.layers.grouped_conv import GroupedConv2D
from tests.keras_gans.layers.checks import check_gradients, check_saving, converted_to_tflite

RNG = np.random.default_rng(0)


def pair(shape, filters, kernel_size, groups, **arguments):
    """Keras' layer and ours with the same weights."""
    theirs = keras.layers.Conv2D(filters, kernel_size, groups=groups, bias_initializer="normal", **arguments)
    ours = GroupedConv2D(filters, kernel_size, groups, **arguments)
    theirs.build(shape)
    ours.build(shape)
    ours.set_weights(theirs.get_weights())
    return theirs, ours


@pytest.mark.parametrize("groups", [1, 2, 4, 8])
@pytest.mark.parametrize(
    "arguments",
    [{"padding": "same"}, {"padding": "valid", "strides": 2}, {"padding": "same", "dilation_rate": 2, "activation": "relu"}],
    ids=["same", "strides", "dilation"],
)
def test_it_computes_what_keras_own_does(groups, arguments):
    theirs, ours = pair((2, 9, 7, 8), 16, 3, groups, **arguments)
    x = RNG.normal(size=(2, 9, 7, 8)).astype("float32")
    assert ours.kernel.shape == (3, 3, 8 // groups, 16) == theirs.kernel.shape
    np.testing.assert_allclose(ours(x), theirs(x), rtol=1e-5, atol=1e-6)
    assert ours.compute_output_shape(x.shape) == theirs.compute_output_shape(x.shape) == tuple(ours(x).shape)


def test_a_group_sees_its_own_channels_only():
    _, layer = pair((1, 5, 5, 6), 6, 3, 3, padding="same")
    x = RNG.normal(size=(1, 5, 5, 6)).astype("float32")
    before = np.array(layer(x))
    x[..., 2:4] += 1.0
    changed = np.abs(np.array(layer(x)) - before).max((0, 1, 2)) > 0
    assert changed.tolist() == [False, False, True, True, False, False]


def test_gradients_of_both_orders_are_right():
    _, layer = pair((2, 4, 3, 4), 6, 3, 2, padding="same")
    check_gradients(lambda x: ops.tanh(layer(x)), RNG.normal(size=(2, 4, 3, 4)))


def test_it_is_saved_and_loaded(tmp_path):
    model = keras.Sequential([keras.Input((6, 6, 4)), GroupedConv2D(8, 3, 2, padding="same", use_bias=False, name="grouped")])
    check_saving(model, RNG.normal(size=(3, 6, 6, 4)), tmp_path)


def test_tflite_has_builtin_operators_for_it():
    model = keras.Sequential([keras.Input((6, 6, 8), batch_size=1), GroupedConv2D(8, 3, 4, padding="same")])
    x = RNG.normal(size=(1, 6, 6, 8)).astype("float32")
    np.testing.assert_allclose(converted_to_tflite(model)(x), model(x), atol=1e-5)


def test_the_policy_decides_the_dtype():
    layer = GroupedConv2D(8, 3, 2, dtype="mixed_bfloat16")
    outputs = layer(RNG.normal(size=(1, 5, 5, 4)).astype("float32"))
    assert keras.backend.standardize_dtype(outputs.dtype) == "bfloat16"
    assert keras.backend.standardize_dtype(layer.kernel.dtype) == "float32"


@pytest.mark.parametrize(("channels", "filters"), [(6, 8), (8, 6)])
def test_groups_have_to_divide_channels_and_filters(channels, filters):
    with pytest.raises(ValueError, match="groups"):
        GroupedConv2D(filters, 3, 4).build((1, 5, 5, channels))
