import keras
import numpy as np
import pytest
import scipy.special

from keras_gans.layers import GatedLinearUnit
from tests.keras_gans.layers.checks import check_saving

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(4, 6), (2, 3, 3, 8)])
def test_one_half_gates_the_other(shape):
    x = RNG.normal(size=shape).astype("float32")
    value, gate = np.split(x, 2, axis=-1)
    np.testing.assert_allclose(GatedLinearUnit()(x), value * scipy.special.expit(gate), rtol=1e-5)


def test_the_other_half_may_have_an_activation():
    x = RNG.normal(size=(2, 3, 3, 8)).astype("float32")
    value, gate = np.split(x, 2, axis=-1)
    expected = np.where(value > 0, value, np.expm1(value)) * scipy.special.expit(gate)
    np.testing.assert_allclose(GatedLinearUnit("elu")(x), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("activation", [None, "elu"])
def test_it_is_saved(activation, tmp_path):
    check_saving(
        keras.Sequential([keras.Input((3, 3, 4)), GatedLinearUnit(activation)]), RNG.normal(size=(2, 3, 3, 4)), tmp_path
    )


def test_an_odd_number_of_features_is_refused():
    with pytest.raises(ValueError, match=r"even number of features; received shape .*5"):
        GatedLinearUnit()(np.zeros((1, 5)))
