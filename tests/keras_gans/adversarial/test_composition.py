"""What `compile` is given works together: losses, penalties, augmentation, averages, optimizers and their schedules."""

import keras
import numpy as np
import pytest
from keras import layers
from scipy.special import expit

import keras_gans
from keras_gans.augmentation import AdaptiveAugment, Augmentation, DiffAugment
from keras_gans.penalties import R1, R2, Drift, GradientPenalty
from tests.support.networks import make_networks

REAL = np.array([[1.0], [-0.5], [2.0], [0.3]], "float32")


@keras.saving.register_keras_serializable(package="tests")
class Triple(Augmentation):
    """Makes samples three times as large."""

    def augment(self, images, noise, step):
        return 3.0 * images


def one_weight_gan(cls=keras_gans.GAN, optimizers=None, **options):
    """G(z) = w z and D(x) = v x with w = 0.5, v = 2."""
    networks = []
    for weight in (0.5, 2.0):
        network = keras.Sequential([keras.Input((1,)), layers.Dense(1, use_bias=False)])
        network.set_weights([np.array([[weight]], "float32")])
        networks.append(network)
    model = cls(*networks, seed=7)
    model.compile(*(optimizers or [keras.optimizers.SGD(0.1) for _ in range(2)]), **options)
    return model


def weights_of(model):
    return float(model.generator.get_weights()[0][0, 0]), float(model.discriminator.get_weights()[0][0, 0])


def latents_of_steps(model, steps, batch=4):
    """The latents that a model's first steps will draw, from Keras with the same seed."""
    seed = keras.random.SeedGenerator(model.seed)
    return [keras.ops.convert_to_numpy(keras.random.normal((batch, 1), seed=seed)) for _ in range(steps)]


# Penalties.


@pytest.mark.parametrize(
    ("cls", "expected"),
    [
        (keras_gans.GAN, []),
        (keras_gans.WGAN, []),
        (keras_gans.WGANGP, [(GradientPenalty, 10.0)]),
        (keras_gans.R3GAN, [(R1, 1.0), (R2, 1.0)]),
    ],
)
def test_each_algorithm_has_penalties_of_its_own_unless_told_otherwise(cls, expected):
    model = cls(*make_networks())
    model.compile()
    assert [(type(penalty), penalty.weight) for penalty in model.penalties] == expected
    model.compile(penalties=[])
    assert model.penalties == ()
    model.compile(penalties="drift")
    assert [type(penalty) for penalty in model.penalties] == [Drift]


def test_names_and_objects_add_up_in_the_logs():
    still = [keras.optimizers.SGD(0.0) for _ in range(2)]
    model = one_weight_gan(optimizers=still, penalties=["gradient_penalty", R1(3.0), Drift(0.5)])
    (z,) = latents_of_steps(model, 1)
    logs = model.fit(REAL, batch_size=4, epochs=1, verbose=0).history
    # The gradient of D is v = 2 everywhere.
    expected = 10.0 * (2.0 - 1.0) ** 2 + 0.5 * 3.0 * 2.0**2 + 0.5 * np.mean((2.0 * REAL) ** 2)
    assert logs["penalty"] == pytest.approx([expected], rel=1e-5)
    loss = np.mean(-np.log(expit(2.0 * REAL)) - np.log(expit(-2.0 * 0.5 * z)))
    assert logs["d_loss"] == pytest.approx([loss], rel=1e-5)  # without penalties
    model.compile(penalties=[])
    assert "penalty" not in model.fit(REAL, batch_size=4, epochs=1, verbose=0).history


# Augmentation.


@pytest.mark.parametrize("loss", ["non_saturating", "relativistic"])
def test_real_and_generated_samples_are_augmented_in_both_updates(loss):
    """One step of each network, computed by hand for samples three times as large."""
    model = one_weight_gan(loss=loss, augment=Triple())
    (z,) = latents_of_steps(model, 1)
    w, v = 0.5, 2.0
    real, fake = 3 * REAL, 3 * w * z
    if loss == "non_saturating":
        v -= 0.1 * np.mean(-expit(-v * real) * real + expit(v * fake) * fake)
        w -= 0.1 * np.mean(-expit(-v * fake) * v * 3 * z)
    else:
        v -= 0.1 * np.mean(expit(v * (fake - real)) * (fake - real))
        w -= 0.1 * np.mean(-expit(v * (real - fake)) * v * 3 * z)
    model.fit(REAL, batch_size=4, epochs=1, verbose=0, shuffle=False)
    np.testing.assert_allclose(weights_of(model), (w, v), rtol=1e-5)


@pytest.fixture(scope="module")
def composed():
    """A GAN of small images with everything at once, after eight steps on 64 images, and its logs."""
    keras.utils.set_random_seed(0)
    model = keras_gans.create_model("gan", image_shape=(8, 8, 1), width=8, latent_dim=3, seed=0)
    model.compile(
        keras.optimizers.Adam(1e-4, beta_1=0.5),
        keras.optimizers.Adam(1e-2, beta_1=0.5),
        loss="hinge",
        penalties=["r1", GradientPenalty(2.0, one_sided=True)],
        augment=[AdaptiveAugment(DiffAugment("translation"), target=0.1, images=200, every=2), "instance_noise"],
        ema=0.9,
    )
    history = model.fit(bright_images(), batch_size=16, epochs=2, verbose=0).history
    return model, history


