import keras
import numpy as np
import pytest

from keras_gans.layers import Composite
from tests.keras_gans.layers.checks import check_saving

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_outside_of_the_mask_the_image_keeps_every_bit(policy):
    made, images = (RNG.normal(size=(2, 4, 5, 3)).astype("float32") for _ in range(2))
    masks = RNG.integers(0, 2, (2, 4, 5, 1)).astype("float32")
    made[0, 0, 0] = np.nan
    masks[0, 0, 0] = 0.0
    keras.config.set_dtype_policy(policy)
    try:
        found = np.asarray(Composite()([made, images, masks]))
    finally:
        keras.config.set_dtype_policy("float32")
    np.testing.assert_array_equal(found, np.where(masks == 1, made, images))


def test_it_is_saved(tmp_path):
    images, masks = keras.Input((4, 5, 3)), keras.Input((4, 5, 1))
    made = keras.layers.Conv2D(3, 3, padding="same")(images)
    given = [RNG.normal(size=(2, 4, 5, 3)).astype("float32"), np.ones((2, 4, 5, 1), "float32")]
    check_saving(keras.Model([images, masks], Composite()([made, images, masks])), given, tmp_path)
