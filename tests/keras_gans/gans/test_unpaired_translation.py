"""CycleGAN: two directions, learned without pairs."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_gans import UnpairedTranslation
from keras_gans.callbacks import ExactResume
from keras_gans.data import Data
from keras_gans.data.unpaired import UnpairedValues
from tests.support.breaking_off import Kill, Killed, assert_same

A = np.random.default_rng(0).integers(0, 100, (20, 8, 8, 1), dtype="uint8")
B = np.random.default_rng(1).integers(100, 256, (12, 8, 8, 1), dtype="uint8")


def mapping(name, taken=1, made=1, side=None):
    images = keras.Input((side, side, taken), name="images")
    x = layers.Conv2D(4, 3, padding="same", activation="relu")(images)
    return keras.Model(images, layers.Conv2D(made, 3, padding="same", activation="tanh", dtype="float32")(x), name=name)


def scoring(name, channels=1):
    samples = keras.Input((None, None, channels))
    x = layers.LeakyReLU(0.2)(layers.Conv2D(4, 3, 2, padding="same")(samples))
    return keras.Model(samples, layers.Conv2D(1, 3, padding="same", dtype="float32", name="logits")(x), name=name)


def networks():
    return (mapping("to_b"), mapping("to_a")), (scoring("of_b"), scoring("of_a"))


def make(seed=0, pool_size=6, **options):
    keras.utils.set_random_seed(seed)
    model = UnpairedTranslation(*networks(), seed, pool_size, (8, 8))
    model.compile(*(keras.optimizers.Adam(2e-3, beta_1=0.5) for _ in range(2)), **options)
    return model


def train(model, epochs=1, **arguments):
    data = Data("mine", B, conditions={"images": UnpairedValues(A, len(B))})
    return model.fit(data, batch_size=4, epochs=epochs, verbose=0, **arguments).history


def floats(images):
    return images.astype("float32") / 127.5 - 1.0


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_losses_add_up_with_their_weights():
    model = make(cycle_weight=3.0, identity_weight=0.5, adversarial_weight=0.25)
    train(model)
    a, b = floats(A[:4]), floats(B[:4])
    log = model.test_on_batch(b, {"images": a}, return_dict=True)
    made_b, made_a = model.apply(a), model.apply(b, direction="BtoA")
    cycle = np.abs(model.apply(made_b, direction="BtoA") - a).mean() + np.abs(model.apply(made_a) - b).mean()
    identity = np.abs(model.apply(b) - b).mean() + np.abs(model.apply(a, direction="BtoA") - a).mean()
    of_b, of_a = (layer for layer in model.discriminator.layers if isinstance(layer, keras.Model))
    assert (of_b.name, of_a.name) == ("of_b", "of_a")
    scores = [np.asarray(each) for each in (of_b(made_b), of_a(made_a), of_b(b), of_a(a))]
    adversarial = sum((0.5 * (score - 1) ** 2).mean() for score in scores[:2])
    pairs = zip(scores[:2], scores[2:], strict=True)
    discriminators = sum((0.5 * made**2).mean() + (0.5 * (real - 1) ** 2).mean() for made, real in pairs)
    assert log["cycle"] == pytest.approx(cycle, rel=1e-4)
    assert log["identity"] == pytest.approx(identity, rel=1e-4)
    assert log["g_loss"] == pytest.approx(3 * cycle + 0.5 * identity + 0.25 * adversarial, rel=1e-4)
    assert log["d_loss"] == pytest.approx(discriminators / 2, rel=1e-4)  # the mean over discriminators


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_both_directions_learn_and_keep_what_they_are_given():
    model = make(ema=0.5, augment="diff_augment")
    before = [np.array(weight) for weight in model.generator.get_weights()]
    history = train(model, epochs=12)
    assert all((new != old).any() for new, old in zip(model.generator.get_weights(), before, strict=True))
    assert history["cycle"][-1] < 0.8 * history["cycle"][0]
    assert history["identity"][-1] < 0.8 * history["identity"][0]
    assert model.apply(A[:3]).mean() > floats(A[:3]).mean()
    averaged, last = (model.apply(B[:2], direction="BtoA", use_ema=use) for use in (True, False))
    assert averaged.shape == (2, 8, 8, 1)
    assert (averaged != last).any()
    assert model.default_metrics == ("fid",)


# In the second epoch, images come back from the pool.
@pytest.mark.slow  # last run: 0.1.0, 2026-11-29
@pytest.mark.parametrize("at", [(1, 2)], ids=str)
def test_training_that_breaks_off_ends_with_the_same_weights_and_pools(tmp_path, at):
    def resume():
        return ExactResume(tmp_path, every_steps=1, every_seconds=None, time_share=float("inf"))

    def fit(model, resume=None, kill=None):
        callbacks = [] if resume is None else [resume]
        train(model, 2, callbacks=[*callbacks, *([Kill(resume, *kill)] if kill else [])])
        return model

    whole = fit(make(ema=0.9))
    with pytest.raises(Killed):
        fit(make(ema=0.9), resume(), at)
    again = fit(make(ema=0.9), resume())
    assert_same(again, whole)
    assert any("pool" in variable.path for variable in again.weights)
    assert any(np.asarray(keras.ops.convert_to_numpy(variable)).any() for variable in again.pools["samples"].weights)


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_a_saved_model_trains_as_it_did(tmp_path):
    model = make(cycle_weight=4.0, identity_weight=0.0)
    assert "identity" not in train(model)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert (loaded.cycle_weight, loaded.identity_weight, loaded.pool_size, loaded.image_size) == (4.0, 0.0, 6, (8, 8))
    train(model)
    train(loaded)
    assert_same(loaded, model)


def test_it_draws_both_directions():
    model = make()
    model.take_examples(Data("mine", B, conditions={"images": UnpairedValues(A, len(B))}))
    inputs, samples = model.examples
    picture = model.draw(4)
    assert picture.shape[1] == pytest.approx(4 * picture.shape[0], rel=0.1)  # there, and back
    assert len(inputs) == len(samples) == 12
    assert make().draw(8).dtype == np.uint8  # without examples, of test images


def test_domains_may_have_different_channels():
    keras.utils.set_random_seed(0)
    model = UnpairedTranslation(
        (mapping("to_b", 1, 3), mapping("to_a", 3, 1)), (scoring("of_b", 3), scoring("of_a")), 0, image_size=(8, 8)
    )
    with pytest.raises(ValueError, match="domains of equal channels, and these have 1 and 3: compile with identity_weight=0"):
        model.compile()
    model.compile(identity_weight=0)
    log = model.train_on_batch(B.repeat(3, axis=-1)[:4], {"images": A[:4]}, return_dict=True)
    assert np.isfinite(list(log.values())).all()
    assert model.apply(A[:2]).shape == (2, 8, 8, 3)
    assert model.apply(B.repeat(3, axis=-1)[:2], direction="BtoA").shape == (2, 8, 8, 1)


def test_what_it_needs():
    both, scores = networks()
    with pytest.raises(ValueError, match="say how large the images are that they learn from"):
        UnpairedTranslation(both, scores)
    assert UnpairedTranslation(both, scores, pool_size=0).pools == {}
    fixed = UnpairedTranslation((mapping("to_b", side=8), mapping("to_a", side=8)), scores)
    assert fixed.pools["samples"].images.shape == (50, 8, 8, 1)
    with pytest.raises(ValueError, match="two generators: pass both, as a tuple"):
        UnpairedTranslation(both[0], scores)
    with pytest.raises(ValueError, match="different names; both are called 'same'"):
        UnpairedTranslation((mapping("same"), mapping("same")), scores)
    with pytest.raises(ValueError, match=r"from A to B makes images of shape \(None, None, 3\), but the other generator takes"):
        UnpairedTranslation((mapping("to_b", 1, 3), both[1]), scores, pool_size=0)
    model = make()
    with pytest.raises(ValueError, match="trained without penalties"):
        model.compile(penalties="r1")
    with pytest.raises(ValueError, match=r"no direction 'BA'\. Did you mean 'BtoA'"):
        model.apply(A, direction="BA")
    with pytest.raises(ValueError, match=r"samples of shape \(16, 16, 1\), but this model generates"):
        model.fit(np.zeros((4, 16, 16, 1), "uint8"), {"images": A[:4]}, batch_size=4)
