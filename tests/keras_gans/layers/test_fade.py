import keras
import numpy as np
import pytest

from keras_gans.layers.fade import Fade
from tests.keras_gans.layers.checks import check_saving

RNG = np.random.default_rng(0)
OLD, NEW = RNG.normal(size=(2, 3, 4, 4, 1)).astype("float32")


@pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0])
def test_alpha_mixes_old_and_new(alpha):
    layer = Fade()
    np.testing.assert_array_equal(layer([OLD, NEW]), OLD)
    layer.alpha.assign(alpha)
    np.testing.assert_allclose(layer([OLD, NEW]), (1 - alpha) * OLD + alpha * NEW, rtol=1e-5, atol=1e-6)
    assert layer.compute_output_shape([OLD.shape, NEW.shape]) == OLD.shape
    assert layer.trainable_weights == []


@pytest.mark.parametrize("policy", ["mixed_float16", "float16"])
def test_alpha_stays_float32_in_low_precision(policy):
    layer = Fade(dtype=policy)
    assert keras.backend.standardize_dtype(layer([OLD, NEW]).dtype) == "float16"
    # Float16 has no such steps this near to 1.
    layer.alpha.assign(0.99999)
    assert float(np.array(layer.alpha)) == pytest.approx(0.99999, abs=1e-7)


def test_alpha_is_saved_with_the_weights(tmp_path):
    inputs = [keras.Input((4, 4, 1)), keras.Input((4, 4, 1))]
    model = keras.Model(inputs, Fade()(inputs))
    model.layers[-1].alpha.assign(0.25)
    check_saving(model, [OLD, NEW], tmp_path)
    np.testing.assert_allclose(model([OLD, NEW]), 0.75 * OLD + 0.25 * NEW, rtol=1e-5, atol=1e-6)