def bright_images():
    images = np.random.default_rng(0).uniform(0.5, 1, (64, 8, 8, 1)).astype("float32")
    images[:, 0, 0] = -0.1  # no image lies in [0, 1]
    return images


def adaptive(model):
    return model.augmentation.augmentations[0]


def everything(model):
    networks = model.generator, model.discriminator, model.ema_generator
    return [*(v for network in networks for v in network.weights), *model.optimizer.variables, *adaptive(model).weights]


def test_everything_trains_together(composed):
    model, history = composed
    assert all(np.isfinite(column).all() for column in history.values())
    assert history["penalty"][0] > 0
    assert history["d_real"][-1] > 0.9  # bright images against grey ones
    assert np.abs(model.generate(4, seed=0) - model.generate(4, seed=0, use_ema=False)).max() > 0


def test_the_probability_of_adaptive_augmentation_follows_the_discriminator(composed):
    p = float(keras.ops.convert_to_numpy(adaptive(composed[0]).probability))
    # Four changes of 2 x 16 / 200, up or down, and the last ones up.
    changes = p / 0.16
    assert changes == pytest.approx(round(changes), abs=1e-4)
    assert 1 <= round(changes) <= 4


def test_all_of_it_survives_a_file(composed, tmp_path):
    model = composed[0]
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert type(loaded.adversarial_loss) is type(model.adversarial_loss)
    assert loaded.ema_decay == 0.9
    assert [(type(x), x.get_config()) for x in loaded.penalties] == [(type(x), x.get_config()) for x in model.penalties]
    assert loaded.augmentation.get_config() == model.augmentation.get_config()
    for kept, expected in zip(adaptive(loaded).weights, adaptive(model).weights, strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(kept), keras.ops.convert_to_numpy(expected))
    for each in (model, loaded):
        each.fit(bright_images(), batch_size=16, epochs=1, verbose=0)
    # Both go on alike.
    for kept, expected in zip(everything(loaded), everything(model), strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(kept), keras.ops.convert_to_numpy(expected))


# Optimizers.


def test_accumulated_gradients_are_one_step_on_their_mean():
    model = one_weight_gan(optimizers=[keras.optimizers.SGD(0.1, gradient_accumulation_steps=2) for _ in range(2)])
    real, latents = REAL.reshape(2, 2, 1), latents_of_steps(model, 2, batch=2)
    w, v = 0.5, 2.0
    by_v = [np.mean(-expit(-v * x) * x + expit(v * w * z) * w * z) for x, z in zip(real, latents, strict=True)]
    new_v = v - 0.1 * np.mean(by_v)
    # The generator's first gradient is taken before the discriminator has moved, its second after.
    by_w = [np.mean(-expit(-v_ * w * z) * v_ * z) for v_, z in zip((v, new_v), latents, strict=True)]
    new_w = w - 0.1 * np.mean(by_w)
    model.fit(REAL, batch_size=2, epochs=1, verbose=0, shuffle=False)
    np.testing.assert_allclose(weights_of(model), (new_w, new_v), rtol=1e-5)


def test_rates_of_both_players_fall_by_their_schedules():
    decay = keras.optimizers.schedules.PolynomialDecay
    optimizers = [keras.optimizers.SGD(decay(rate, 4, 0.0)) for rate in (0.1, 0.2)]
    model = one_weight_gan(optimizers=optimizers, loss="wasserstein")
    latents = latents_of_steps(model, 6)
    w, v = 0.5, 2.0
    for step, z in enumerate(latents):
        left = max(0.0, 1 - step / 4)
        v += 0.2 * left * (REAL.mean() - w * z.mean())
        w += 0.1 * left * v * z.mean()
    model.fit(REAL, batch_size=4, epochs=6, verbose=0)
    np.testing.assert_allclose(weights_of(model), (w, v), rtol=1e-5)


# Algorithms on points.


def test_r3gan_s_step_is_the_relativistic_one_with_both_penalties():
    model = one_weight_gan(keras_gans.R3GAN)
    (z,) = latents_of_steps(model, 1)
    w, v = 0.5, 2.0
    difference = w * z - REAL
    # Each penalty is v^2 / 2, whose derivative is v.
    v -= 0.1 * (np.mean(expit(v * difference) * difference) + 2.0 * v)
    w -= 0.1 * np.mean(-expit(-v * difference) * v * z)
    logs = model.fit(REAL, batch_size=4, epochs=1, verbose=0, shuffle=False).history
    np.testing.assert_allclose(weights_of(model), (w, v), rtol=1e-5)
    assert logs["penalty"] == pytest.approx([2.0**2], rel=1e-5)
