"""Models that map images to images: pixels first, then the discriminator."""

import keras
import numpy as np
import pytest
from PIL import Image

import keras_gans
from keras_gans import ImageToImage
from keras_gans.callbacks import ExactResume
from keras_gans.conditions import Images
from keras_gans.media.pictures import save_picture, to_uint8
from tests.support.breaking_off import Kill, Killed, assert_same
from tests.support.entries import build, data
from tests.support.pix2pix import build_discriminator, build_generator


def pairs(n=64, side=16):
    """Digits, and what they are to be made from: their negatives, two pixels to the right."""
    digits = keras_gans.load_data("digits", image_shape=(side, side)).samples[:n]
    return digits, 255 - np.roll(digits, 2, axis=2)


def make(seed=0, **options):
    keras.utils.set_random_seed(seed)
    model = ImageToImage(build_generator(1, 8), build_discriminator(1, 8), seed)
    model.compile(*(keras.optimizers.Adam(2e-3, beta_1=0.5) for _ in range(2)), **options)
    return model


def train(model, epochs=1, n=64, **arguments):
    digits, negatives = pairs(n)
    return model.fit(digits, {"images": negatives}, batch_size=16, epochs=epochs, verbose=0, **arguments).history


def test_it_learns_pixels_first_and_then_against_the_discriminator():
    model = make(pixel_weight=100.0, pretrain_steps=8)
    assert model.stage == 0
    before = model.discriminator.get_weights()
    first = train(model, epochs=2)  # 4 steps an epoch
    for weight, old in zip(model.discriminator.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, old)
    assert first["pixel"][1] < first["pixel"][0]
    assert first["d_loss"] == first["g_loss"] == [0.0, 0.0]
    assert model.stage == 1
    second = train(model, epochs=1)
    assert second["d_loss"][0] > 0
    # The pixel loss with its weight is most of the generator's.
    assert second["g_loss"][0] == pytest.approx(100 * second["pixel"][0], rel=0.2)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_the_stages_may_change_within_an_epoch_and_under_single_batches():
    model = make(pretrain_steps=6)
    untouched = model.discriminator.get_weights()[0].copy()
    history = train(model, epochs=2)
    assert history["d_loss"][0] == 0.0 < history["d_loss"][1]
    assert (model.discriminator.get_weights()[0] != untouched).any()
    model = make(pretrain_steps=2)
    digits, negatives = pairs(16)
    losses = [model.train_on_batch(digits, {"images": negatives}, return_dict=True) for _ in range(3)]
    assert [log["d_loss"] > 0 for log in losses] == [False, False, True]


@pytest.mark.slow  # last run: 0.1.0, 2026-11-29
def test_it_maps_better_than_what_knows_nothing_of_its_input():
    digits, negatives = pairs(160)
    model = make(pixel_weight=100.0, pretrain_steps=20)
    model.fit(digits[:128], {"images": negatives[:128]}, batch_size=8, epochs=6, verbose=0)
    after = np.abs(model.apply(negatives[128:]) - (digits[128:] / 127.5 - 1.0)).mean()
    blind = np.abs(digits[128:].astype("float32") - np.median(digits[:128], axis=0)).mean() / 127.5
    assert after < 0.5 * blind


# One break before and one after the change of stages (last run: 0.1.0, 2026-11-30). The entries' tests break off, too.
@pytest.mark.slow
@pytest.mark.parametrize("at", [(0, 1), (1, 2)], ids=str)
def test_training_that_breaks_off_ends_with_the_same_weights(tmp_path, at):
    def resume():
        return ExactResume(tmp_path, every_steps=1, every_seconds=None, time_share=float("inf"))

    def fit(model, resume=None, kill=None):
        callbacks = [] if resume is None else [resume]
        callbacks += [Kill(resume, *kill)] if kill else []
        train(model, 2, n=48, callbacks=callbacks)  # 3 steps an epoch
        return model

    options = {"pixel_weight": 10.0, "pretrain_steps": 4, "ema": 0.9}
    whole = fit(make(**options))
    with pytest.raises(Killed):
        fit(make(**options), resume(), at)
    assert_same(fit(make(**options), resume()), whole)


def test_it_is_measured_on_held_out_pairs():
    digits, negatives = pairs(32)
    model = make(pretrain_steps=1)
    history = train(model, 2, n=16, validation_data=(digits[16:], {"images": negatives[16:]}))
    expected = np.abs(model.apply(negatives[16:]) - (digits[16:] / 127.5 - 1.0)).mean()
    assert history["val_pixel"][1] == pytest.approx(expected, rel=1e-4)
    assert history["val_d_loss"][0] == 0.0 < history["val_d_loss"][1]


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_a_saved_model_trains_as_it_did(tmp_path):
    model = make(pixel="charbonnier", pixel_weight=3.0, perceptual="frequency", perceptual_weight=0.5, pretrain_steps=2)
    train(model)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.get_compile_config()["pixel"] == model.get_compile_config()["pixel"]
    assert (loaded.pixel_weight, loaded.perceptual_weight, loaded.pretrain_steps) == (3.0, 0.5, 2)
    train(model)
    train(loaded)
    assert_same(loaded, model)


