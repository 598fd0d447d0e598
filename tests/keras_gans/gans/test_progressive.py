"""Growing, on 16x16 images and networks of few channels."""

import itertools
import math
import warnings

import keras
import numpy as np
import pytest

import keras_gans
from keras_gans import GrowthSchedule
from keras_gans.data.batches import Batches
from tests.support.breaking_off import assert_same, every_step, fit

# Starts at images 0, 16 and 64; fades until 48 and 88; two updates of each batch of 8 at first, then one.
SCHEDULE = {
    "fade_images": [0, 32, 24],
    "stable_images": [16, 16, 16],
    "batch_sizes": [4, 8, 8],
    "learning_rates": [1e-3, 2e-3, 5e-4],
}
STARTS, FADES = (0, 16, 64), (0, 32, 24)
CHANNELS = (16, 8, 4)  # of the feature maps, from 4x4 pixels to 16x16
BACKEND = keras.config.backend()


def build(shape=(16, 16, 1), seed=0, ema=0.9, **arguments):
    """A small model whose steps compile fast: without penalties."""
    keras.utils.set_random_seed(seed)
    arguments = {"width": 4, "latent_dim": 3, "ema": ema, **arguments}
    model = keras_gans.create_model("pggan", image_shape=shape, seed=seed, **arguments)
    return compiled(model, ema)


def compiled(model, ema=0.9):
    rates = [keras.optimizers.Adam(1e-3, beta_1=0.0, beta_2=0.99, epsilon=1e-8) for _ in range(2)]
    model.compile(*rates, loss="non_saturating", penalties=[], ema=ema)
    return model


def images(n, shape=(16, 16, 1)):
    return np.random.default_rng(0).uniform(-1, 1, (n, *shape)).astype("float32")


def number(tensor):
    return float(keras.ops.convert_to_numpy(tensor))


def fades(network):
    """Its fading layers, that of the smallest resolution first."""
    found = [layer for layer in network.layers if isinstance(layer, keras_gans.layers.Fade)]
    return sorted(found, key=lambda layer: layer.output.shape[1])


def alphas(network):
    return [number(layer.alpha) for layer in fades(network)]


def set_alphas(network, values):
    for layer, value in zip(fades(network), values, strict=True):
        layer.alpha.assign(value)


def halved(pixels):
    n, height, width, channels = pixels.shape
    return pixels.reshape(n, height // 2, 2, width // 2, 2, channels).mean(axis=(2, 4))


def doubled(pixels):
    return pixels.repeat(2, axis=1).repeat(2, axis=2)


# The schedule.


@pytest.mark.parametrize(
    ("fades", "stables"), [(20, 30), ([7, 10, 0, 5], [1, 2, 3, 4]), (0, [5, 6, 7, 8]), ([0, 3, 3, 3], 1)], ids=str
)
def test_the_schedule_image_by_image(fades, stables):
    schedule = GrowthSchedule(fades, stables)
    schedule.check(4)
    table = []  # of each image, the stage in which it is shown
    for stage in range(4):
        fade = fades[stage] if isinstance(fades, list) else fades
        stable = stables[stage] if isinstance(stables, list) else stables
        table += [stage] * ((fade if stage else 0) + stable)
    table += [3] * 100
    assert [schedule.stage(image, 4) for image in range(len(table))] == table
    for stage in range(4):
        assert schedule.start(stage) == table.index(stage)
        assert schedule.fade(stage) == (0 if stage == 0 else fades[stage] if isinstance(fades, list) else fades)


def test_values_of_each_stage_and_of_all():
    schedule = GrowthSchedule(batch_sizes=[16, 8], learning_rates=1e-3)
    assert [schedule.batch_size(stage) for stage in (0, 1)] == [16, 8]
    assert [schedule.learning_rate(stage) for stage in (0, 1)] == [1e-3, 1e-3]
    assert GrowthSchedule().batch_size(1) is None
    assert GrowthSchedule().learning_rate(1) is None
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(schedule))
    assert copy.get_config() == schedule.get_config()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"fade_images": -1}, "fade_images must be an integer of at least 0; received -1"),
        ({"stable_images": [10, 0]}, "stable_images must be an integer of at least 1; received 0"),
        ({"batch_sizes": 0}, "batch_sizes"),
        ({"fade_images": 2.5}, "fade_images"),
        ({"learning_rates": [1e-3, 0.0]}, "learning_rates must be above 0; received 0.0"),
    ],
    ids=str,
)
def test_schedules_that_make_no_sense(arguments, message):
    with pytest.raises(ValueError, match=message):
        GrowthSchedule(**arguments)


