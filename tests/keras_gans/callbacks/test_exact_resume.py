import contextlib
import json
import math
import os
import shutil
import socket
import subprocess
import sys
import time
import warnings

import keras
import numpy as np
import pytest
from keras import layers

import keras_gans
from keras_gans import checkpoints
from keras_gans.callbacks import ExactResume
from keras_gans.data.batches import Batches
from tests.networks import make_networks

POINTS = keras_gans.data.mixtures.ring().sample(128)[0]
STEPS = 8  # an epoch of POINTS in batches of 16


class Killed(Exception):  # noqa: N818  what happens to training, and no error
    pass


class Kill(keras.callbacks.Callback):
    """Breaks `fit` off before a step of an epoch, both from 0 as Keras counts; until then lets each checkpoint be written."""

    def __init__(self, resume, epoch, step):
        super().__init__()
        self.resume, self.at = resume, (epoch, step)

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        until = time.perf_counter() + 10
        while self.resume.writes and not self.resume._writer.is_free() and time.perf_counter() < until:
            time.sleep(0.001)
        if (self.epoch, batch) == self.at:
            raise Killed


def make_gan(seed=0, ema=0.9, global_seed=0, **options):
    keras.utils.set_random_seed(global_seed)
    model = keras_gans.GAN(*make_networks(), seed=seed)  # with BatchNorm and Dropout
    model.compile(**{"ema": ema, **options})
    return model


def values(model):
    return [keras.ops.convert_to_numpy(v) for v in [*model.variables, *model.optimizer.variables]]


def assert_same(model, other):
    for value, expected in zip(values(model), values(other), strict=True):
        np.testing.assert_array_equal(value, expected)


def assert_same_end(history, whole):
    """Each epoch that was gone on with logged what it would have logged."""
    for name, column in whole.history.items():
        assert history.history[name] == column[len(column) - len(history.epoch) :], name


def every_step(folder, **options):
    return ExactResume(folder, every_steps=1, time_share=math.inf, **options)


def fit(model, resume=None, kill_at=None, x=POINTS, **options):
    """Trains four epochs with the callback; with `kill_at`, breaks off there."""
    callbacks = [*options.pop("callbacks", []), *([resume] if resume else [])]
    options = {"batch_size": 16, "epochs": 4, "verbose": 0, **options}
    if kill_at is None:
        return model.fit(x, callbacks=callbacks, **options)
    with pytest.raises(Killed):
        model.fit(x, callbacks=[*callbacks, Kill(resume, *kill_at)], **options)
    return None


def kept(folder):
    return sorted(path.name for path in folder.glob("*.npz"))


# Going on, in a plain fit.


@pytest.mark.parametrize("kill_at", [(0, 0), (0, 1), (0, 5), (1, 0), (2, 7), (3, 7)], ids=str)
def test_training_that_breaks_off_at_any_step_ends_with_the_same_weights(tmp_path, kill_at):
    whole = make_gan()
    expected = fit(whole)
    fit(make_gan(), every_step(tmp_path), kill_at)
    resume = every_step(tmp_path)
    assert resume.find_position() == kill_at
    rest = make_gan()
    keras.utils.set_random_seed(7)  # the global state of another process must not matter
    history = fit(rest, resume)
    assert_same(rest, whole)
    assert history.epoch == list(range(kill_at[0], 4))
    assert_same_end(history, expected)


def test_training_may_break_off_again_and_again(tmp_path):
    whole = make_gan()
    expected = fit(whole)
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


@pytest.mark.parametrize("name", OPTIONS)
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


@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
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


def test_steps_per_execution_that_divide_no_epoch(tmp_path):
    """Keras on TensorFlow begins the next epoch within the last execution; on JAX it does not."""
    model = make_gan(steps_per_execution=3)
    if keras.config.backend() == "tensorflow":
        with pytest.raises(ValueError, match=r"8 steps.*steps_per_execution=3"):
            fit(model, every_step(tmp_path))
        return
    whole = make_gan(steps_per_execution=3)
    fit(whole)
    fit(make_gan(steps_per_execution=3), every_step(tmp_path), (1, 6))
    fit(model, every_step(tmp_path))
    assert_same(model, whole)


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
        ({"every_seconds": None}, "every_steps and every_seconds"),
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


# Runs that differ.


def refused(folder, message, model=None, config=None, **options):
    before = {path.name: path.read_bytes() for path in folder.glob("*.npz")}
    model = model or make_gan()
    initial = [np.array(value) for value in values(model)]
    with pytest.raises(ValueError, match=message):
        fit(model, every_step(folder, config=config), **options)
    for value, expected in zip(values(model), initial, strict=True):
        np.testing.assert_array_equal(value, expected)
    assert {path.name: path.read_bytes() for path in folder.glob("*.npz")} == before


