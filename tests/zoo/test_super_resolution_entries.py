"""What the entries for super-resolution have in common."""

import keras
import pytest

import keras_gans


@pytest.mark.parametrize("name", ["srgan", "esrgan", "real_esrgan"])
def test_the_learning_rate_of_super_resolution_is_that_of_both_networks(name):
    small = {"width": 2, "blocks": 1, "discriminator_width": 2, "perceptual_weight": 0.0, "pretrain_steps": 0}
    model = keras_gans.create_model(name, learning_rate=0.03, **small)
    rates = [float(keras.ops.convert_to_numpy(each.learning_rate)) for each in model.optimizer.optimizers]
    assert rates == pytest.approx([0.03, 0.03])
