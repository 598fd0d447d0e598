import itertools

import keras
import numpy as np
import pytest
from keras import layers
from scipy.special import expit

import keras_gans
from tests.support.networks import all_values, make_networks
from tests.support.slow import slow_but


def one_weight_gan(loss="non_saturating", rate=0.1, **options):
    """G(z) = w z and D(x) = v x with w = 0.5, v = 2, both trained by plain gradient descent."""
    networks = []
    for weight in (0.5, 2.0):
        network = keras.Sequential([keras.Input((1,)), layers.Dense(1, use_bias=False)])
        network.set_weights([np.array([[weight]], "float32")])
        networks.append(network)
    model = keras_gans.GAN(*networks, seed=7)
    model.compile(keras.optimizers.SGD(rate), keras.optimizers.SGD(rate), loss, **options)
    return model


def weights_of(model):
    return float(model.generator.get_weights()[0][0, 0]), float(model.discriminator.get_weights()[0][0, 0])


def noise(model, batch, draws):
    """The noise that a model's first steps will draw, from Keras with the same seed."""
    seed = keras.random.SeedGenerator(model.seed)
    shape = (batch, *model.latent_shape)
    return [keras.ops.convert_to_numpy(keras.random.normal(shape, seed=seed)) for _ in range(draws)]


def test_one_step_is_goodfellows_algorithm_computed_by_hand():
    model = one_weight_gan()
    real = np.array([[1.0], [-0.5], [2.0], [0.3]], "float32")
    (z,) = noise(model, 4, 1)
    fake = 0.5 * z
    # d/dv of mean(softplus(-v r) + softplus(v f)), then d/dw of mean(softplus(-v' w z)).
    v = 2.0 - 0.1 * np.mean(-expit(-2.0 * real) * real + expit(2.0 * fake) * fake)
    w = 0.5 - 0.1 * np.mean(-expit(-v * 0.5 * z) * v * z)
    model.fit(real, batch_size=4, epochs=1, verbose=0)
    np.testing.assert_allclose(weights_of(model), (w, v), rtol=1e-5)


def test_logs_of_one_step_computed_by_hand():
    model = one_weight_gan(rate=0.0)
    real = np.array([[1.0], [-0.5], [2.0], [0.3]], "float32")
    (z,) = noise(model, 4, 1)
    scores = 2.0 * 0.5 * z
    expected = {
        "d_loss": np.mean(-np.log(expit(2 * real)) - np.log(1 - expit(scores))),
        "g_loss": np.mean(-np.log(expit(scores))),
        "d_real": 0.75,
        "d_fake": np.mean(scores < 0),
        "d_grad": abs(np.mean(-expit(-2 * real) * real + expit(scores) * 0.5 * z)),
        "g_grad": abs(np.mean(-expit(-scores) * 2.0 * z)),
    }
    expected["loss"] = expected["d_loss"] + expected["g_loss"]
    history = model.fit(real, batch_size=4, epochs=1, verbose=0).history
    assert set(history) == set(expected)
    for name, value in expected.items():
        assert history[name][0] == pytest.approx(value, rel=1e-4), name


@pytest.mark.parametrize(
    "loss", slow_but(["relativistic", "wasserstein", "hinge", "least_squares", "minimax"], "relativistic", "minimax")
)
def test_every_loss_trains_both_players(loss, make_gan, points):
    model = make_gan(loss=loss)
    before = [network.get_weights() for network in (model.generator, model.discriminator)]
    history = model.fit(points, batch_size=64, epochs=2, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    for network, old in zip((model.generator, model.discriminator), before, strict=True):
        # The first layer's kernel: losses of score differences do not depend on the last layer's bias.
        assert np.abs(network.get_weights()[0] - old[0]).max() > 0


def test_real_and_generated_samples_pass_the_discriminator_separately():
    # The discriminator normalises its input: its running mean tells which batches it saw.
    discriminator = keras.Sequential(
        [keras.Input((1,)), layers.BatchNormalization(momentum=0.5, epsilon=1e-3), layers.Dense(1)]
    )
    generator = keras.Sequential([keras.Input((1,)), layers.Dense(1, kernel_initializer="zeros")])  # always 0
    model = keras_gans.GAN(generator, discriminator, seed=0)
    model.compile(keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.0))
    model.fit(np.full((4, 1), 0.8, "float32"), batch_size=4, epochs=1, verbose=0)
    mean = keras.ops.convert_to_numpy(discriminator.layers[0].moving_mean)
    # Three passes: real (mean 0.8), generated (0), and generated again in the generator's step: ((0.4) / 2) / 2. A pass of
    # both together would give (0.2) / 2.
    np.testing.assert_allclose(mean, [0.1], rtol=1e-6)


def test_critic_steps_train_the_discriminator_more_often_and_on_fresh_batches(make_gan, points):
    model = make_gan(critic_steps=3, ema=0.9)
    model.fit(points, batch_size=32, epochs=2, verbose=0)  # 16 steps
    counts = [int(keras.ops.convert_to_numpy(player.iterations)) for player in model.optimizer.optimizers]
    assert counts == [5, 16]