def test_another_run_is_refused_naming_the_difference(tmp_path):
    fit(make_gan(), every_step(tmp_path, config={"augment": "flip", "size": [28, 28]}), (1, 3))
    config = {"augment": "flip", "size": (28, 28)}
    refused(tmp_path, r"augment='flip'; this run has augment='cut'", config={**config, "augment": "cut"})
    refused(tmp_path, r"no more; this run has more=1", config={**config, "more": 1})
    refused(tmp_path, r"augment='flip'; this run has no augment")
    refused(tmp_path, r"batch_size=16; this run has batch_size=32", config=config, batch_size=32)
    refused(tmp_path, r"seed of the data=0; this run has seed of the data=3", config=config, model=make_gan(seed=3))
    refused(
        tmp_path, r"number of samples=128; this run has number of samples=130", config=config, x=np.resize(POINTS, (130, 2))
    )
    refused(tmp_path, r"steps an epoch=8; this run has steps an epoch=5", config=config, steps_per_epoch=5)
    refused(tmp_path, r"shuffle=True; this run has shuffle=False", config=config, shuffle=False)
    refused(tmp_path, r"critic_steps=1; this run has critic_steps=2", config=config, model=make_gan(critic_steps=2))
    rate = keras.optimizers.Adam(1e-3, beta_1=0.5)
    refused(
        tmp_path, r"generator_optimizer\.learning_rate=0\.0002.*0\.001", config=config, model=make_gan(generator_optimizer=rate)
    )
    # The run itself still goes on, and how its steps are computed is free.
    rest = make_gan(steps_per_execution=4)
    assert fit(rest, every_step(tmp_path, config=config)).epoch == [1, 2, 3]


def test_the_checkpoint_of_another_model_is_refused(tmp_path):
    fit(make_gan(), every_step(tmp_path), (1, 3))
    keras.utils.set_random_seed(0)
    wider = keras_gans.GAN(make_networks()[0], keras.Sequential([keras.Input((2,)), layers.Dense(9), layers.Dense(1)]), seed=0)
    wider.compile(ema=0.9)
    refused(
        tmp_path,
        r"another model: .*kernel of shape \(2, 16\) in float32 where this has .*kernel of shape \(2, 9\)",
        model=wider,
    )
    refused(tmp_path, "another model|ema", model=make_gan(ema=None))


def test_a_newer_versions_checkpoint_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "FORMAT", 2)
    fit(make_gan(), every_step(tmp_path), (1, 3))
    monkeypatch.undo()
    refused(tmp_path, r"newer version of keras_gans: its format is 2, this version reads 1")


# Damage.

