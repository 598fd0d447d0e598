import contextlib
import math
import time
import warnings

import keras
import numpy as np
import pytest
from keras import layers

from keras_gans.callbacks import ExactResume
from keras_gans.data.batches import Batches
from tests.support.breaking_off import (
    POINTS,
    Kill,
    Killed,
    assert_same,
    assert_same_end,
    build_gan,
    every_step,
    fit,
    kept,
    make_gan,
)


@pytest.fixture(scope="module")
def uninterrupted():
    """A model that was trained to the end at one go, and its history."""
    keras.utils.set_random_seed(0)
    model = build_gan()
    return model, fit(model)


# Going on, in a plain fit.


# The others are covered by the next test, too (last run: 0.1.0, 2026-11-26).
_MORE = [pytest.param(position, marks=pytest.mark.slow) for position in ((0, 1), (0, 5), (3, 7))]


@pytest.mark.parametrize("kill_at", [(0, 0), (1, 0), (2, 7), *_MORE], ids=str)
def test_training_that_breaks_off_at_any_step_ends_with_the_same_weights(uninterrupted, tmp_path, kill_at):
    whole, expected = uninterrupted
    fit(make_gan(), every_step(tmp_path), kill_at)
    resume = every_step(tmp_path)
    assert resume.find_position() == kill_at
    rest = make_gan()
    keras.utils.set_random_seed(7)  # the global state of another process must not matter
    history = fit(rest, resume)
    assert_same(rest, whole)
    assert history.epoch == list(range(kill_at[0], 4))
    assert_same_end(history, expected)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_training_may_break_off_again_and_again(uninterrupted, tmp_path):
    whole, expected = uninterrupted
    # Each counts steps from where it goes on: (1, 3) of the second is step 5 + 3 of epoch 0, that is, (1, 0) of the data.
    for kill_at in ((0, 5), (0, 2), (1, 3), (1, 4), (3, 0)):
        fit(make_gan(), every_step(tmp_path), kill_at)
    rest = make_gan()
    history = fit(rest, every_step(tmp_path))
    assert_same(rest, whole)
    assert_same_end(history, expected)


OPTIONS = {
    "critic_steps": ({"critic_steps": 3}, {}),
    "steps_per_execution": ({"steps_per_execution": 2}, {}),
    "validation": ({}, {"validation_data": (POINTS[:48],)}),
    "steps_per_epoch": ({}, {"steps_per_epoch": 6}),
    "no average": ({"ema": None}, {}),
    "unshuffled": ({}, {"shuffle": False}),
    "batches": ({}, {"x": "batches"}),
    "initial_epoch": ({}, {"initial_epoch": 1}),
}


# What is slow was last run with 0.1.0, 2026-11-30.
_SLOW = ("no average", "validation", "steps_per_epoch", "steps_per_execution", "initial_epoch", "unshuffled")


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] if name in _SLOW else []) for name in OPTIONS])
def test_options_of_compile_and_fit(tmp_path, name):
    compile_options, fit_options = OPTIONS[name]

    def options():
        if "x" not in fit_options:
            return fit_options
        return {"x": Batches(POINTS, batch_size=16, seed=5), "batch_size": None}

    whole = make_gan(**compile_options)
    expected = fit(whole, **options())
    fit(make_gan(**compile_options), every_step(tmp_path), (2, 4), **options())
    rest = make_gan(**compile_options)
    resume = every_step(tmp_path)
    history = fit(rest, resume, **options())
    assert history.epoch == [2, 3]
    assert_same(rest, whole)
    assert_same_end(history, expected)


# What is slow was last run with 0.1.0, 2026-11-29.
@pytest.mark.parametrize("first", [pytest.param(True, marks=pytest.mark.slow), False], ids=["before", "after"])
def test_a_schedule_that_changes_rates_each_epoch_is_not_applied_twice(tmp_path, first):
    def run(kill_at=None, folder=None):
        model, schedule = make_gan(), keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
        resume = every_step(folder or tmp_path)
        callbacks = [schedule, resume] if first else [resume, schedule]
        with pytest.raises(Killed) if kill_at else contextlib.nullcontext():
            kill = [Kill(resume, *kill_at)] if kill_at else []
            model.fit(POINTS, batch_size=16, epochs=4, verbose=0, callbacks=[*callbacks, *kill])
        return model

    whole = run(folder=tmp_path / "whole")
    for kill_at in ((1, 3), (2, 0)):
        run(kill_at)
    assert_same(run(), whole)
    assert float(keras.ops.convert_to_numpy(whole.optimizer.learning_rate)) == pytest.approx(2e-4 / 16)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_random_seeds_are_those_of_the_first_process(tmp_path):
    """A model without a seed draws one of its own in each process, for its noise and for the order of an array."""
    first = make_gan(seed=None)
    fit(first, every_step(tmp_path), (1, 3))
    folder = tmp_path / "copy"
    folder.mkdir()
    for path in tmp_path.glob("*.npz"):
        (folder / path.name).write_bytes(path.read_bytes())
    models = []
    for global_seed, directory in ((1, tmp_path), (2, folder)):
        model = make_gan(seed=None, global_seed=global_seed)
        fit(model, every_step(directory))
        models.append(model)
    assert_same(*models)