@pytest.mark.parametrize("name", ["fade_images", "stable_images", "batch_sizes", "learning_rates"])
def test_lists_need_a_value_for_each_resolution(name):
    with pytest.raises(ValueError, match=f"{name} has 2 values, .* 3 resolutions: the schedule never reaches the last"):
        build(**{name: [1, 1]})
    with pytest.raises(ValueError, match=f"{name} has 4 values, .* 3 resolutions: give one for each"):
        build(**{name: [1, 1, 1, 1]})


# The networks.


def test_a_resolution_that_is_not_faded_in_shows_the_one_before():
    model = build()
    latents = model.latents(3, seed=0)
    for stage in (1, 2):
        for network in (model.generator, model.discriminator):
            set_alphas(network, [float(lower < stage) for lower in (1, 2)])
        made = [keras.ops.convert_to_numpy(image) for image in model.generator(latents)]
        np.testing.assert_allclose(made[stage], doubled(made[stage - 1]), atol=1e-6)
        taken = [images(4, (side, side, 1)) for side in (4, 8, 16)]
        taken[stage - 1] = halved(taken[stage])
        scores = [keras.ops.convert_to_numpy(score) for score in model.discriminator(taken)]
        np.testing.assert_allclose(scores[stage], scores[stage - 1], atol=1e-5)


@pytest.mark.parametrize("stage", [0, 1, 2])
@pytest.mark.parametrize("alpha", [0.0, 0.25, 1.0])
def test_real_images_are_faded_as_the_networks_are(stage, alpha):
    model, real = build(), images(5)
    expected = real
    for _ in range(2 - stage):
        expected = halved(expected)
    if stage:
        expected = alpha * expected + (1 - alpha) * doubled(halved(expected))
    with model.at_stage(stage):
        found = keras.ops.convert_to_numpy(model._reduced(keras.ops.convert_to_tensor(real), alpha))
    np.testing.assert_allclose(found, expected, atol=1e-6)


# One call of fit.


class Watch(keras.callbacks.Callback):
    """Keeps what is to be seen of a growing model after each step."""

    def on_train_begin(self, logs=None):
        self.seen = [self._look()]

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(self._look())

    def _look(self):
        model = self.model
        model.sync_state()
        players = model.optimizer.optimizers
        seen = {
            "stage": model.stage,
            "images": int(number(model.images_shown)),
            "steps": [int(number(player.iterations)) for player in players],
            "rates": [number(player.learning_rate) for player in players],
            "alphas": [alphas(network) for network in (model.generator, model.discriminator, model.ema_generator)],
            "moments": [[keras.ops.convert_to_numpy(v) for v in player.variables[2:]] for player in players],
            "weights": [
                {v.path: keras.ops.convert_to_numpy(v) for v in network.trainable_variables}
                for network in (model.generator, model.discriminator)
            ],
        }
        if not getattr(self, "seen", []) or seen["stage"] != self.seen[-1]["stage"]:
            seen["samples"] = model.generate(2, seed=0)
            seen["picture"] = model.draw(4)
            seen["enlarged"] = model.at_data_size(seen["samples"])
        return seen


@pytest.fixture(scope="module")
def grown():
    """A model through all stages in three epochs of five batches of 8, what was seen, and the logs."""
    model, watch = build(**SCHEDULE), Watch()
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # 120 images are enough for 88
        history = model.fit(
            images(40), batch_size=8, epochs=3, verbose=0, callbacks=[watch], validation_data=(images(8),), shuffle=False
        )
    return model, watch.seen, history.history


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_it_grows_through_all_stages_when_they_are_due(grown):
    _, seen, _ = grown
    shown = [8 * step for step in range(16)]
    assert [each["images"] for each in seen] == shown
    # Of the images up to 16, all were shown at the first resolution, and so on.
    assert [each["stage"] for each in seen[1:]] == [sum(images > start for start in STARTS[1:]) for images in shown[1:]]


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_fades_are_linear_in_images_and_the_same_in_all_networks(grown):
    for each in grown[1]:
        expected = [float(np.clip((each["images"] - STARTS[stage]) / FADES[stage], 0, 1)) for stage in (1, 2)]
        for found in each["alphas"]:
            assert found == pytest.approx(expected)