DAMAGES = {
    "truncated": lambda content: content[: len(content) // 2],
    "without its last byte": lambda content: content[:-1],
    "one bit of the middle": lambda content: _flipped(content, len(content) // 2),
    "one bit of the first byte": lambda content: _flipped(content, 0),
    "one bit of the checksum": lambda content: _flipped(content, len(content) - 1),
    "zeros": lambda content: bytes(len(content)),
    "empty": lambda content: b"",
    "text": lambda content: b"not found",
}


def _flipped(content, position):
    return content[:position] + bytes([content[position] ^ 4]) + content[position + 1 :]


@pytest.fixture(scope="module")
def broken_off(tmp_path_factory):
    """Contents of the checkpoints of a training that broke off, by name, and the model of one that did not."""
    folder = tmp_path_factory.mktemp("broken")
    fit(make_gan(), every_step(folder), (2, 4))
    whole = make_gan()
    fit(whole)
    return {name: (folder / name).read_bytes() for name in kept(folder)}, whole


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_checkpoint_is_passed_over_for_the_one_before(tmp_path, broken_off, damage):
    contents, whole = broken_off
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    *_, before, newest = sorted(contents)
    (tmp_path / newest).write_bytes(DAMAGES[damage](contents[newest]))
    model, resume = make_gan(), every_step(tmp_path)
    with pytest.warns(UserWarning, match=f"{newest} is damaged.*{before}, the one before") as caught:
        fit(model, resume)
    assert len([w for w in caught if "damaged" in str(w.message)]) == 1
    assert_same(model, whole)
    for name in kept(tmp_path):
        checkpoints.read_checkpoint(tmp_path / name)


def test_when_every_checkpoint_is_damaged_training_does_not_begin_anew(tmp_path, broken_off):
    for name, content in broken_off[0].items():
        (tmp_path / name).write_bytes(content[:-10])
    names = "".join(f"(?=.*{name} is damaged)" for name in broken_off[0])
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        refused(tmp_path, rf"{names}.*No other checkpoint is left: delete .* to begin anew")


def test_what_a_killed_process_was_writing_is_removed(tmp_path):
    leftover = tmp_path / ".epoch_0000_step_000007.npz.abcd_123"
    leftover.mkdir(parents=True)
    (leftover / "epoch_0000_step_000007.npz").write_bytes(b"half")
    (tmp_path / "notes.txt").write_text("mine")
    fit(make_gan(), every_step(tmp_path), epochs=1)
    assert not leftover.exists()
    assert (tmp_path / "notes.txt").read_text() == "mine"


# Other processes.

_HOLD = """
import sys, time
from keras_gans.lock import FolderLock
FolderLock(sys.argv[1]).acquire()
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", _HOLD, str(tmp_path / "run")], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_folder_in_use_is_refused_until_its_process_is_dead(tmp_path, holder):
    with pytest.raises(RuntimeError, match=rf"in use by process {holder.pid} on {socket.gethostname()}"):
        fit(make_gan(), every_step(tmp_path / "run"))
    assert kept(tmp_path / "run") == []
    # A worker that only reads needs no lock.
    fit(make_gan(), every_step(tmp_path / "run", writes=False))
    assert kept(tmp_path / "run") == []
    holder.kill()
    holder.wait()
    fit(make_gan(), every_step(tmp_path / "run"))
    assert json.loads((tmp_path / "run" / "lock").read_text())["pid"] == os.getpid()


def test_workers_that_only_read_go_on_from_the_same_step(tmp_path):
    whole = make_gan()
    fit(whole)
    fit(make_gan(), every_step(tmp_path), (1, 3))
    before = kept(tmp_path)
    worker = make_gan()
    fit(worker, every_step(tmp_path, writes=False))
    assert kept(tmp_path) == before
    assert_same(worker, whole)


# Folders that cannot be written to. (These tests mount small file systems, since who runs them may be root.)


@pytest.fixture
def small_disk(tmp_path):
    """Mounts a file system of half a megabyte; skips where that is not permitted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=512k", "none", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("file systems may not be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


class AtStep(keras.callbacks.Callback):
    """Does something before the steps of these numbers, counted over epochs."""

    def __init__(self, resume, **actions):
        super().__init__()
        self.resume, self.count = resume, 0
        self.actions = {int(name.removeprefix("step_")): action for name, action in actions.items()}

    def on_train_batch_begin(self, batch, logs=None):
        while not self.resume._writer.is_free():
            time.sleep(0.001)
        self.actions.get(self.count, lambda: None)()
        self.count += 1


def fit_through(folder, **actions):
    """Trains while something happens to the folder; returns model, callback and the warnings."""
    model, resume = make_gan(), every_step(folder)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit(model, resume, callbacks=[AtStep(resume, **actions)])
    return model, [str(w.message) for w in caught if "could not be written" in str(w.message)]


def make_read_only(folder):
    subprocess.run(["mount", "--bind", str(folder), str(folder)], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)


def test_a_full_disk_keeps_the_old_checkpoint_and_training_goes_on(small_disk):
    folder, filler = small_disk / "run", small_disk / "filler"
    seen = []

    def fill():
        with contextlib.suppress(OSError), open(filler, "wb", buffering=0) as f:
            while True:
                f.write(bytes(4096))
        seen.append(kept(folder))

    def look():
        seen.append(kept(folder))
        filler.unlink()

    model, messages = fit_through(folder, step_5=fill, step_12=look)
    whole = make_gan()
    fit(whole)
    assert_same(model, whole)
    assert len(messages) == 1
    assert "No space left on device" in messages[0]
    assert seen[0] == seen[1] != []
    # There is room again: the newest are those of the end.
    assert kept(folder)[-1] == "epoch_0004_step_000000.npz"
    for name in kept(folder):
        checkpoints.read_checkpoint(folder / name)
    assert not list(folder.glob(".*"))


def test_a_folder_that_becomes_read_only_keeps_the_old_checkpoint(small_disk):
    def make_writable():
        subprocess.run(["umount", str(folder)], check=True)
        seen.append(kept(folder))

    folder, seen = small_disk / "run", []
    model, messages = fit_through(folder, step_5=lambda: make_read_only(folder), step_20=make_writable)
    whole = make_gan()
    fit(whole)
    assert_same(model, whole)
    assert len(messages) == 1
    assert "Read-only file system" in messages[0]
    assert seen[0] != []
    assert kept(folder)[-1] == "epoch_0004_step_000000.npz"


def test_a_read_only_folder_is_an_error_before_training(small_disk):
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    model = make_gan()
    with pytest.raises(OSError, match="Read-only"):
        fit(model, every_step(small_disk / "run"))
    assert int(keras.ops.convert_to_numpy(model.optimizer.iterations)) == 0


def test_a_folder_that_is_deleted_during_training_is_made_again_and_locked(tmp_path):
    folder = tmp_path / "run"
    _, messages = fit_through(folder, step_5=lambda: shutil.rmtree(folder))
    assert messages == []
    assert kept(folder)[-1] == "epoch_0004_step_000000.npz"
    assert (folder / "lock").is_file()
