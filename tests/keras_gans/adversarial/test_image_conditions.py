"""Models that are told an image: pix2pix in a few lines, on pairs."""

import subprocess
import sys

import keras
import numpy as np
import pytest

import keras_gans
from keras_gans import registry
from keras_gans.callbacks import ExactResume
from keras_gans.conditions import Classes, Images
from tests.conftest import ROOT
from tests.support.breaking_off import Kill, Killed, assert_same
from tests.support.pix2pix import tiny_pix2pix


def pairs(n=64, side=16):
    """Digits, and what they are to be made from: their negatives, two pixels to the right."""
    digits = keras_gans.load_data("digits", image_shape=(side, side)).samples[:n]
    return digits, 255 - np.roll(digits, 2, axis=2)


def make(seed=0):
    keras.utils.set_random_seed(seed)
    return tiny_pix2pix(seed=seed)


def distance(model, wanted, given):
    return np.abs(model.apply(given) - (wanted / 127.5 - 1.0)).mean()


def test_it_learns_to_map_images_to_images():
    digits, negatives = pairs(160)
    model = make()
    before = distance(model, digits[128:], negatives[128:])
    history = model.fit(digits[:128], {"images": negatives[:128]}, batch_size=8, epochs=8, verbose=0).history
    after = distance(model, digits[128:], negatives[128:])
    # What a network that knows nothing of its input could do at best: the median of each pixel.
    blind = np.abs(digits[128:].astype("float32") - np.median(digits[:128], axis=0)).mean() / 127.5
    assert after < 0.5 * before
    assert after < 0.5 * blind
    assert all(np.isfinite(values).all() for values in history.values())
    assert 0.0 <= history["d_real"][-1] <= 1.0


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_pair_may_come_without_its_name_and_in_batches_of_any_kind():
    import tensorflow as tf

    digits, negatives = pairs()
    weights = []
    for data, labels in (
        (digits, {"images": negatives}),
        (digits, negatives),
        (keras_gans.data.batches.Batches(digits, {"images": negatives}, 16, seed=0), None),
    ):
        model = make()
        model.fit(data, labels, **({"batch_size": 16} if labels is not None else {}), verbose=0)
        weights.append(model.get_weights())
    for other in weights[1:]:
        for one, two in zip(weights[0], other, strict=True):
            np.testing.assert_array_equal(one, two)
    dataset = tf.data.Dataset.from_tensor_slices((digits, {"images": negatives})).batch(16)
    assert np.isfinite(make().fit(dataset, verbose=0).history["loss"]).all()


def test_held_out_pairs_are_measured():
    digits, negatives = pairs()
    history = make().fit(digits, {"images": negatives}, batch_size=16, validation_split=0.25, verbose=0).history
    assert np.isfinite(history["val_g_loss"]).all()


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
@pytest.mark.parametrize("at", [(0, 2), (1, 0)], ids=str)
def test_training_on_pairs_that_breaks_off_ends_with_the_same_weights(tmp_path, at):
    digits, negatives = pairs()

    def fit(model, resume=None, kill=None):
        callbacks = [] if resume is None else [resume]
        callbacks += [Kill(resume, *kill)] if kill else []
        model.fit(digits, {"images": negatives}, batch_size=16, epochs=2, verbose=0, callbacks=callbacks)
        return model

    def resume():
        return ExactResume(tmp_path, every_steps=1, every_seconds=None, time_share=float("inf"))

    whole = fit(make())
    with pytest.raises(Killed):
        fit(make(), resume(), at)
    assert_same(fit(make(), resume()), whole)


def test_images_of_any_size_are_mapped_alike():
    model = make()
    images = keras_gans.conditions.Images((None, None, 1)).examples(3)
    small = model.apply(images[:, :16, :24])
    assert small.shape == (3, 16, 24, 1)
    one_by_one = [model.apply(image[None, :16, :24])[0] for image in images]
    np.testing.assert_allclose(small, one_by_one, atol=1e-5)
    eight_bits = np.rint((images + 1) * 127.5).astype("uint8")
    as_floats = (eight_bits / 127.5 - 1.0).astype("float32")
    np.testing.assert_allclose(model.apply(eight_bits), model.generate(conditions={"images": as_floats}), atol=1e-6)


def test_it_has_no_latents_and_says_what_it_needs():
    model = make()
    assert model.latent_shape is None
    assert model.conditional
    assert model.num_classes is None
    digits, negatives = pairs(4)
    for call, message in (
        (lambda model: model.generate(4), "images to generate from"),
        (lambda model: model.generate(4, labels=3), "conditions are images; received labels"),
        (lambda model: model.generate(seeds=[1, 2]), "no latents"),
        (lambda model: model.apply(negatives[..., 0]), r"images of anyxanyx1; received uint8 of shape \(4, 16, 16\)"),
        (lambda model: model.apply(negatives * 2.0), r"lie in \[-1, 1\]"),
        (lambda model: model.generate(3, conditions={"images": negatives}), "3 samples need as many images"),
        (lambda model: model.fit(digits, batch_size=4), "learns from images"),
        (lambda model: model.fit(digits, {"sketches": negatives}, batch_size=4), "do not contain images"),
    ):
        with pytest.raises(ValueError, match=message):
            call(make())
    model.compile_with(penalties="r1")
    with pytest.raises(ValueError, match="one score for each sample"):
        model.fit(digits, {"images": negatives}, batch_size=4, verbose=0)


