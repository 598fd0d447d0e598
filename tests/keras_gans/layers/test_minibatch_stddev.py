import keras
import numpy as np
import pytest
from keras import ops

from keras_gans.layers.minibatch_stddev import MinibatchStdDev
from tests.keras_gans.layers.checks import check_gradients, check_saving, gradient_and_second

RNG = np.random.default_rng(0)


def reference(images, group):
    """Sample by sample: those whose numbers are equal modulo batch / group belong together."""
    apart = len(images) // group
    spreads = [np.sqrt(images[number % apart :: apart].var(axis=0) + 1e-8).mean() for number in range(len(images))]
    appended = np.ones((*images.shape[:-1], 1)) * np.array(spreads)[:, None, None, None]
    return np.concatenate([images, appended], axis=-1)


@pytest.mark.parametrize(
    ("batch", "group_size", "group"), [(8, 4, 4), (4, 4, 4), (12, 4, 4), (6, 4, 3), (10, 4, 2), (3, 4, 3), (8, 8, 8), (7, 4, 1)]
)
def test_each_group_has_its_mean_standard_deviation(batch, group_size, group):
    images = (
        RNG.normal(size=(batch, 3, 5, 2)).astype("float32") * np.linspace(1, 3, batch, dtype="float32")[:, None, None, None]
    )
    layer = MinibatchStdDev(group_size)
    outputs = np.array(layer(images, training=True))
    assert outputs.shape == layer.compute_output_shape(images.shape)
    np.testing.assert_allclose(outputs, reference(images, group), rtol=1e-5, atol=1e-6)


# 7 and 21 are batches that no group of 4 divides: the largest that does is taken, as for a batch of known size.
@pytest.mark.parametrize("jit_compile", [False, True])
@pytest.mark.parametrize(("batch", "group"), [(2, 2), (12, 4), (7, 1), (21, 3), (1, 1)])
def test_a_batch_of_unknown_size_is_grouped_alike(batch, group, jit_compile):
    images = RNG.normal(size=(batch, 3, 5, 2)).astype("float32")
    model = keras.Sequential([keras.Input((None, None, 2)), MinibatchStdDev(4)])
    assert model.output_shape == (None, None, None, 3)
    if keras.config.backend() == "tensorflow":
        import tensorflow as tf

        model = tf.function(model, input_signature=[tf.TensorSpec((None, None, None, 2))], jit_compile=jit_compile)
    np.testing.assert_allclose(model(images), reference(images, group), rtol=1e-5, atol=1e-6)


def test_it_is_saved_and_loaded(tmp_path):
    layers = [keras.Input((4, 4, 3)), MinibatchStdDev(2), keras.layers.Conv2D(2, 3)]
    check_saving(keras.Sequential(layers), RNG.normal(size=(4, 4, 4, 3)), tmp_path)


def test_gradients_are_right_and_finite_where_all_images_are_equal():
    layer = MinibatchStdDev()
    check_gradients(layer, RNG.normal(size=(4, 2, 2, 3)), epsilon=3e-3)
    equal = np.tile(RNG.normal(size=(1, 2, 2, 3)), (4, 1, 1, 1))
    for gradient in gradient_and_second(layer, equal, np.ones((4, 2, 2, 4), "float32")):
        assert np.isfinite(gradient).all()


def test_the_spread_is_float32_under_mixed_precision():
    layer = MinibatchStdDev(dtype="mixed_float16")
    images = np.zeros((4, 2, 2, 1), "float32")
    images[0] = 1000.0  # its square is beyond float16
    outputs = layer(images)
    assert keras.backend.standardize_dtype(outputs.dtype) == "float16"
    np.testing.assert_allclose(ops.cast(outputs, "float32")[..., 1], images.std(axis=0).mean(), rtol=1e-3)


def test_one_image_has_no_spread():
    image = RNG.normal(size=(1, 3, 3, 2)).astype("float32")
    outputs = np.array(MinibatchStdDev()(image))
    np.testing.assert_array_equal(outputs[..., :2], image)
    np.testing.assert_allclose(outputs[..., 2], 0.0, atol=1e-3)
    with pytest.raises(ValueError, match="at least 2"):
        MinibatchStdDev()(image, training=True)


@pytest.mark.parametrize("group_size", [0, 1, 2.5])
def test_groups_have_to_hold_two_images(group_size):
    with pytest.raises(ValueError, match="group_size must be an integer of at least 2"):
        MinibatchStdDev(group_size)
