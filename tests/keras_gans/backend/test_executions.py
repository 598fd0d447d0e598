"""Several steps per execution are the same steps: on JAX bit for bit. Eight steps an epoch, three at a time."""

import types

import keras
import numpy as np
import pytest

import keras_gans
from keras_gans.adversarial.critic_schedule import CriticSchedule
from keras_gans.gans.growth import Growth, GrowthSchedule
from tests.support.breaking_off import POINTS, assert_same, every_step, fit, make_gan, values

ON_JAX = keras.config.backend() == "jax"


def assert_equal(model, expected):
    if ON_JAX:
        assert_same(model, expected)
    for value, other in zip(values(model), values(expected), strict=True):
        np.testing.assert_allclose(value, other, rtol=1e-4, atol=1e-6)


class Calls(keras.callbacks.Callback):
    """Notes the calls of Keras."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def on_epoch_begin(self, epoch, logs=None):
        self.calls.append(f"epoch {epoch}")

    def on_train_batch_begin(self, batch, logs=None):
        self.calls.append(f"begin {batch}")

    def on_train_batch_end(self, batch, logs=None):
        self.calls.append(f"end {batch}")

    def on_test_batch_end(self, batch, logs=None):
        self.calls.append(f"tested {batch}")


SCHEDULE = {"critic_steps": CriticSchedule(3, first=1, every=2, thorough=4)}


@pytest.mark.slow
@pytest.mark.parametrize("more", [SCHEDULE, {}], ids=["critic steps", "one"])
def test_weights_logs_and_calls_are_those_of_single_steps(more):
    """With BatchNorm, dropout and an average; validation of five batches, the last of which is smaller.

    The slow ones of this file: half a minute, on JAX two (last run: 0.1.0, 2026-11-30).
    """
    calls, histories, models = Calls(), [], []
    for steps, callbacks in ((1, []), (3, [calls])):
        model = make_gan(steps_per_execution=np.int64(steps), **more)
        histories.append(fit(model, epochs=2, validation_data=(POINTS[:70],), callbacks=callbacks))
        models.append(model)
    assert_equal(models[1], models[0])
    for name, column in histories[0].history.items():
        np.testing.assert_allclose(histories[1].history[name], column, rtol=0 if ON_JAX else 1e-4, err_msg=name)
    one_epoch = ["begin 0", "end 2", "begin 3", "end 5", "begin 6", "end 7", "tested 2", "tested 4"]
    assert calls.calls == ["epoch 0", *one_epoch, "epoch 1", *one_epoch]


@pytest.mark.slow
def test_more_steps_than_an_epoch_has():
    models = [make_gan(steps_per_execution=steps) for steps in (1, 100)]
    for model in models:
        fit(model, epochs=2)
    assert_equal(models[1], models[0])


# Within an epoch, before the two steps that are left of it, and between two epochs.
@pytest.mark.parametrize("kill_at", [(1, 6), *(pytest.param(at, marks=pytest.mark.slow) for at in ((1, 3), (2, 0)))], ids=str)
def test_training_that_breaks_off_ends_with_the_same_weights(tmp_path, kill_at):
    whole, rest = make_gan(steps_per_execution=3), make_gan(steps_per_execution=3)
    fit(whole)
    fit(make_gan(steps_per_execution=3), every_step(tmp_path), kill_at)
    resume = every_step(tmp_path)
    assert resume.find_position() == kill_at
    fit(rest, resume)
    assert_same(rest, whole)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_run_goes_on_with_another_number_of_steps_per_execution(tmp_path):
    whole, rest = make_gan(), make_gan(steps_per_execution=3)
    fit(whole)
    fit(make_gan(), every_step(tmp_path), (1, 4))
    calls = Calls()
    fit(rest, every_step(tmp_path), callbacks=[calls])
    assert calls.calls[:5] == ["epoch 1", "begin 0", "end 2", "begin 3", "end 3"]
    assert_equal(rest, whole)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_data_of_unknown_order():
    models = []
    for steps in (1, 3):
        model = make_gan(steps_per_execution=steps)
        batches = ((POINTS[start : start + 16],) for start in range(0, 128, 16))
        model.fit(batches, epochs=1, steps_per_epoch=8, verbose=0)
        models.append(model)
    assert_equal(models[1], models[0])


def test_fewer_batches_than_there_should_be_end_the_epoch():
    model = make_gan(steps_per_execution=3)
    batches = ((POINTS[:16],) for _ in range(4))
    with pytest.warns(UserWarning, match="ran out of data"):
        model.fit(batches, epochs=1, steps_per_epoch=8, verbose=0)
    assert int(keras.ops.convert_to_numpy(model.optimizer.iterations)) == 4


def test_the_progress_bar_counts_the_steps_there_are(capsys):
    make_gan(steps_per_execution=3).fit(POINTS, batch_size=16, verbose=1)
    assert capsys.readouterr().out.rstrip().splitlines()[-1].startswith("8/8 ")


@pytest.mark.slow
def test_single_batches_may_be_mixed_with_executions():
    models = [make_gan(steps_per_execution=steps) for steps in (1, 3)]
    for model in models:
        model.train_on_batch(POINTS[:16])
        fit(model, epochs=1)
        model.train_on_batch(POINTS[:16])
    assert_equal(models[1], models[0])


@pytest.mark.slow
def test_classes_and_text():
    labels = (np.arange(len(POINTS)) % 3).astype("int32")
    tokens = np.random.default_rng(0).integers(0, 9, (64, 5), "int32")
    cases = [
        ("cgan", {"image_shape": (2,), "num_classes": 3, "width": 4}, (POINTS, labels)),
        ("next_token_gan", {"vocabulary_size": 9, "length": 5}, (tokens,)),
    ]
    for name, arguments, data in cases[: 2 if ON_JAX else 1]:
        models = []
        for steps in (1, 3):
            keras.utils.set_random_seed(0)
            model = keras_gans.create_model(name, seed=0, **arguments)
            model.compile_with(steps_per_execution=steps)
            model.fit(*data, batch_size=16, epochs=1, verbose=0)
            models.append(model)
        assert_equal(models[1], models[0])


def test_growth_counts_the_images_of_a_short_execution():
    entered = []
    schedule = GrowthSchedule(fade_images=64, stable_images=64)
    model = types.SimpleNamespace(
        schedule=schedule,
        stages=3,
        data=types.SimpleNamespace(batch_size=16),
        find_images_shown=lambda: 0,
        enter_stage=entered.append,
    )
    growth = Growth()
    growth.set_model(model)
    growth.on_train_begin()
    for _ in range(2):
        for first, last in ((0, 2), (3, 5), (6, 7)):
            growth.on_train_batch_begin(first)
            growth.on_train_batch_end(last)
    assert growth._images == 2 * 8 * 16


@pytest.mark.parametrize("steps", [0, 2.5, True])
def test_what_is_no_number_of_steps(steps):
    with pytest.raises(ValueError, match="steps_per_execution must be an integer of at least 1"):
        make_gan(steps_per_execution=steps)
