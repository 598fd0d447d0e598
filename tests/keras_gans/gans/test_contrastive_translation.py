"""CUT: one direction, learned without pairs."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_gans import ContrastiveTranslation
from keras_gans.data import Data
from keras_gans.data.unpaired import UnpairedValues
from tests.keras_gans.losses.test_contrastive import expected
from tests.support.breaking_off import assert_same

A = np.random.default_rng(0).integers(0, 100, (20, 8, 8, 1), dtype="uint8")
B = np.random.default_rng(1).integers(100, 256, (12, 8, 8, 1), dtype="uint8")


def networks(channels=1):
    images = keras.Input((None, None, 1), name="images")
    x = layers.Conv2D(4, 3, padding="same", activation="relu")(images)
    deeper = layers.Conv2D(6, 3, 2, padding="same")(x)
    encoder = keras.Model(images, [images, x, deeper], name="encoder")
    features = keras.Input((None, None, 6))
    y = layers.Conv2DTranspose(channels, 4, 2, padding="same", activation="tanh", dtype="float32")(features)
    decoder = keras.Model(features, y, name="decoder")
    samples = keras.Input((None, None, channels))
    z = layers.LeakyReLU(0.2)(layers.Conv2D(4, 3, 2, padding="same")(samples))
    return (encoder, decoder), keras.Model(samples, layers.Conv2D(1, 3, padding="same", dtype="float32", name="logits")(z))


def make(seed=0, **options):
    keras.utils.set_random_seed(seed)
    model = ContrastiveTranslation(*networks(), seed, units=5)
    model.compile(*(keras.optimizers.Adam(2e-3, beta_1=0.5) for _ in range(2)), **options)
    return model


def train(model, epochs=1):
    data = Data("mine", B, conditions={"images": UnpairedValues(A, len(B))})
    return model.fit(data, batch_size=4, epochs=epochs, verbose=0).history


def floats(images):
    return images.astype("float32") / 127.5 - 1.0


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_losses_add_up_with_their_weights():
    # All patches are compared, so that their choice does not matter.
    model = make(contrast_weight=3.0, adversarial_weight=0.25, temperature=0.5, patches=64)
    train(model)
    a, b = floats(A[:4]), floats(B[:4])
    log = model.test_on_batch(b, {"images": a}, return_dict=True)
    encoder, _ = (layer for layer in model.sampling_network().layers if isinstance(layer, keras.Model))

    def contrast(images):
        losses = []
        for depth, (made, given) in enumerate(zip(encoder(model.apply(images)), encoder(images), strict=True), start=1):
            rows = [np.reshape(each, (4, -1, each.shape[-1])) for each in (made, given)]
            losses.append(expected(*(np.asarray(model.network(depth)(each)) for each in rows), 0.5).mean())
        return np.mean(losses)

    assert log["contrast"] == pytest.approx(contrast(a), rel=1e-3)
    assert log["identity"] == pytest.approx(contrast(b), rel=1e-3)
    scores = np.asarray(model.discriminator(model.apply(a)))
    adversarial = (0.5 * (scores - 1) ** 2).mean()
    total = 1.5 * (log["contrast"] + log["identity"]) + 0.25 * adversarial
    assert log["g_loss"] == pytest.approx(total, rel=1e-4)
    real = np.asarray(model.discriminator(b))
    assert log["d_loss"] == pytest.approx((0.5 * scores**2).mean() + (0.5 * (real - 1) ** 2).mean(), rel=1e-4)


@pytest.mark.slow  # last run: 0.1.0, 2026-11-29
def test_it_learns_and_a_saved_model_goes_on_as_it_did(tmp_path):
    model = make(ema=0.5, patches=16, temperature=0.1)
    before = [np.array(weight) for weight in model.generator.get_weights()]
    history = train(model, epochs=10)
    assert all((new != old).any() for new, old in zip(model.generator.get_weights(), before, strict=True))
    assert history["contrast"][-1] < 0.9 * history["contrast"][0]
    assert model.apply(A[:3]).mean() > floats(A[:3]).mean()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert (loaded.units, loaded.patches, loaded.temperature, loaded.identity) == (5, 16, 0.1, True)
    train(model)
    train(loaded)
    assert_same(loaded, model)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_without_identity_there_is_one_weight():
    model = make(contrast_weight=10.0, identity=False)
    assert model.loss_weights == {"contrast": 10.0}
    assert "identity" not in train(model)
    assert model.draw(2).shape[1] == pytest.approx(2 * model.draw(2).shape[0], rel=0.1)


def test_what_it_needs():
    parts, discriminator = networks()
    with pytest.raises(ValueError, match="Encoder and decoder are a tuple of two functional"):
        ContrastiveTranslation(parts[:1], discriminator)
    with pytest.raises(ValueError, match="is a tuple of an encoder and a decoder"):
        ContrastiveTranslation(parts[1], discriminator)
    with pytest.raises(ValueError, match=r"makes images of shape \(None, None, 3\), but the encoder takes \(None, None, 1\)"):
        ContrastiveTranslation(*networks(3))
    model = make()
    for options, message in [
        ({"temperature": 0.0}, "temperature must be above 0"),
        ({"patches": 1}, "patches must be an integer of at least 2"),
        ({"feature_matching": 1.0}, "trained without feature matching"),
    ]:
        with pytest.raises(ValueError, match=message):
            model.compile(**options)
