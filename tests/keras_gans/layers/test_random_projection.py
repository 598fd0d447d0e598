import keras
import numpy as np
import pytest

from keras_gans.layers import RandomProjection
from tests.keras_gans.layers.checks import check_saving

X = np.random.default_rng(0).normal(size=(8, 5, 5, 100)).astype("float32")


def test_it_is_linear_and_keeps_the_variance():
    layer = RandomProjection(400)
    y = np.array(layer(X))
    assert y.shape == (8, 5, 5, 400)
    np.testing.assert_allclose(layer(2 * X[:4] - X[4:]), 2 * y[:4] - y[4:], rtol=1e-3, atol=1e-4)
    assert y.var() == pytest.approx(1, abs=0.1)


def test_the_seed_alone_decides_and_there_are_no_weights():
    y = np.array(RandomProjection(4, seed=5)(X))
    np.testing.assert_array_equal(RandomProjection(4, seed=5)(X), y)
    other = np.array(RandomProjection(4, seed=6)(X))
    assert abs(np.corrcoef(y.ravel(), other.ravel())[0, 1]) < 0.2
    layer = RandomProjection(4)
    layer(X)
    assert layer.variables == []


def test_it_is_saved(tmp_path):
    check_saving(keras.Sequential([keras.Input((5, 5, 100)), RandomProjection(3, 7)]), X, tmp_path)


def test_a_wrong_seed_is_refused():
    with pytest.raises(ValueError, match=r"seed must be .*; received -1"):
        RandomProjection(4, seed=-1)