def test_generator_stands_still_until_its_turn(make_gan, points):
    model = make_gan(critic_steps=9, ema=0.9)
    before = model.generator.get_weights()
    model.fit(points, batch_size=32, epochs=1, verbose=0)  # 8 steps
    after = model.generator.get_weights()
    # BatchNorm's running statistics move with every pass; what is trained must not.
    trained = [i for i, v in enumerate(model.generator.weights) if v.trainable]
    assert all((before[i] == after[i]).all() for i in trained)


def test_average_follows_the_generator_with_its_statistics(make_gan, points):
    model = make_gan(ema=0.95)
    expected = [w.astype("float64") for w in model.ema_generator.get_weights()]
    for step in range(1, 4):
        model.fit(points[:64], batch_size=64, epochs=1, verbose=0)
        decay = min(0.95, (1 + step) / (10 + step))
        new = model.generator.get_weights()
        expected = [decay * mean + (1 - decay) * w for mean, w in zip(expected, new, strict=True)]
    for mean, reference in zip(model.ema_generator.get_weights(), expected, strict=True):
        np.testing.assert_allclose(mean, reference, rtol=1e-5, atol=1e-6)
    assert not np.allclose(model.generate(4, seed=0), model.generate(4, seed=0, use_ema=False))


def test_generate_is_a_function_of_the_seed(make_gan):
    model = make_gan()
    samples = model.generate(10, seed=1)
    assert samples.shape == (10, 2)
    assert samples.dtype == np.float32
    np.testing.assert_array_equal(samples, model.generate(10, seed=1))
    assert np.abs(samples - model.generate(10, seed=2)).max() > 1e-3
    np.testing.assert_allclose(samples[:4], model.generate(4, seed=1), atol=1e-6)
    np.testing.assert_allclose(samples, model.generate(10, seed=1, batch_size=3), atol=1e-6)


def test_latents_of_a_seed_are_numpys(make_gan):
    expected = np.random.default_rng(5).standard_normal((3, 8), dtype="float32")
    np.testing.assert_array_equal(make_gan().latents(3, seed=5), expected)


def test_generating_does_not_disturb_training(make_gan, points):
    results = []
    for interrupted in (False, True):
        model = make_gan()
        draw = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs, m=model: m.generate(5))
        model.fit(points, batch_size=64, epochs=2, verbose=0, shuffle=False, callbacks=[draw] if interrupted else [])
        results.append(all_values(model))
    for quiet, disturbed in zip(*results, strict=True):
        np.testing.assert_array_equal(quiet, disturbed)


def test_the_same_seed_trains_the_same_weights(make_gan, points):
    first, second = (make_gan(seed=4) for _ in range(2))
    for model in (first, second):
        keras.utils.set_random_seed(9)
        model.fit(points, batch_size=64, epochs=2, verbose=0)
    for a, b in zip(all_values(first), all_values(second), strict=True):
        np.testing.assert_array_equal(a, b)


