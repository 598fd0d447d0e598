"""Discriminators that return more than one score a sample: maps, several of them, inner features."""

import keras
import numpy as np
import pytest
from keras import layers, ops
from scipy.special import log_expit

import keras_gans
from keras_gans.adversarial.networks import call_network, find_inputs
from keras_gans.losses import feature_distance
from tests.support.slow import slow_but

SHAPE = (8, 8, 1)


def make_generator():
    return keras.Sequential([keras.Input((4,)), layers.Dense(64, "tanh"), layers.Reshape(SHAPE)], name="generator")


def patches(name, stride, features=False):
    """A discriminator that returns a map of scores, and if wanted its inner features."""
    samples = keras.Input(SHAPE, name="samples")
    inner = layers.LeakyReLU(0.2)(layers.Conv2D(3, 3, stride, "same")(samples))
    scores = layers.Conv2D(1, 3, padding="same")(inner)
    return keras.Model(samples, {"scores": scores, "features": [inner]} if features else scores, name=name)


@keras.saving.register_keras_serializable(package="tests")
class Scales(keras.Model):
    """Two discriminators, of which the second sees samples at half their size."""

    def __init__(self, features=False, name="discriminator"):
        super().__init__(name=name)
        self.whole = patches("whole", 2, features)
        self.with_features = features
        half = keras.Input((4, 4, 1), name="samples")
        inner = layers.LeakyReLU(0.2)(layers.Conv2D(2, 3, padding="same")(half))
        scores = layers.Dense(1)(layers.Flatten()(inner))
        self.reduce = layers.AveragePooling2D(2)
        self.half = keras.Model(half, {"scores": scores, "features": [inner]} if features else scores, name="half")
        self.built = True

    def call(self, inputs, training=False):
        samples = inputs["samples"]
        found = [self.whole(samples, training=training), self.half(self.reduce(samples), training=training)]
        if not self.with_features:
            return found
        return {"scores": [each["scores"] for each in found], "features": [each["features"] for each in found]}


def scores_of(model, samples):
    return [np.asarray(ops.convert_to_numpy(each), "float64") for each in model.score(samples)]


def test_losses_of_several_discriminators_computed_by_hand():
    keras.utils.set_random_seed(0)
    model = keras_gans.GAN(make_generator(), Scales(), seed=0)
    model.compile(loss="non_saturating")
    real = np.random.default_rng(0).uniform(-1, 1, (6, *SHAPE)).astype("float32")
    generated = model.generate(6, seed=1)
    of_real, of_generated = scores_of(model, real), scores_of(model, generated)
    assert [each.shape for each in of_real] == [(6, 4, 4, 1), (6, 1)]
    loss, *_ = model.discriminator_loss(real, generated, {}, training=False)
    # The mean over the scores of each discriminator, and then of the two.
    expected = np.mean([np.mean(-log_expit(a) - log_expit(-b)) for a, b in zip(of_real, of_generated, strict=True)])
    assert float(loss) == pytest.approx(expected, rel=1e-5)
    expected = np.mean([np.mean(-log_expit(b)) for b in of_generated])
    assert float(model.generator_loss(generated, real, {}, training=False)) == pytest.approx(expected, rel=1e-5)
    logs = model.evaluate(real, batch_size=6, verbose=0, return_dict=True)
    assert logs["d_real"] == pytest.approx(np.mean([np.mean(a > 0) for a in of_real]), abs=1e-6)


# Those that are slow were last run with 0.1.0, 2026-11-29.
@pytest.mark.parametrize("loss", slow_but(keras_gans.losses.names(), "hinge", "relativistic"))
def test_every_loss_and_critic_schedule_trains_them(loss):
    keras.utils.set_random_seed(0)
    model = keras_gans.GAN(make_generator(), Scales(), seed=0)
    model.compile(loss=loss, critic_steps=2 if loss == "hinge" else 1, penalties="drift", augment="instance_noise", ema=0.9)
    before = model.get_weights()
    real = np.random.default_rng(0).uniform(-1, 1, (32, *SHAPE)).astype("float32")
    history = model.fit(real, batch_size=8, epochs=2, verbose=0).history
    assert all(np.isfinite(values).all() for values in history.values())
    assert max(np.abs(one - two).max() for one, two in zip(before, model.get_weights(), strict=True)) > 0


def test_adaptive_augmentation_counts_the_scores_of_all():
    keras.utils.set_random_seed(0)
    model = keras_gans.GAN(make_generator(), Scales(), seed=0)
    model.compile(augment="adaptive")
    model.fit(np.zeros((16, *SHAPE), "float32"), batch_size=8, epochs=3, verbose=0)
    assert 0.0 <= float(model.augmentation.p) <= 1.0


def test_drift_is_the_mean_square_of_all_scores():
    model = keras_gans.GAN(make_generator(), Scales(), seed=0)
    model.compile()
    real = np.random.default_rng(0).uniform(-1, 1, (6, *SHAPE)).astype("float32")
    batch = keras_gans.penalties.CriticBatch(model.score, real, real, model.score(real), model.score(real), None, 0)
    flat = np.concatenate([each.reshape(6, -1) for each in scores_of(model, real)], axis=1)
    assert float(keras_gans.penalties.Drift(0.5)(batch)) == pytest.approx(0.5 * np.mean(flat**2), rel=1e-5)