def test_networks_that_are_told_something_else():
    generator, discriminator = make().generator, make().discriminator
    for conditions, message in (
        ({}, "inputs \\['images'\\]|second input, .images."),
        ({"sketches": Images((None, None, 1)), "images": Images((None, None, 1))}, "takes no sketches"),
        ({"images": 3}, "must be a keras_gans.conditions.Condition"),
        ({"images": Images((None, None, 1)), "labels": Classes(3)}, "takes no labels"),
    ):
        with pytest.raises(ValueError, match=message):
            keras_gans.AdversarialModel(generator, discriminator, conditions=conditions)


@pytest.fixture
def entry(monkeypatch):
    """Registers the model, in one line, for the length of a test."""
    monkeypatch.setattr(registry, "_entries", dict(registry._entries))
    return keras_gans.register_model("tiny_pix2pix", medium="images", summary="Maps images to images.")(tiny_pix2pix)


def test_an_entry_of_it_is_as_short_as_any():
    assert len((ROOT / "tests" / "support" / "pix2pix.py").read_text().splitlines()) <= 60


def test_an_entry_of_it_makes_presets(entry, tmp_path):
    digits, negatives = pairs(16)
    model = keras_gans.create_model("tiny_pix2pix", width=4, seed=0)
    model.fit(digits, {"images": negatives}, batch_size=16, verbose=0)
    preset = keras_gans.save_preset(model, tmp_path)
    assert preset.metadata.to_dict()["conditions"] == {"images": {"kind": "images", "shape": [None, None, 1]}}
    assert (tmp_path / "samples.png").is_file()
    np.testing.assert_array_equal(keras_gans.load_pretrained(tmp_path).apply(negatives), model.apply(negatives))


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_its_exports_take_images_of_any_size(tmp_path):
    pytest.importorskip("tensorflow", exc_type=ImportError)
    from keras_gans import export

    model = make()
    folder, difference = export.saved_model(model, tmp_path / "translator")
    assert difference <= 1e-4
    images = Images((None, None, 1)).examples(2)
    expected = [model.apply(images), model.apply(images[:1, :16, :24])]
    given = [(images + 1) / 2, (images[:1, :16, :24] + 1) / 2]
    np.savez(tmp_path / "given.npz", *given)
    code = (
        "import sys, numpy as np, tensorflow as tf\n"
        f"serve = tf.saved_model.load({str(folder)!r}).signatures['serving_default']\n"
        f"given = np.load({str(tmp_path / 'given.npz')!r})\n"
        "found = [serve(images=tf.constant(given[name]))['generated_images'].numpy() for name in given.files]\n"
        f"np.savez({str(tmp_path / 'found.npz')!r}, *found)\n"
        "assert not [name for name in sys.modules if name.startswith('keras_gans')]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    with np.load(tmp_path / "found.npz") as found:
        for name, wanted in zip(found.files, expected, strict=True):
            np.testing.assert_allclose(found[name] * 2 - 1, wanted, atol=1e-4)


def test_it_is_saved_with_what_it_is_told(tmp_path):
    digits, negatives = pairs(16)
    model = make()
    model.fit(digits, {"images": negatives}, batch_size=16, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.conditions == model.conditions
    np.testing.assert_allclose(loaded.apply(negatives), model.apply(negatives), atol=1e-6)


def test_an_image_and_a_class_are_told_together():
    keras.utils.set_random_seed(0)
    images, labels = keras.Input((8, 8, 1), name="images"), keras.Input((), dtype="int32", name="labels")
    latents = keras.Input((4,))
    told = keras.layers.Reshape((8, 8, 1))(keras.layers.Embedding(3, 64)(labels))
    noise = keras.layers.Reshape((8, 8, 1))(keras.layers.Dense(64)(latents))
    x = keras.layers.Conv2D(1, 3, padding="same", activation="tanh")(keras.layers.Concatenate()([images, told, noise]))
    generator = keras.Model([labels, latents, images], x)  # in any order
    samples = keras.Input((8, 8, 1))
    discriminator = keras.Model(samples, keras.layers.Dense(1)(keras.layers.Flatten()(samples)))
    model = keras_gans.GAN(generator, discriminator, 0, num_classes=3, conditions={"images": Images((8, 8, 1))})
    model.compile()
    given = Images((8, 8, 1)).examples(8)
    model.fit(given, {"labels": np.arange(8) % 3, "images": given}, batch_size=4, verbose=0)
    one = model.generate(3, seed=0, labels=[0, 1, 2], conditions={"images": given[:1]})
    other = model.generate(3, seed=0, conditions={"labels": np.array([1, 1, 1]), "images": given[:3]})
    assert one.shape == (3, 8, 8, 1)
    assert np.abs(one - other).max() > 1e-3
    assert model.draw(4).ndim == 3