def test_a_finished_training_is_not_repeated_and_more_epochs_go_on_with_it(tmp_path):
    whole = make_gan()
    fit(whole, epochs=6)
    first = make_gan()
    fit(first, every_step(tmp_path))
    again = make_gan()
    assert fit(again, every_step(tmp_path)).epoch == []
    assert_same(again, first)
    rest = make_gan()
    assert fit(rest, every_step(tmp_path), epochs=6).epoch == [4, 5]
    assert_same(rest, whole)
    # Nothing of it stays behind in the model: another fit is one of its own.
    assert fit(rest, epochs=2).epoch == [0, 1]


def test_what_another_callback_stopped_is_finished(tmp_path):
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    first = make_gan()
    assert fit(first, every_step(tmp_path), callbacks=[Stop()]).epoch == [0, 1]
    again = make_gan()
    assert fit(again, every_step(tmp_path), callbacks=[Stop()]).epoch == []
    assert_same(again, first)


# Any Keras model.


def make_classifier():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [layers.Dense(16, "relu"), layers.Dropout(0.3, seed=1), layers.BatchNormalization(), layers.Dense(8)]
    )
    model.build((None, 2))
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return model


def labelled(batch_size=16):
    return Batches(POINTS, (np.arange(128) % 8).astype("int32"), batch_size, seed=3)


def fit_classifier(model, resume=None, kill_at=None, data=None, **options):
    return fit(model, resume, kill_at, x=labelled() if data is None else data, batch_size=None, shuffle=False, **options)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_any_keras_model_on_batches_goes_on_within_an_epoch(tmp_path):
    whole = make_classifier()
    expected = fit_classifier(whole)
    data = labelled()
    fit_classifier(make_classifier(), every_step(tmp_path, data=data), (1, 5), data)
    rest, data = make_classifier(), labelled()
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        history = fit_classifier(rest, every_step(tmp_path, data=data), data=data)
    assert history.epoch == [1, 2, 3]
    assert_same(rest, whole)
    assert_same_end(history, expected)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_on_data_of_unknown_order_training_goes_on_at_the_beginning_of_an_epoch(tmp_path):
    class Data(keras.utils.PyDataset):
        def __len__(self):
            return 8

        def __getitem__(self, step):
            return POINTS[16 * step :][:16], (np.arange(16) % 8).astype("int32")

    whole = make_classifier()
    expected = fit_classifier(whole, data=Data())
    with pytest.warns(UserWarning, match="order of these data"):
        fit_classifier(make_classifier(), every_step(tmp_path), (2, 5), Data())
    assert kept(tmp_path) == ["epoch_0001_step_000000.npz", "epoch_0002_step_000000.npz"]
    rest = make_classifier()
    with pytest.warns(UserWarning, match="order of these data"):
        history = fit_classifier(rest, every_step(tmp_path), data=Data())
    assert history.epoch == [2, 3]
    assert_same(rest, whole)
    assert_same_end(history, expected)


# When checkpoints are made.


def test_the_newest_few_are_kept(tmp_path):
    fit(make_gan(), every_step(tmp_path, keep=2), (1, 3))
    assert kept(tmp_path) == ["epoch_0001_step_000002.npz", "epoch_0001_step_000003.npz"]
    fit(make_gan(), every_step(tmp_path))
    assert len(kept(tmp_path)) == 3
    assert kept(tmp_path)[-1] == "epoch_0004_step_000000.npz"


def test_every_few_steps_counts_over_epochs(tmp_path):
    resume = ExactResume(tmp_path, every_steps=3, time_share=math.inf, keep=100)
    fit(make_gan(), resume, (2, 0))
    positions = [(0, 0), (0, 3), (0, 6), (1, 1), (1, 4), (1, 7)]
    assert kept(tmp_path) == [f"epoch_{epoch:04d}_step_{step:06d}.npz" for epoch, step in positions]


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_every_few_seconds(tmp_path):
    class Wait(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            time.sleep(0.05)

    fit(make_gan(), ExactResume(tmp_path, every_seconds=0.2, time_share=1, keep=100), callbacks=[Wait()])
    # 32 steps of at least 0.05 seconds: 1.6 seconds and more, and compiling.
    assert 4 <= len(kept(tmp_path)) <= 32 // 4 + 3


def test_checkpoints_take_no_more_than_their_share_of_time(tmp_path):
    fit(make_gan(), ExactResume(tmp_path, every_steps=1, time_share=1e-9, keep=100))
    assert kept(tmp_path) == ["epoch_0000_step_000000.npz", "epoch_0004_step_000000.npz"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"every_seconds": None}, "every_steps or every_seconds"),
        ({"every_steps": 0}, "every_steps must be an integer of at least 1; received 0"),
        ({"every_seconds": -1}, "every_seconds must be a number above 0"),
        ({"keep": 0}, "keep must be"),
        ({"time_share": 0}, "time_share must be"),
        ({"config": {"f": print}}, "config must be a dict"),
        ({"config": [1]}, "config must be a dict"),
    ],
    ids=str,
)
def test_arguments_that_make_no_sense(tmp_path, arguments, message):
    with pytest.raises(ValueError, match=message):
        ExactResume(tmp_path, **arguments)