def test_rates_and_batch_sizes_are_those_of_the_stage_and_steps_begin_anew(grown):
    expected = [2, 4, 1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6, 7]
    assert [each["steps"] for each in grown[1][1:]] == [[steps, steps] for steps in expected]
    for each in grown[1][1:]:
        assert each["rates"] == pytest.approx([SCHEDULE["learning_rates"][each["stage"]]] * 2)


def test_optimizers_forget_at_a_new_stage(grown):
    """With beta_1 = 0, the first step of Adam leaves m = g and v = (1 - beta_2) g^2; later ones add older gradients to v."""
    for player in (0, 1):
        ratios = []
        for each in grown[1][1:]:
            # Adam's variables: both moments of each weight in turn.
            firsts, seconds = each["moments"][player][0::2], each["moments"][player][1::2]
            if [m.shape for m in firsts] != [v.shape for v in seconds]:
                half = len(each["moments"][player]) // 2
                firsts, seconds = each["moments"][player][:half], each["moments"][player][half:]
            excess = sum(np.abs(v - 0.01 * m**2).sum() for m, v in zip(firsts, seconds, strict=True))
            ratios.append(excess / sum(v.sum() for v in seconds))
        first_steps = [index for index, each in enumerate(grown[1][1:]) if each["steps"][player] == 1]
        assert first_steps == [2, 8]
        assert all((ratio < 1e-4) == (index in first_steps) for index, ratio in enumerate(ratios))


def changed(old, new, player, shape_of_stage):
    """How many kernels changed, and of which stages were those between feature maps and pixels."""
    moved = [old[path].shape for path in old if path.endswith("kernel") and (old[path] != new[path]).any()]
    between = [stage for stage in range(3) if shape_of_stage(CHANNELS[stage]) in moved]
    return len(moved), between


def test_only_what_the_resolution_needs_is_trained(grown):
    seen = grown[1]
    # Counted by hand: of the generator a dense and a 3x3 layer, two 3x3 layers more at each stage, and what makes pixels of the
    # stage and of the one before; of the discriminator the same, and one layer more at its end.
    expected = ((0, (3, [0]), (4, [0])), (1, (6, [0, 1]), (7, [0, 1])), (2, (8, [1, 2]), (9, [1, 2])))
    for stage, of_generator, of_discriminator in expected:
        steps = [index for index, each in enumerate(seen) if index and each["stage"] == stage]
        old, new = seen[steps[0] - 1]["weights"], seen[steps[-1]]["weights"]
        assert changed(old[0], new[0], 0, lambda channels: (1, 1, channels, 1)) == of_generator
        assert changed(old[1], new[1], 1, lambda channels: (1, 1, 1, channels)) == of_discriminator