@pytest.mark.parametrize("name", [name for name in keras_gans.penalties.names() if name != "drift"])
def test_penalties_on_gradients_say_that_they_need_one_score(name):
    model = keras_gans.GAN(make_generator(), Scales(), seed=0)
    model.compile(penalties=name)
    with pytest.raises(ValueError, match="one score for each sample"):
        model.fit(np.zeros((8, *SHAPE), "float32"), batch_size=8, verbose=0)


def test_features_are_matched():
    keras.utils.set_random_seed(0)
    model = keras_gans.GAN(make_generator(), Scales(features=True), seed=0)
    real = np.random.default_rng(0).uniform(-1, 1, (6, *SHAPE)).astype("float32")
    generated = model.generate(6, seed=1)
    model.compile()
    plain = float(model.generator_loss(generated, real, {}, training=False))
    model.compile(feature_matching=10.0)
    features = [
        [np.asarray(ops.convert_to_numpy(each), "float64") for each in model.judge(samples).features]
        for samples in (real, generated)
    ]
    assert len(features[0]) == 2
    expected = np.mean([np.mean(np.abs(a - b)) for a, b in zip(*features, strict=True)])
    assert float(model.generator_loss(generated, real, {}, training=False)) == pytest.approx(plain + 10 * expected, rel=1e-4)
    history = model.fit(real, batch_size=6, epochs=3, verbose=0).history
    assert np.isfinite(history["g_loss"]).all()


def test_no_gradient_reaches_real_features():
    from keras_gans.backend import input_gradient

    x = ops.convert_to_tensor(np.random.default_rng(0).normal(size=(4, 3)).astype("float32"))
    fixed = ops.zeros((4, 3))
    tie = 0.0  # without it, there is no gradient
    assert np.abs(input_gradient(lambda real: feature_distance([real], [fixed]) + tie * ops.sum(real), x)).max() == 0.0
    assert np.abs(input_gradient(lambda generated: feature_distance([fixed], [generated]), x)).max() > 0.0


def test_matching_features_that_are_not_shown_is_refused():
    model = keras_gans.GAN(make_generator(), patches("discriminator", 2), seed=0)
    with pytest.raises(ValueError, match="feature_matching must be"):
        model.compile(feature_matching=-1.0)
    model.compile(feature_matching=1.0)
    with pytest.raises(ValueError, match="this discriminator returns none"):
        model.fit(np.zeros((8, *SHAPE), "float32"), batch_size=8, verbose=0)


def test_a_container_is_saved_and_goes_on(tmp_path):
    keras.utils.set_random_seed(0)
    model = keras_gans.GAN(make_generator(), patches("discriminator", 2, features=True), seed=0)
    model.compile(feature_matching=1.0)
    real = np.random.default_rng(0).uniform(-1, 1, (16, *SHAPE)).astype("float32")
    model.fit(real, batch_size=8, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.feature_matching == 1.0
    one, two = (each.fit(real, batch_size=8, epochs=1, verbose=0).history["loss"] for each in (model, loaded))
    assert one == pytest.approx(two, rel=1e-5)


def test_networks_get_the_inputs_they_have():
    a, b = keras.Input((2,), name="b"), keras.Input((2,), name="a")
    network = keras.Model([a, b], a - 2 * b)
    names = find_inputs(network, "latents", {"a": None})
    assert names == ("latents", "a")
    values = {"latents": np.ones((1, 2)), "a": np.full((1, 2), 3.0), "more": np.zeros((1, 2))}
    np.testing.assert_array_equal(call_network(network, names, values), [[-5.0, -5.0]])


def test_a_generator_may_be_a_container():
    """Two networks that share latents: their samples are a list, which only their own discriminator understands."""

    class Both(keras.Model):
        latent_shape, sample_shape = (4,), SHAPE

        def __init__(self):
            super().__init__(name="generator")
            self.parts = [make_generator(), make_generator()]
            self.built = True

        def call(self, inputs, training=False):
            return [part(inputs["latents"], training=training) for part in self.parts]

    class Pair(keras_gans.AdversarialModel):
        def judge(self, samples, conditions=None, training=False):
            parts = samples if isinstance(samples, list) else [samples, samples]
            judged = [super(Pair, self).judge(part, conditions, training) for part in parts]
            return type(judged[0])([each.scores for each in judged], [])

    keras.utils.set_random_seed(0)
    model = Pair(Both(), patches("discriminator", 2), seed=0)
    model.compile()
    before = model.generator.get_weights()
    history = model.fit(np.zeros((16, *SHAPE), "float32"), batch_size=8, epochs=2, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    changed = [np.abs(one - two).max() > 0 for one, two in zip(before, model.generator.get_weights(), strict=True)]
    assert all(changed)
