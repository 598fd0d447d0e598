"""Latents of given images."""

import keras
import numpy as np
import pytest
from keras import layers

import keras_gans
from keras_gans.media.pictures import to_uint8
from tests.support.entries import build


def linear_images(seed=0):
    """A GAN whose generator is linear: 3 latents -> images of 4x4, far within [-1, 1]."""
    keras.utils.set_random_seed(seed)
    latents = keras.Input((3,), name="latents")
    images = layers.Reshape((4, 4, 1))(layers.Dense(16, kernel_initializer=keras.initializers.RandomNormal(0.0, 0.1))(latents))
    samples = keras.Input((4, 4, 1), name="samples")
    return keras_gans.GAN(
        keras.Model(latents, images), keras.Model(samples, layers.Dense(1)(layers.Flatten()(samples))), seed=0
    )


def test_the_projection_of_a_linear_generator_is_the_least_squares_solution():
    model = linear_images()
    target = np.random.default_rng(1).uniform(-0.3, 0.3, (1, 4, 4, 1)).astype("float32")
    kernel, bias = model.generator.layers[1].get_weights()
    expected, *_ = np.linalg.lstsq(kernel.T, (target.reshape(-1) - bias), rcond=None)
    found = model.project(target, steps=300, starts=2)
    np.testing.assert_allclose(found.latents[0], expected, atol=2e-3)
    np.testing.assert_allclose(found.images.reshape(-1), expected @ kernel + bias, atol=2e-3)
    from skimage.metrics import peak_signal_noise_ratio

    assert found.psnr[0] == pytest.approx(peak_signal_noise_ratio(*(to_uint8(each)[0] for each in (target, found.images))))


def test_a_prior_keeps_latents_small():
    model = linear_images()
    target = np.full((4, 4, 1), 0.9, "float32")
    free, kept = (np.square(model.project(target, starts=1, steps=150, prior_weight=w).latents).mean() for w in (0.0, 0.05))
    assert kept < 0.5 * free


def test_each_image_is_projected_under_its_class():
    model = build("cgan", image_shape=(8, 8, 1), num_classes=3)
    labels = [2, 0]
    images = to_uint8(model.generate(2, seed=3, labels=labels))
    found = model.project(images, labels=labels, steps=60, starts=3)
    np.testing.assert_allclose(found.images, model.generate_from(found.latents, {"labels": labels}), atol=1e-6)
    assert (found.psnr > 25).all()
    with pytest.raises(ValueError, match="say which of its 3 classes"):
        model.project(images)


@pytest.mark.slow  # last run: 0.1.0, 2026-11-29
def test_samples_of_a_preset_are_found_again():
    model = keras_gans.load_pretrained("dcgan_mnist")
    assert (model.project(model.generate(4, seed=5), steps=300).psnr >= 30).all()


def test_images_of_another_size_are_refused():
    with pytest.raises(ValueError, match=r"images of shape \(4, 4, 1\); received \(2, 5, 4, 1\)"):
        linear_images().project(np.zeros((2, 5, 4, 1), "uint8"))
