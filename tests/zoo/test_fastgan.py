"""The generator of `fastgan` and `projected_gan`, and the discriminator of `fastgan`."""

import keras
import numpy as np
import pytest

import keras_gans
from keras_gans_zoo.fastgan.discriminator import build_discriminator
from keras_gans_zoo.fastgan.networks import build_generator
from tests.support.entries import build


def generator(image_shape, width=2, num_classes=None):
    keras.utils.set_random_seed(0)
    return build_generator("fastgan", image_shape, 6, width, num_classes, 0)


@pytest.mark.parametrize(
    ("shape", "width", "sizes"),
    [
        # The channels of the authors' code for a width of 64, divided by 32: 4 -> 1024, 8 -> 512, 16 -> 256, 32 and 64 -> 128,
        # 128 -> 64, 256 -> 32.
        ((256, 256, 3), 2, [(4, 32), (8, 16), (16, 8), (32, 4), (64, 4), (128, 2), (256, 1)]),
        ((28, 56, 1), 1, [(7, 16), (14, 8), (28, 4)]),
        ((64, 80, 4), 1, [(4, 16), (8, 8), (16, 4), (32, 2), (64, 2)]),
    ],
    ids=str,
)
def test_channels_of_every_resolution(shape, width, sizes):
    network = generator(shape, width)
    assert network.output_shape == (None, *shape)
    gated = [layer.output.shape for layer in network.layers if type(layer).__name__ == "GatedLinearUnit"]
    assert [(maps[1], maps[3]) for maps in dict.fromkeys(gated)] == sizes
    assert {maps[2] * shape[0] for maps in gated} == {maps[1] * shape[1] for maps in gated}
    # One convolution, then two with noise, in turn.
    noise = [layer.output.shape[1] // sizes[0][0] for layer in network.layers if type(layer).__name__ == "NoiseInjection"]
    assert noise == [2**level for level in range(2, len(sizes), 2) for _ in range(2)]
    excited = [layer.output.shape[1] // sizes[0][0] for layer in network.layers if type(layer).__name__ == "Multiply"]
    assert excited == [2**level for level in range(4, len(sizes))]


def test_the_length_of_latents_does_not_matter_but_the_class_does():
    network, latents = generator((8, 8, 1), num_classes=3), np.random.default_rng(0).normal(size=(3, 6)).astype("float32")
    labels = np.arange(3)
    images = np.array(network([latents, labels]))
    np.testing.assert_allclose(network([5 * latents, labels]), images, atol=1e-5)
    assert np.abs(np.array(network([latents, labels[::-1]])) - images).max() > 1e-3


def test_a_seed_has_one_image_though_there_is_noise_in_training():
    model = build("fastgan")
    for layer in model.generator.layers:
        if type(layer).__name__ == "NoiseInjection":
            layer.strength.assign(1.0)
    np.testing.assert_array_equal(model.generate(2, seed=1, use_ema=False), model.generate(2, seed=1, use_ema=False))
    latents = model.latents(2, seed=1)
    first, second = (np.array(model.generator(latents, training=True)) for _ in range(2))
    assert np.abs(first - second).max() > 1e-3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_shape": (60, 64, 3)}, "cannot build 60x64 images.*nearest square is 64x64"),
        ({"image_shape": (64, 64, 2)}, r"1, 3 or 4 channels .*received \(64, 64, 2\)"),
        ({"image_shape": (8, 8, 3)}, "at least 16x16 pixels; received 8x8"),
        ({"image_shape": (256, 256, 3), "width": 3}, "width=3 does not.*multiple of 2, such as 4"),
        ({"width": 0}, "width must be .*; received 0"),
        ({"discriminator_width": 0}, "discriminator_width must be .*; received 0"),
    ],
    ids=str,
)
def test_what_cannot_be_built_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        keras_gans.create_model("fastgan", **arguments)


def test_both_discriminators_see_windows_and_the_reconstructions_have_half_the_size():
    network = build_discriminator((64, 64, 3), 1, None)
    assert [scores.shape for scores in network.output["scores"]] == [(None, 5, 5, 1)] * 2
    images = keras.tree.flatten(network.output["reconstructions"])
    assert [image.shape for image in images] == [(None, 32, 32, 3)] * 3


@pytest.mark.parametrize("name", ["fastgan", "projected_gan"])
def test_two_images_of_two_classes_suffice(name):
    model = build(name, num_classes=2)
    model.compile_with(run_eagerly=True)  # compiling takes longer than a step
    images = np.random.default_rng(0).integers(0, 256, (2, *model.data_shape), "uint8")
    assert np.isfinite(model.fit(images, np.arange(2), batch_size=2, verbose=0).history["loss"]).all()
    assert np.isfinite(model.generate(2, labels=[0, 1], seed=0)).all()