def test_evaluate_and_validation_data_change_nothing(make_gan, points):
    model = make_gan(ema=0.9)
    history = model.fit(points, batch_size=64, epochs=1, verbose=0, validation_data=(points,)).history
    assert {"val_loss", "val_d_loss", "val_g_loss", "val_d_real"} <= set(history)
    before = [model.generator.get_weights(), model.discriminator.get_weights(), model.ema_generator.get_weights()]
    logs = model.evaluate(points, verbose=0, return_dict=True)
    after = [model.generator.get_weights(), model.discriminator.get_weights(), model.ema_generator.get_weights()]
    assert np.isfinite(list(logs.values())).all()
    for old, new in zip(itertools.chain(*before), itertools.chain(*after), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_saved_model_goes_on_as_if_it_had_not_stopped(make_gan, points, tmp_path):
    keras.utils.set_random_seed(0)
    model = make_gan(networks={"dropout": False}, loss="hinge", ema=0.9, critic_steps=2)
    fit = {"batch_size": 64, "verbose": 0, "shuffle": False}
    model.fit(points, epochs=1, **fit)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.critic_steps == 2
    np.testing.assert_array_equal(loaded.generate(5, seed=0), model.generate(5, seed=0))
    model.fit(points, epochs=2, **fit)
    loaded.fit(points, epochs=2, **fit)
    for kept, restored in zip(all_values(model), all_values(loaded), strict=True):
        np.testing.assert_array_equal(kept, restored)


def test_a_model_loaded_without_compiling_still_has_its_average(make_gan, points, tmp_path):
    model = make_gan(ema=0.9)
    model.fit(points, batch_size=64, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", compile=False)
    np.testing.assert_array_equal(loaded.generate(5, seed=0), model.generate(5, seed=0))


def test_predict_maps_latents_to_samples(make_gan):
    model = make_gan(ema=0.9)
    latents = model.latents(6, seed=0)
    np.testing.assert_allclose(model.predict(latents, verbose=0), model.generate(6, seed=0), atol=1e-6)


def test_eight_bit_images_train_like_their_floats():
    results = []
    pixels = np.random.default_rng(0).integers(0, 256, (32, 4, 4, 1), "uint8")
    for images in (pixels, (pixels / 127.5 - 1).astype("float32")):
        keras.utils.set_random_seed(0)
        model = keras_gans.create_model("gan", image_shape=(4, 4, 1), width=4, seed=0)
        model.fit(images, batch_size=16, epochs=1, verbose=0, shuffle=False)
        results.append(model.discriminator.get_weights())
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_weight_decay_of_the_networks_counts_in_the_loss(make_gan, points):
    options = {"kernel_regularizer": keras.regularizers.L2(0.1)}
    still = [keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.0)]
    losses = []
    for discriminator_options in ({}, options):
        networks = make_networks(batch_norm=False, dropout=False, **discriminator_options)
        model = make_gan(networks=networks, generator_optimizer=still.pop(), discriminator_optimizer=keras.optimizers.SGD(0.0))
        networks[1].set_weights([np.full(w.shape, 0.5, "float32") for w in networks[1].get_weights()])
        networks[0].set_weights([np.zeros(w.shape, "float32") for w in networks[0].get_weights()])
        losses.append(model.fit(points, batch_size=256, verbose=0).history["d_loss"][0])
    assert losses[1] - losses[0] == pytest.approx(0.1 * 2 * 16 * 0.25, rel=1e-4)


def test_eager_steps_are_the_same_steps(make_gan, points):
    results = []
    for eager in (False, True):
        keras.utils.set_random_seed(0)
        model = make_gan(networks={"dropout": False}, run_eagerly=eager, critic_steps=2)
        model.fit(points[:128], batch_size=32, epochs=1, verbose=0, shuffle=False)
        results.append(model.generate(5, seed=0))
    np.testing.assert_allclose(*results, atol=1e-5)


# What is slow was last run with 0.1.0, 2026-11-29.
@pytest.mark.parametrize("policy", [pytest.param("mixed_bfloat16", marks=pytest.mark.slow), "mixed_float16"])
def test_mixed_precision_trains_near_float32(policy, make_gan, points):
    histories = []
    for name in ("float32", policy):
        keras.config.set_dtype_policy(name)
        try:
            model = make_gan(networks={"dropout": False})
        finally:
            keras.config.set_dtype_policy("float32")
        histories.append(model.fit(points, batch_size=64, epochs=3, verbose=0, shuffle=False).history)
        scaled = isinstance(model.optimizer.generator, keras.optimizers.LossScaleOptimizer)
        assert scaled == (name == "mixed_float16")
    for log in ("d_loss", "g_loss", "d_grad", "g_grad"):
        # bfloat16 has 8 significant bits.
        np.testing.assert_allclose(histories[1][log], histories[0][log], rtol=0.05, atol=0.01)


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (np.zeros((8, 3), "float32"), {}, r"samples of shape \(3,\).*generates \(2,\)"),
        (np.zeros((8, 2), "int64"), {}, "uint8 .* or floats"),
        (np.array([[0, 0]] * 5 + [[0, np.nan]] * 3, "float32"), {}, "3 samples contain NaN.*number 5"),
        (np.zeros((8, 2), "float32"), {"batch_size": 9}, "8 samples, fewer than one batch of 9"),
        (np.zeros((8, 2), "float32"), {"epochs": 0}, "epochs must be an integer of at least 1"),
        (np.zeros((8, 2), "float32"), {"sample_weight": np.ones(8)}, "sample_weight"),
    ],
)
def test_unusable_data_get_a_clear_error(data, options, message, make_gan):
    with pytest.raises(ValueError, match=message):
        make_gan().fit(data, **{"batch_size": 4, "verbose": 0, **options})


def test_images_beyond_their_range_get_a_clear_error():
    model = keras_gans.create_model("gan", image_shape=(4, 4, 1), width=4)
    with pytest.raises(ValueError, match=r"\[-1, 1\]; these reach 255"):
        model.fit(np.full((64, 4, 4, 1), 255.0, "float32"), verbose=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "n must be"),
        ({"n": 2, "batch_size": 0}, "batch_size must be"),
        ({"n": 2, "labels": [0, 1]}, "not conditional"),
    ],
)
def test_impossible_draws_get_a_clear_error(arguments, message, make_gan):
    with pytest.raises(ValueError, match=message):
        make_gan().generate(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"), [({"critic_steps": 0}, "critic_steps"), ({"ema": 1.0}, "ema"), ({"loss": "hing"}, "hinge")]
)
def test_impossible_compile_arguments_get_a_clear_error(arguments, message, make_gan):
    with pytest.raises(ValueError, match=message):
        make_gan(**arguments)


def test_networks_that_do_not_fit_get_a_clear_error():
    generator, _ = make_networks()
    with pytest.raises(ValueError, match="makes samples of shape"):
        keras_gans.GAN(generator, generator)
    with pytest.raises(ValueError, match="discriminator must be a built"):
        keras_gans.GAN(generator, keras.Sequential([layers.Dense(1)]))
