"""What ExactResume refuses, and what it survives."""

import contextlib
import json
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
from keras_gans.resume import checkpoints
from tests.support import small_disks
from tests.support.breaking_off import POINTS, assert_same, build_gan, every_step, fit, kept, make_gan, values
from tests.support.networks import make_networks

# Runs that differ.


def assert_refused(folder, message, model=None, config=None, **options):
    before = {path.name: path.read_bytes() for path in folder.glob("*.npz")}
    model = model or make_gan()
    initial = [np.array(value) for value in values(model)]
    with pytest.raises(ValueError, match=message):
        fit(model, every_step(folder, config=config), **options)
    for value, expected in zip(values(model), initial, strict=True):
        np.testing.assert_array_equal(value, expected)
    assert {path.name: path.read_bytes() for path in folder.glob("*.npz")} == before


def test_a_setting_that_an_earlier_version_did_not_have_is_no_difference_unless_it_is_given(tmp_path):
    fit(make_gan(), every_step(tmp_path, config={"augment": "flip", "gone": None}), (1, 4))
    assert_refused(tmp_path, r"no scale; this run has scale=2", config={"augment": "flip", "scale": 2})
    model = make_gan()
    fit(model, every_step(tmp_path, config={"augment": "flip", "scale": None}))
    whole = make_gan()
    fit(whole)
    assert_same(model, whole)


def test_another_run_is_refused_naming_the_difference(tmp_path):
    fit(make_gan(), every_step(tmp_path, config={"augment": "flip", "size": [28, 28]}), (1, 4))
    config = {"augment": "flip", "size": (28, 28)}
    assert_refused(tmp_path, r"augment='flip'; this run has augment='cut'", config={**config, "augment": "cut"})
    assert_refused(tmp_path, r"no more; this run has more=1", config={**config, "more": 1})
    assert_refused(tmp_path, r"augment='flip'; this run has no augment")
    assert_refused(tmp_path, r"batch_size=16; this run has batch_size=32", config=config, batch_size=32)
    assert_refused(tmp_path, r"seed of the data=0; this run has seed of the data=3", config=config, model=make_gan(seed=3))
    assert_refused(
        tmp_path, r"number of samples=128; this run has number of samples=130", config=config, x=np.resize(POINTS, (130, 2))
    )
    assert_refused(tmp_path, r"steps an epoch=8; this run has steps an epoch=5", config=config, steps_per_epoch=5)
    assert_refused(tmp_path, r"shuffle=True; this run has shuffle=False", config=config, shuffle=False)
    assert_refused(tmp_path, r"critic_steps=1; this run has critic_steps=2", config=config, model=make_gan(critic_steps=2))
    rate = keras.optimizers.Adam(1e-3, beta_1=0.5)
    assert_refused(
        tmp_path, r"generator_optimizer\.learning_rate=0\.0002.*0\.001", config=config, model=make_gan(generator_optimizer=rate)
    )
    # The run itself still goes on, and how its steps are computed is free.
    rest = make_gan(steps_per_execution=3)
    assert fit(rest, every_step(tmp_path, config=config)).epoch == [1, 2, 3]


def test_the_checkpoint_of_another_model_is_refused(tmp_path):
    fit(make_gan(), every_step(tmp_path), (1, 3))
    keras.utils.set_random_seed(0)
    wider = keras_gans.GAN(make_networks()[0], keras.Sequential([keras.Input((2,)), layers.Dense(9), layers.Dense(1)]), seed=0)
    wider.compile(ema=0.9)
    assert_refused(
        tmp_path,
        r"another model: .*kernel of shape \(2, 16\) in float32, here .*kernel of shape \(2, 9\)",
        model=wider,
    )
    assert_refused(tmp_path, "another model|ema", model=make_gan(ema=None))


def test_a_newer_versions_checkpoint_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "FORMAT", 2)
    fit(make_gan(), every_step(tmp_path), (1, 3))
    monkeypatch.undo()
    assert_refused(tmp_path, r"newer version of keras_gans \(format 2; this version reads format 1\)")


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
    keras.utils.set_random_seed(0)
    whole = build_gan()
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
    with pytest.warns(UserWarning, match=f"{newest} is damaged.*{before}, the previous one") as caught:
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
        assert_refused(tmp_path, rf"{names}.*No other checkpoint is left: delete .* to start over")


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
from keras_gans.resume.folder_lock import FolderLock
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
    """A file system of half a megabyte."""
    with small_disks.small_disk(tmp_path / "disk", "512k") as folder:
        yield folder


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
