"""Models that fill in holes."""

import keras
import numpy as np
import pytest
from keras import layers

import keras_gans
from keras_gans import Inpainting
from keras_gans.callbacks import ExactResume
from keras_gans.data.masks import add_masks
from keras_gans.evaluation import Evaluator
from keras_gans.evaluation.protocol import differences
from keras_gans.layers import Composite
from tests.support.breaking_off import Kill, Killed, assert_same


def build_generator(channels=1, width=8, composite=False):
    """Images and masks of any size -> images of the same size."""
    images, masks = keras.Input((None, None, channels), name="images"), keras.Input((None, None, 1), name="masks")
    x = layers.Concatenate()([images, masks])
    for _ in range(2):
        x = layers.Conv2D(width, 5, padding="same", activation="relu")(x)
    made = layers.Conv2D(channels, 3, padding="same", dtype="float32", activation="tanh", name="made")(x)
    return keras.Model([images, masks], Composite()([made, images, masks]) if composite else made)


def build_discriminator(channels=1, width=8):
    samples, masks = keras.Input((None, None, channels), name="samples"), keras.Input((None, None, 1), name="masks")
    x = layers.LeakyReLU(0.2)(layers.Conv2D(width, 4, 2, "same")(layers.Concatenate()([samples, masks])))
    return keras.Model([samples, masks], layers.Conv2D(1, 4, padding="same", dtype="float32")(x))


def masked_digits(n=64, side=16):
    data = keras_gans.Data("digits", keras_gans.load_data("digits", image_shape=(side, side)).samples[:n])
    add_masks(data, "boxes")
    return data


def make(discriminator=True, **options):
    keras.utils.set_random_seed(0)
    model = Inpainting(build_generator(), build_discriminator() if discriminator else None, 0)
    model.compile(*(keras.optimizers.Adam(2e-3, beta_1=0.5) for _ in range(2)), **options)
    return model


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_what_is_outside_of_the_mask_comes_back_in_every_bit(policy):
    keras.config.set_dtype_policy(policy)
    try:
        model = Inpainting(build_generator())
    finally:
        keras.config.set_dtype_policy("float32")
    images = np.random.default_rng(0).permuted(np.tile(np.arange(256, dtype="uint8"), (3, 1)), axis=1).reshape(3, 16, 16, 1)
    masks = np.zeros((3, 16, 16), bool)
    masks[:, 4:9, 5:12] = True
    filled = model.fill(images, masks)
    assert filled.dtype == np.uint8
    np.testing.assert_array_equal(filled[~masks], images[~masks])
    assert (filled[masks] != images[masks]).any()
    # As conditions, as floats, and with masks in other dtypes.
    known = np.float32(images) / np.float32(127.5) - 1
    for told in (masks, 255 * masks.astype("uint8"), masks[..., None].astype("float32")):
        outputs = model.apply({"images": known, "masks": told})
        np.testing.assert_array_equal(outputs[~masks], known[~masks])
    np.testing.assert_array_equal(model.fill(known, masks), outputs)
    np.testing.assert_array_equal(model.fill(images[0], masks[0]), filled[0])
    np.testing.assert_array_equal(model.fill(images, masks[0])[1], model.fill(images[1], masks[0]))


def test_masks_that_do_not_fit():
    model = Inpainting(build_generator())
    images = np.zeros((2, 16, 16, 1), "uint8")
    with pytest.raises(ValueError, match="Masks must have the size of the images: they are 8x16, and the images 16x16"):
        model.fill(images, np.ones((2, 8, 16), bool))
    with pytest.raises(ValueError, match="2 samples need as many masks, or one for all; received 3"):
        model.fill(images, np.ones((3, 16, 16), bool))
    with pytest.raises(ValueError, match=r"these reach only 1: pass masks.astype\(bool\)"):
        model.fill(images, np.ones((2, 16, 16), "uint8"))
    with pytest.raises(ValueError, match="reach from 0 to 255"):
        model.fill(images, np.float32([[[0, 255]]]).repeat(16, axis=1).repeat(8, axis=2))
    with pytest.raises(ValueError, match=r"bool, uint8 .* these are int64"):
        model.fill(images, np.ones((2, 16, 16), "int64"))


