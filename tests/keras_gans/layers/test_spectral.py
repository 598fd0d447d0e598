import keras
import numpy as np
import pytest
from keras import ops

from keras_gans.backend import minimize
from keras_gans.layers import SpectralConv2D
from tests.keras_gans.layers.checks import check_saving

RNG = np.random.default_rng(0)


def built(filters=5, **options):
    """Returns a layer of 3x3 kernels on 2 channels, whose estimate has converged."""
    keras.utils.set_random_seed(0)
    layer = SpectralConv2D(filters, 3, **options)
    x = RNG.normal(size=(2, 6, 6, 2)).astype("float32")
    for _ in range(100):
        layer(x, training=True)
    return layer


def effective(layer):
    """Returns the matrix that the layer multiplies by: its outputs for unit vectors."""
    units = np.eye(18, dtype="float32").reshape(18, 3, 3, 2)
    return np.array(ops.cast(layer(units), "float32")).reshape(18, -1)


@pytest.mark.parametrize("filters", [1, 5, 40])
def test_the_largest_singular_value_is_one(filters):
    layer = built(filters, use_bias=False)
    matrix = np.array(layer.kernel).reshape(18, filters)
    expected = matrix / np.linalg.svd(matrix, compute_uv=False)[0]
    np.testing.assert_allclose(effective(layer), expected, rtol=2e-3, atol=1e-5)


def test_the_bound_holds_while_the_kernel_is_trained():
    layer, x = built(use_bias=False), RNG.normal(size=(8, 6, 6, 2)).astype("float32")
    optimizer = keras.optimizers.SGD(0.01)
    optimizer.build([layer.kernel])
    before = np.array(layer.kernel)
    for _ in range(20):
        minimize(lambda: (-ops.mean(ops.square(layer(x, training=True))), None), [layer.kernel], optimizer)
        assert np.linalg.svd(effective(layer), compute_uv=False)[0] <= 1.02
    assert np.abs(np.array(layer.kernel) - before).max() > 1e-3


def test_the_gradient_is_that_of_the_paper():
    """Miyato et al. 2018, equation 12, for the sum of weighted numbers of the normalised kernel."""
    layer, weights = built(use_bias=False), RNG.normal(size=(18, 5))
    matrix = np.array(layer.kernel, "float64").reshape(18, 5)
    u, s, v = np.linalg.svd(matrix)
    expected = (weights - np.sum(weights * matrix / s[0]) * np.outer(u[:, 0], v[0])) / s[0]
    units = np.eye(18, dtype="float32").reshape(18, 3, 3, 2)
    optimizer = keras.optimizers.SGD(1.0)
    optimizer.build([layer.kernel])

    def loss():
        return ops.sum(ops.reshape(layer(units), (18, 5)) * weights.astype("float32")), None

    minimize(loss, [layer.kernel], optimizer)
    np.testing.assert_allclose(matrix - np.array(layer.kernel).reshape(18, 5), expected, rtol=5e-3, atol=5e-4)


def test_only_training_changes_the_estimate_and_nothing_changes_a_frozen_layer():
    layer, x = built(), RNG.normal(size=(1, 6, 6, 2)).astype("float32")
    layer.vector.assign(np.ones(5, "float32"))
    kernel = np.array(layer.kernel)
    layer(x)
    layer.trainable = False
    layer(x, training=True)
    np.testing.assert_array_equal(layer.vector, np.ones(5))
    layer.trainable = True
    layer(x, training=True)
    assert np.abs(np.array(layer.vector) - 1).max() > 0.1
    np.testing.assert_array_equal(layer.kernel, kernel)


def test_it_is_saved_with_its_estimate(tmp_path):
    model = keras.Sequential([keras.Input((6, 6, 2)), SpectralConv2D(5, 4, 2, "same", activation="relu")])
    x = RNG.normal(size=(2, 6, 6, 2)).astype("float32")
    model(x, training=True)
    check_saving(model, x, tmp_path)
    copy = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(copy.layers[0].vector, model.layers[0].vector)


def test_mixed_precision_divides_in_float32():
    layer = built(dtype="mixed_float16", use_bias=False)
    layer.kernel.assign(1e-3 * np.array(layer.kernel))
    assert keras.backend.standardize_dtype(layer(np.ones((1, 6, 6, 2))).dtype) == "float16"
    assert np.linalg.svd(effective(layer), compute_uv=False)[0] == pytest.approx(1, abs=2e-2)