def test_losses_add_up_with_their_weights():
    digits, negatives = (images[:4] / 127.5 - 1.0 for images in pairs(4))
    real, images = digits.astype("float32"), negatives.astype("float32")
    model = make(loss="hinge", pixel_weight=2.0, adversarial_weight=0.25, perceptual="l2", perceptual_weight=3.0)
    generated = np.asarray(model.apply(images))
    scores = np.asarray(model.score(generated, {"images": images}))
    log = model.test_on_batch(real, {"images": images}, return_dict=True)
    pixel, perceptual = np.abs(real - generated).mean(), ((real - generated) ** 2).mean()
    assert log["pixel"] == pytest.approx(pixel, rel=1e-4)
    assert log["g_loss"] == pytest.approx(2 * pixel - 0.25 * scores.mean() + 3 * perceptual, rel=1e-4)


def test_who_learned_from_imagenet_is_not_measured_by_it():
    assert make(perceptual="l2").trained_against == ()
    assert make(perceptual="imagenet").trained_against == ("imagenet",)


def test_a_discriminator_may_see_outputs_alone():
    samples = keras.Input((None, None, 1), name="samples")
    alone = keras.Model(samples, keras.layers.Conv2D(1, 4, 2)(samples))
    model = ImageToImage(build_generator(1, 4), alone, 0)
    model.compile(pixel_weight=1.0)
    assert np.isfinite(train(model, n=16)["loss"]).all()


def test_what_it_needs():
    latents = keras.Input((5,))
    generator = keras.Model(latents, keras.layers.Reshape((1, 5, 1))(latents))
    with pytest.raises(ValueError, match="takes an input named 'images'"):
        ImageToImage(generator, build_discriminator(1, 4))
    images = keras.Input((4, 4, 1), name="images")
    outputs = keras.layers.Add()([images, keras.layers.Reshape((4, 4, 1))(keras.layers.Dense(16)(latents))])
    with pytest.raises(ValueError, match="takes 'images' and no latents"):
        ImageToImage(
            keras.Model([latents, images], outputs), build_discriminator(1, 4), conditions={"images": Images((4, 4, 1))}
        )
    for options, message in [
        ({"pixel": "l3"}, "no loss of images 'l3'"),
        ({"pixel_weight": -1.0}, "pixel_weight"),
        ({"pretrain_steps": -1}, "pretrain_steps must be an integer of at least 0"),
    ]:
        with pytest.raises(ValueError, match=message):
            make(**options)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_strength_goes_from_the_weights_before_adversarial_training_to_those_after(tmp_path):
    _, negatives = pairs(8)
    model = make(pretrain_steps=4, ema=0.5)
    train(model)  # 4 steps
    before = model.ema_generator.get_weights()
    faithful = model.apply(negatives)
    train(model)
    crisp, after = model.apply(negatives), model.ema_generator.get_weights()
    assert np.abs(crisp - faithful).mean() > 1e-3
    weights = model.get_weights()
    model.strength = 0.0
    np.testing.assert_allclose(model.apply(negatives), faithful, atol=1e-6)
    model.strength = 0.25
    for mixed, first, last in zip(model.sampling_network().get_weights(), before, after, strict=True):
        np.testing.assert_allclose(mixed, 0.75 * first + 0.25 * last, atol=1e-6)
    if keras.backend.backend() == "tensorflow":
        assert keras_gans.export.tflite(model, tmp_path / "quarter.tflite")[1] <= 1e-4
    save_picture(tmp_path / "in.png", negatives[0])
    model.strength = 1.0
    path = keras_gans.apply_file(model, tmp_path / "in.png", tmp_path / "out.png", strength=0.25)
    model.strength = 0.25
    np.testing.assert_array_equal(np.asarray(Image.open(path)), to_uint8(model.apply(negatives[:1]))[0, ..., 0])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.apply(negatives), crisp)  # strength is not stored
    loaded.strength = model.strength
    np.testing.assert_array_equal(loaded.apply(negatives), model.apply(negatives))
    model.strength = 1.0
    np.testing.assert_array_equal(model.apply(negatives), crisp)
    for one, two in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(one, two)
    with pytest.raises(ValueError, match="strength must be a number from 0 to 1; received 2"):
        model.strength = 2
    with pytest.raises(ValueError, match="compiled without pretrain_steps"):
        make().strength = 0.5


@pytest.mark.slow  # last run: 0.1.0, 2026-11-29
def test_a_preset_keeps_both_and_goes_on_with_adversarial_training(tmp_path):
    samples, inputs = data(model := build("pix2pix", pretrain_steps=2))
    model.fit(samples, inputs, batch_size=8, epochs=1, verbose=0)  # 2 steps
    model.fit(samples, inputs, batch_size=8, epochs=1, verbose=0)
    keras_gans.save_preset(model, tmp_path)
    loaded = keras_gans.load_pretrained(tmp_path)
    for strength in (0.0, 1.0):
        model.strength = loaded.strength = strength
        np.testing.assert_array_equal(loaded.apply(inputs), model.apply(inputs))
    assert model.stage == loaded.stage == 1
    before = loaded.discriminator.get_weights()[0]
    loaded.fit(samples, inputs, batch_size=8, epochs=1, verbose=0)
    assert (loaded.discriminator.get_weights()[0] != before).any()
    keras_gans.save_preset(loaded, tmp_path)
    assert keras_gans.load_pretrained(tmp_path).stage == 1


def test_a_network_that_halves_often_is_shown_examples_that_it_takes():
    model = keras_gans.create_model("pix2pix", image_shape=(128, 128, 3), width=2, discriminator_width=2, seed=0)
    told = model.example_conditions(2)
    assert told["images"].shape == (2, 128, 128, 3)  # halved seven times
    assert model.apply(told).shape == (2, 128, 128, 3)
    assert model.draw(4).shape[2] == 3