def test_samples_are_those_of_the_resolution_reached(grown):
    model, seen, _ = grown
    firsts = [each for each in seen if "samples" in each]
    assert [each["stage"] for each in firsts] == [0, 1, 2]
    for each, side in zip(firsts, (4, 8, 16), strict=True):
        assert each["samples"].shape == (2, side, side, 1)
        np.testing.assert_array_equal(each["enlarged"], each["samples"].repeat(16 // side, 1).repeat(16 // side, 2))
        tile = side * (56 // side) + 2
        assert each["picture"].shape == (2 * tile + 2, 2 * tile + 2, 1)
    assert model.sample_shape == model.data_shape == (16, 16, 1)
    assert model.predict(model.latents(2, seed=0), verbose=0).shape == (2, 16, 16, 1)


def test_logs_and_validation_go_over_all_stages(grown):
    model, _, logs = grown
    for name in ("d_loss", "g_loss", "val_d_loss", "val_g_loss"):
        assert len(logs[name]) == 3
        assert np.isfinite(logs[name]).all()
    assert np.isfinite(model.evaluate(images(8), verbose=0)).all()


# What is kept of a half-grown model.


@pytest.fixture(scope="module")
def half_grown():
    """8x8 images, a schedule that begins to fade them in at image 16, over 32; 32 images shown: alpha is a half."""
    model = build((8, 8, 1), fade_images=32, stable_images=16)
    with pytest.warns(UserWarning, match="8x8 after 48: train for at least 2 epochs"):
        model.fit(images(32, (8, 8, 1)), batch_size=8, epochs=1, verbose=0)
    return model


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_a_preset_goes_on_where_it_stopped(half_grown, tmp_path):
    keras_gans.save_preset(half_grown, tmp_path)
    loaded = keras_gans.load_pretrained(tmp_path)
    assert (loaded.stage, loaded.sample_shape, loaded.data_shape) == (1, (8, 8, 1), (8, 8, 1))
    assert alphas(loaded.generator) == alphas(loaded.discriminator) == [0.5]
    np.testing.assert_array_equal(loaded.generate(4, seed=0), half_grown.generate(4, seed=0))
    assert loaded.find_images_shown() == 32
    watch = Watch()
    compiled(loaded).fit(images(16, (8, 8, 1)), batch_size=8, epochs=1, verbose=0, callbacks=[watch])
    assert [each["images"] for each in watch.seen] == [32, 40, 48]
    assert [each["alphas"][0] for each in watch.seen] == [[0.5], [0.75], [1.0]]
    assert watch.seen[-1]["steps"] == [2, 2]


@pytest.mark.slow  # last run: 0.1.0, 2026-11-30
def test_a_saved_model_is_half_grown_still(half_grown, tmp_path):
    half_grown.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.find_images_shown() == 32
    assert loaded.schedule.get_config() == half_grown.schedule.get_config()
    np.testing.assert_array_equal(loaded.generate(4, seed=0), half_grown.generate(4, seed=0))


def test_a_new_model_samples_the_first_resolution():
    model = build((8, 8, 1))
    assert (model.stage, model.sample_shape, model.data_shape) == (0, (4, 4, 1), (8, 8, 1))
    assert model.generate(3, seed=0).shape == (3, 4, 4, 1)


# Ten seconds (last run: 0.1.0, 2026-11-26).
@pytest.mark.slow
@pytest.mark.skipif(BACKEND != "tensorflow", reason="exports are written on TensorFlow")
def test_an_export_is_of_the_current_resolution(tmp_path):
    import tensorflow as tf

    from keras_gans import export

    model = build()
    for network in (model.generator, model.ema_generator):
        set_alphas(network, [0.5, 0.0])
    folder, difference = export.saved_model(model, tmp_path)
    assert difference <= 1e-4
    served = tf.saved_model.load(str(folder)).signatures["serving_default"]
    found = served(latents=tf.constant(model.latents(3, seed=0)))["images"].numpy()
    assert found.shape == (3, 8, 8, 1)
    np.testing.assert_allclose(found, model.generate(3, seed=0) * 0.5 + 0.5, atol=1e-4)


# Breaking off.


def make_growing(seed=0):
    return build((8, 8, 1), seed, fade_images=32, stable_images=16)


@pytest.mark.slow  # last run: 0.1.0, 2026-11-29
def test_training_killed_in_mid_fade_ends_with_the_same_weights(tmp_path):
    data = images(24, (8, 8, 1))  # batches of 8, 3 an epoch: it grows before step 2 of 9, and the fade ends with step 5
    options = {"x": data, "batch_size": 8, "epochs": 3}
    whole, rest = make_growing(), make_growing()
    fit(whole, **options)
    # At the step before which it grows; then, counted from there, in mid-fade of the next epoch.
    fit(make_growing(), every_step(tmp_path), (0, 2), **options)
    fit(make_growing(), every_step(tmp_path), (1, 1), **options)
    resume = every_step(tmp_path)
    assert resume.find_position() == (1, 1)
    assert fit(rest, resume, **options).epoch == [1, 2]
    assert alphas(rest.generator) == [1.0]
    assert_same(rest, whole)


# Data whose batch size is not known before a step runs, and single batches.


def unknown_size():
    """A data set of 19 images in batches of 8, 8 and 3."""
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices(images(19, (8, 8, 1))).batch(8)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_it_grows_on_batches_of_unknown_size():
    model = make_growing()
    batches = ((batch.numpy(),) for batch in unknown_size().repeat())
    logs = model.fit(batches, steps_per_epoch=6, epochs=2, shuffle=False, verbose=0, validation_data=unknown_size()).history
    assert int(number(model.images_shown)) == 4 * 19
    assert (model.stage, alphas(model.generator), model.generate(1, seed=0).shape) == (1, [1.0], (1, 8, 8, 1))
    assert all(np.isfinite(values).all() for values in logs.values())


@pytest.mark.skipif(BACKEND != "tensorflow", reason="other backends know every batch's size when they compile a step for it")
def test_batch_sizes_of_the_schedule_need_batches_of_a_known_size():
    model = build((8, 8, 1), batch_sizes=[4, 8], fade_images=8, stable_images=8)
    with pytest.raises(ValueError, match="drop_remainder=True"):
        model.fit(unknown_size(), steps_per_epoch=3, shuffle=False, verbose=0)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_it_grows_on_single_batches():
    """As in `fit`: the same stages after the same numbers of images, and the same weights."""
    data = images(56, (8, 8, 1))
    fitted, stepped = make_growing(), make_growing()
    for model in (fitted, stepped):
        model.compile_with(run_eagerly=BACKEND == "tensorflow")
    fitted.fit(data, batch_size=8, epochs=1, shuffle=False, verbose=0)
    seen = []
    for first in range(0, 56, 8):
        logs = stepped.train_on_batch(data[first : first + 8], return_dict=True)
        seen.append((int(number(stepped.images_shown)), stepped.stage, *alphas(stepped.generator)))
    assert seen == [(8, 0, 0.0), (16, 0, 0.0), (24, 1, 0.25), (32, 1, 0.5), (40, 1, 0.75), (48, 1, 1.0), (56, 1, 1.0)]
    assert np.isfinite(list(logs.values())).all()
    assert_same(stepped, fitted)
    measured = stepped.test_on_batch(data[:21], return_dict=True)
    assert np.isfinite(list(measured.values())).all()
    assert stepped.predict_on_batch(stepped.latents(2, seed=0)).shape == (2, 8, 8, 1)


def test_a_new_model_is_measured_at_its_first_resolution():
    model, held_out = make_growing(), images(21, (8, 8, 1))  # no group of 4 divides 21
    measured = model.test_on_batch(held_out, return_dict=True)
    assert np.isfinite(list(measured.values())).all()
    assert model.evaluate(held_out, batch_size=21, return_dict=True, verbose=0).keys() == measured.keys()


# Mistakes.


def test_training_too_short_for_the_schedule_warns():
    model = build(fade_images=100, stable_images=50)
    batches = Batches(images(40), batch_size=8)
    needed = (0 + 50) + (100 + 50) + 100
    with pytest.warns(UserWarning, match=f"2 epochs show 80 images.*16x16 after {needed}: train for at least 8 epochs"):
        model.check_batches(batches, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.check_batches(batches, math.ceil(needed / 40))


def test_a_model_that_has_grown_is_not_told_to_train_for_longer():
    model = build(fade_images=1000, stable_images=1000)
    set_alphas(model.generator, [1.0, 1.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        model.check_batches(Batches(images(16), None, 8, 0), 1)


def test_batches_that_cannot_be_used_are_refused():
    with pytest.raises(ValueError, match="holds only one: use batches of at least 2"):
        build().fit(images(4), batch_size=1, verbose=0)
    with pytest.raises(ValueError, match="holds only one"):
        build(batch_sizes=[4, 4, 1]).fit(images(8), batch_size=4, verbose=0)
    with pytest.raises(ValueError, match="must divide the batch size of fit, 8; 3 does not"):
        build(batch_sizes=[8, 3, 8]).fit(images(8), batch_size=8, verbose=0)


def test_networks_that_do_not_grow_are_refused():
    model = build()
    with pytest.raises(ValueError, match="needs one input and one output for each resolution"):
        keras_gans.ProgressiveGAN(model.generator, build((8, 8, 1)).discriminator)
    latents, pixels = keras.Input((4,)), [keras.Input((side, side, 1)) for side in (2, 4)]
    small = keras.layers.Reshape((2, 2, 1))(latents)
    large = keras.layers.UpSampling2D()(small)
    scores = [keras.layers.Dense(1)(keras.layers.Flatten()(x)) for x in pixels]
    critic = keras.Model(pixels, scores)
    with pytest.raises(ValueError, match=r"faded in by one keras_gans\.layers\.Fade; number 1 of the .* goes through 0"):
        compiled(keras_gans.ProgressiveGAN(keras.Model(latents, [small, large]), critic)).enter_stage(1)
    with pytest.raises(ValueError, match="twice the sides"):
        keras_gans.ProgressiveGAN(
            keras.Model(latents, [small, small]), keras.Model([pixels[0], keras.Input((2, 2, 1))], [scores[0], scores[0]])
        )


@pytest.mark.parametrize("side", [4, 10, 20, 33])
def test_sizes_that_cannot_be_grown_to_name_the_nearest(side):
    sides = sorted(base << doublings for base, doublings in itertools.product((4, 7), range(1, 9)))
    nearest = min(abs(each - side) for each in sides)
    names = "|".join(f"{each}x{each}" for each in sides if abs(each - side) == nearest)
    with pytest.raises(ValueError, match=f"cannot grow to {side}x{side}.*nearest square is ({names})"):
        keras_gans.create_model("pggan", image_shape=(side, side, 1))
