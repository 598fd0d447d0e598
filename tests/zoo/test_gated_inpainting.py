"""What is particular to gated_inpainting."""

import keras
import numpy as np
import pytest

import keras_gans
from tests.support.entries import build, data


def test_the_network_sees_neither_the_hole_nor_what_is_far():
    model = build("gated_inpainting", image_shape=(None, None, 1))
    rng = np.random.default_rng(0)
    images, masks = rng.integers(0, 256, (1, 32, 96, 1), "uint8"), np.zeros((1, 32, 96), bool)
    masks[:, 8:20, 4:90] = True
    filled = model.apply({"images": images, "masks": masks})
    other = np.where(masks[..., None], rng.integers(0, 256, images.shape, "uint8"), images)
    np.testing.assert_array_equal(model.apply({"images": other, "masks": masks}), filled)
    other[:, :, :8] = 255 - other[:, :, :8]
    changed = model.apply({"images": other, "masks": masks})
    assert np.abs(changed - filled)[:, 8:20, 4:16].max() > 1e-4
    np.testing.assert_allclose(changed[:, :, 56:], filled[:, :, 56:], atol=1e-6)


@pytest.mark.slow  # last run: 0.1.0, 2026-11-29
def test_features_of_the_discriminator_can_be_matched():
    model = build("gated_inpainting", image_shape=(8, 8, 1), feature_matching=10.0, pretrain_steps=0)
    samples, told = data(model, 8)
    logs = model.train_on_batch(samples, told, return_dict=True)
    plain = build("gated_inpainting", image_shape=(8, 8, 1), pretrain_steps=0)
    assert logs["g_loss"] > plain.train_on_batch(samples, told, return_dict=True)["g_loss"]


def test_arguments_that_do_not_fit():
    with pytest.raises(ValueError, match="multiples of 4; received 30x32: choose another image size"):
        keras_gans.create_model("gated_inpainting", image_shape=(30, 32, 3))
    with pytest.raises(ValueError, match="dilations"):
        build("gated_inpainting", dilations=(2, 0))
    rate = build("gated_inpainting", pretrain_steps=7, pretrain_learning_rate=1e-3).optimizer.generator.learning_rate
    assert float(keras.ops.convert_to_numpy(rate)) == pytest.approx(1e-3)


@pytest.mark.parametrize("name", ["gated_inpainting", "pix2pix"])
def test_a_baseline_of_pixels_trains_no_discriminator(name):
    arguments = {"image_shape": (16, 16, 3), "width": 4, "adversarial_weight": 0.0}
    model = keras_gans.create_model(name, **arguments)
    assert model.discriminator.weights == []
    assert model.pretrain_steps is None  # pixels alone until the end
    assert model.default_metrics[0] in ("hole_l1", "psnr")
    judged = keras_gans.create_model(name, **{**arguments, "adversarial_weight": 0.1})
    assert judged.discriminator.weights