def test_both_pixel_losses_have_their_weights():
    data = masked_digits(16)
    told = {name: values.read(np.arange(16))[0] for name, values in data.conditions.items()}
    hole = told["masks"] > 0
    reference = make(discriminator=False)
    made = keras.Model(reference.generator.inputs, reference.generator.get_layer("made").output)
    targets, inputs = (images.astype("float32") / 127.5 - 1.0 for images in (data.samples, told["images"]))
    errors = np.abs(np.asarray(made([inputs, hole.astype("float32")])) - targets)
    inside, outside = (errors * hole).mean(), (errors * ~hole).mean()
    real, told = reference.unpack((data.samples, told))
    for weights in ({"hole_weight": 6.0, "known_weight": 0.5, "pixel_weight": 2.0}, {"known_weight": 0.0}, {}):
        model = make(discriminator=False, **weights)
        filled, own_loss = model.generate_with_loss(real, None, told)
        pixel_weight = weights.get("pixel_weight", 1.0)
        assert float(own_loss) == pytest.approx(pixel_weight * weights.get("known_weight", 1.0) * outside, rel=1e-5)
        whole = pixel_weight * weights.get("hole_weight", 1.0) * inside
        assert float(model.comparison_loss(filled, real)) == pytest.approx(whole, rel=1e-5)


def test_it_learns_to_fill_in():
    data = masked_digits(400)
    model = make(discriminator=False, ema=0.9)
    evaluator = Evaluator(data, ["hole_l1", "hole_psnr"], 10_000, "pixels")
    assert evaluator.num == 400
    before = evaluator.measure_model(model)
    history = model.fit(data.batches(16, conditions=model.conditions), epochs=3, verbose=0).history
    assert history["pixel"][-1] < history["pixel"][0]
    after = evaluator.measure_model(model)
    assert after["hole_l1"] < 0.5 * before["hole_l1"]
    assert after["hole_psnr"] > before["hole_psnr"] + 3


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_pixels_come_first_and_then_the_discriminator(tmp_path):
    data = masked_digits(48)

    def fit(model, resume=None, kill=None):
        callbacks = [] if resume is None else [resume]
        callbacks += [Kill(resume, *kill)] if kill else []
        batches = data.batches(16, conditions=model.conditions)  # 3 steps an epoch
        return model.fit(batches, epochs=2, verbose=0, callbacks=callbacks).history

    def resume():
        return ExactResume(tmp_path, every_steps=1, every_seconds=None, time_share=float("inf"))

    options = {"pretrain_steps": 3, "loss": "hinge", "augment": "diff_augment"}
    whole = make(**options)
    history = fit(whole)
    assert history["d_loss"][0] == 0.0 < history["d_loss"][1]
    assert whole.default_metrics[0] == "fid"
    with pytest.raises(Killed):
        fit(make(**options), resume(), (1, 1))
    rest = make(**options)
    fit(rest, resume())
    assert_same(rest, whole)


def test_the_strip_shows_the_hole_what_fills_it_and_the_target():
    data, model = masked_digits(48), make()
    assert model.draw(8).shape[-1] == 1
    model.take_examples(data)
    picture = model.draw(18)
    assert picture.shape == (6 * 50 + 2, 3 * 50 + 2, 1)
    images, targets = (picture[2:50:3, left : left + 48 : 3, 0] for left in (2, 102))
    hole = images != targets
    assert hole.any()
    assert (images[hole] == 128).all()
    filled = picture[2:50:3, 52:100:3, 0]
    np.testing.assert_array_equal(filled[~hole], targets[~hole])


def test_a_generator_gets_its_last_layer_once(tmp_path):
    for composite in (False, True):
        model = Inpainting(build_generator(composite=composite))
        assert sum(isinstance(layer, Composite) for layer in model.generator.layers) == 1
    model.compile(hole_weight=2.0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert len(loaded.generator.layers) == len(model.generator.layers)
    assert loaded.hole_weight == 2.0
    told = model.example_conditions(2)
    np.testing.assert_array_equal(loaded.apply(told), model.apply(told))
    assert loaded.default_metrics[0] == "hole_l1"


def test_generators_that_do_something_else():
    images = keras.Input((None, None, 1), name="images")
    with pytest.raises(ValueError, match="inputs named 'images' and 'masks'"):
        Inpainting(keras.Model(images, layers.Conv2D(1, 3, padding="same")(images)))
    with pytest.raises(ValueError, match="hole_weight"):
        Inpainting(build_generator()).compile(hole_weight=-1.0)


def test_results_under_other_masks_are_not_compared():
    protocols = []
    for mask in ("boxes", "centre", "boxes"):
        data = keras_gans.load_data("digits", image_shape=(8, 8), mask=mask)
        protocols.append(Evaluator(data, ["hole_l1"], 16, "pixels").protocol)
    assert protocols[0] == protocols[2]
    assert list(differences(*(protocol.as_dict() for protocol in protocols[:2]))) == ["settings"]
    with pytest.raises(ValueError, match=r"hole_l1 measures holes .* digits holds no masks"):
        Evaluator(keras_gans.load_data("digits", image_shape=(8, 8)), ["hole_l1"], 16, "pixels")
