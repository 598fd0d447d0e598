import keras
import numpy as np
import pytest

from keras_gans.layers import NoiseInjection
from tests.keras_gans.layers.checks import check_saving, converted_to_tflite


def built(seed=None, strength=1.0):
    layer = NoiseInjection(seed)
    layer.build((None, 16, 8, 3))
    layer.strength.assign(strength)
    return layer


MAPS = np.zeros((64, 16, 8, 3), "float32")


def test_at_first_it_changes_nothing():
    layer = NoiseInjection()
    np.testing.assert_array_equal(layer(MAPS + 2, training=True), MAPS + 2)


def test_noise_in_training_is_normal_and_new_for_each_image():
    layer = built(seed=0, strength=2.0)
    noise, more = np.array(layer(MAPS, training=True)), np.array(layer(MAPS, training=True))
    np.testing.assert_array_equal(noise[..., 0], noise[..., 2])  # one number for all channels
    assert noise.mean() == pytest.approx(0, abs=0.1)
    assert noise.std() == pytest.approx(2, abs=0.1)
    assert abs(np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1]) < 0.4
    assert abs(np.corrcoef(noise.ravel(), more.ravel())[0, 1]) < 0.1


def test_a_seed_repeats_the_noise_of_training():
    np.testing.assert_array_equal(built(3)(MAPS, training=True), built(3)(MAPS, training=True))
    assert np.abs(np.array(built(3)(MAPS, training=True)) - np.array(built(4)(MAPS, training=True))).max() > 1


def test_noise_in_inference_is_the_same_for_all_images_layers_and_calls():
    layer = built(seed=1)
    noise = np.array(layer(MAPS))
    np.testing.assert_array_equal(noise[0], noise[-1])
    np.testing.assert_array_equal(layer(MAPS), noise)
    np.testing.assert_array_equal(built(seed=2)(MAPS), noise)
    assert noise[0].std() == pytest.approx(1, abs=0.2)


def test_it_is_saved_and_exported(tmp_path):
    model = keras.Sequential([keras.Input((16, 8, 3)), NoiseInjection(7)])
    model.layers[0].strength.assign(0.5)
    check_saving(model, MAPS[:2], tmp_path)
    np.testing.assert_allclose(converted_to_tflite(model)(MAPS[:1]), model(MAPS[:1]), atol=1e-6)


def test_maps_of_a_free_size_are_refused():
    with pytest.raises(ValueError, match="fixed height and width; received shape"):
        NoiseInjection().build((None, None, 8, 3))
