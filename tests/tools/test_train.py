import csv
import hashlib
import json
import math
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from keras_gans.resume.folder_lock import FolderLock

# Weights of this model, by hand. Generator: 100-16-32-64-2; discriminator: 2-32-16-1.
SETTINGS = ("gan", "--dataset=ring", "--batch_size=512", "--set=width=16", "--ema=0.9")
GENERATOR = 100 * 16 + 16 + 16 * 32 + 32 + 32 * 64 + 64 + 64 * 2 + 2
DISCRIMINATOR = 2 * 32 + 32 + 32 * 16 + 16 + 16 + 1


def arrays(weights):
    """All arrays of an h5 file by name."""
    found = {}
    with h5py.File(weights) as file:
        file.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


def assert_same_weights(folder, other):
    found, expected = arrays(folder / "model.weights.h5"), arrays(other / "model.weights.h5")
    assert list(found) == list(expected)
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)


def read_json(path):
    return json.loads(path.read_text())


def read_logs(folder):
    """Rows of train.csv and of train.jsonl, as numbers."""
    with open(folder / "logs" / "train.csv", newline="") as file:
        rows = [{name: float(value) for name, value in row.items() if value != "NA"} for row in csv.DictReader(file)]
    return rows, [json.loads(line) for line in (folder / "logs" / "train.jsonl").read_text().splitlines()]


def read_measurements(folder):
    return [json.loads(line) for line in (folder / "logs" / "evaluation.jsonl").read_text().splitlines()]


def without_fid(rows):
    """Between the epochs that are measured, rows hold what was measured last: for a run that was to have two, after those."""
    return [{name: value for name, value in row.items() if name != "fid"} for row in rows]


def contents(folder):
    """The SHA-256 of every file below a folder, by path."""
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def train(keras_gans_forked, tmp_path_factory):
    """Trains SETTINGS to the end in a folder of its own; returns the finished process and the folder."""

    def run(*arguments, cli=keras_gans_forked):
        folder = tmp_path_factory.mktemp("train") / "run"
        process = cli("train", *SETTINGS, *arguments, f"--run_dir={folder}")
        assert process.returncode == 0, process.stderr
        return process, folder

    return run


@pytest.fixture(scope="module")
def two_epochs(train, keras_gans_cli):
    return train("--epochs=2", cli=keras_gans_cli)


@pytest.fixture(scope="module")
def six_epochs(train):
    return train("--epochs=6")[1]


@pytest.fixture
def copy(two_epochs, tmp_path):
    """A copy of the run of two epochs, to change."""
    return Path(shutil.copytree(two_epochs[1], tmp_path / "copy"))


# A finished run.


def test_says_what_it_does_and_nothing_else(two_epochs):
    process, folder = two_epochs
    assert process.stderr == ""
    lines = process.stdout.splitlines()
    assert f"{GENERATOR + DISCRIMINATOR:,} parameters" in lines[0]
    assert "16,384 samples" in lines[0]
    assert "32 steps per epoch, on tensorflow, " in lines[0]
    assert any(line.startswith("epoch 2/2 step 32/32 ") for line in lines)
    assert str(folder) in lines[-1]


def test_weights_hold_both_networks_and_the_average(two_epochs):
    weights = arrays(two_epochs[1] / "model.weights.h5")
    assert sum(value.size for value in weights.values()) == 2 * GENERATOR + DISCRIMINATOR
    assert all(np.isfinite(value).all() for value in weights.values())
    averaged = {name: value for name, value in weights.items() if name.startswith("ema_generator")}
    assert sum(value.size for value in averaged.values()) == GENERATOR
    for name, value in averaged.items():
        assert (value != weights[name.removeprefix("ema_")]).any()


def test_config_and_facts(two_epochs):
    _, folder = two_epochs
    config, facts = read_json(folder / "config.json"), read_json(folder / "preset.json")
    assert config["model"] == "gan"
    assert config["arguments"]["image_shape"] == [2]
    assert config["arguments"]["width"] == 16
    assert config["arguments"]["ema"] == 0.9
    assert facts["sha256"] == hashlib.sha256((folder / "model.weights.h5").read_bytes()).hexdigest()
    assert facts["dataset"] == "ring"
    assert facts["parameters"] == {"generator": GENERATOR, "discriminator": DISCRIMINATOR}
    assert facts["training"]["epochs_done"] == 2
    assert facts["training"]["batch_size"] == 512


def test_pictures(two_epochs):
    _, folder = two_epochs
    for name in ("samples.png", "samples/epoch_0001.png", "samples/epoch_0002.png"):
        with Image.open(folder / name) as picture:
            pixels = np.asarray(picture)
        assert pixels.shape == (256, 256)
        # 64 points at most, dark on white.
        assert 1 <= (pixels < 128).sum() <= 64
        assert (pixels == 255).sum() >= 256 * 256 - 64
    with Image.open(folder / "samples" / "training.webp") as animation:
        assert animation.n_frames == 2
    assert len(list((folder / "samples").iterdir())) == 3


def test_logs(two_epochs):
    rows, lines = read_logs(two_epochs[1])
    assert len(rows) == 2
    assert [line["epoch"] for line in lines] == [1, 2]
    for row, line in zip(rows, lines, strict=True):
        for name in ("d_loss", "g_loss", "d_real", "d_fake"):
            assert math.isfinite(line[name])
            assert row[name] == pytest.approx(line[name], rel=1e-6)
        assert 0 <= line["d_real"] <= 1
    assert 0 < lines[0]["seconds"] < lines[1]["seconds"]


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_samples_are_measured_and_the_best_model_is_kept(two_epochs, six_epochs):
    process, folder = two_epochs
    measured = read_measurements(folder)
    # After the first epoch, after 1,000 steps (none here), and after the last.
    assert [(line["epoch"], line["step"]) for line in measured] == [(1, 32), (2, 64)]
    assert [row["fid"] for row in read_logs(folder)[0]] == [line["fid"] for line in measured]
    best = min(measured, key=lambda line: line["fid"])
    facts = read_json(folder / "best" / "preset.json")
    assert facts["metrics"] == {"fid": best["fid"]}
    assert facts["training"]["epoch"] == best["epoch"]
    assert facts["protocol"]["extractor"] == "pixels"
    assert f"Best fid: {best['fid']:.4g}, in epoch {best['epoch']}. That model is kept in {folder / 'best'}." in process.stdout
    # The measured weights themselves: generated and measured again they give the same number.
    import keras_gans

    evaluator = keras_gans.evaluation.Evaluator(keras_gans.load_data("ring"), num=2048)
    again = evaluator.measure(keras_gans.load_pretrained(folder / "best").generate(2048, seed=0))
    assert again["fid"] == pytest.approx(best["fid"], rel=1e-4)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_resumed_run_goes_on_with_its_best(resumed):
    lines = read_measurements(resumed)
    assert [line["epoch"] for line in lines] == [1, 2, 6]
    assert read_json(resumed / "best" / "preset.json")["metrics"]["fid"] == min(line["fid"] for line in lines)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_samples_come_from_an_average_unless_that_is_refused(keras_gans_forked, tmp_path):
    arguments = ("train", "gan", "--dataset=ring", "--batch_size=512", "--set=width=4", "--metrics=none")
    process = keras_gans_forked(*arguments, "--epochs=10", "--run_dir=default", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    # 10 epochs of 32 steps: the average is over a twentieth of 320.
    assert "moving average of the generator: --ema=0.9375 (0 for none)" in process.stdout.splitlines()[1]
    assert read_json(tmp_path / "default" / "config.json")["arguments"]["ema"] == 0.9375
    process = keras_gans_forked(*arguments, "--epochs=1", "--ema=0", "--run_dir=none", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    assert "moving average" not in process.stdout
    assert read_json(tmp_path / "none" / "config.json")["arguments"]["ema"] is None


def test_nothing_is_measured_where_that_is_not_wanted(train):
    process, folder = train("--epochs=1", "--metrics=none")
    assert "Best" not in process.stdout
    assert "fid" not in read_logs(folder)[0][0]
    assert not (folder / "best").exists()


def test_the_checkpoint_is_read_without_pickle(two_epochs):
    with np.load(two_epochs[1] / "checkpoints" / "epoch_0002_step_000000.npz", allow_pickle=False) as archive:
        sizes = [archive[name].size for name in archive.files if name != "facts"]
        assert json.loads(str(archive["facts"]))["epoch"] == 2
    # Weights and the average, and two moments of each weight.
    assert sum(sizes) >= 2 * GENERATOR + DISCRIMINATOR + 2 * (GENERATOR + DISCRIMINATOR)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_the_recipe_makes_the_same_weights_again(two_epochs, keras_gans_forked, tmp_path):
    _, folder = two_epochs
    program, *arguments = shlex.split(read_json(folder / "preset.json")["recipe"])
    assert program == "keras-gans"
    process = keras_gans_forked(*arguments, f"--run_dir={tmp_path / 'again'}")
    assert process.returncode == 0, process.stderr
    assert_same_weights(tmp_path / "again", folder)
    assert (tmp_path / "again" / "samples.png").read_bytes() == (folder / "samples.png").read_bytes()


def test_an_existing_run_is_kept(two_epochs, keras_gans_forked, assert_refused):
    _, folder = two_epochs
    before = contents(folder)
    process = keras_gans_forked("train", *SETTINGS, f"--run_dir={folder}")
    assert_refused(process, f"{folder} contains a run already", "--resume", "--overwrite", "another --run_dir")
    assert contents(folder) == before


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_overwrite_replaces_the_run_and_export_adds_to_it(copy, keras_gans_forked):
    process = keras_gans_forked(
        "train",
        "gan",
        "--dataset=grid",
        "--epochs=1",
        "--batch_size=4096",
        "--overwrite",
        "--export=tflite,onnx",
        f"--run_dir={copy}",
    )
    assert process.returncode == 0, process.stderr
    facts = read_json(copy / "preset.json")
    assert facts["dataset"] == "grid"
    assert facts["training"]["epochs_done"] == 1
    assert not (copy / "samples" / "epoch_0002.png").exists()
    assert len(read_logs(copy)[1]) == 1
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(model_path=str(copy / "model.tflite")).get_signature_runner("serving_default")
    points = runner(latents=np.zeros((1, 100), "float32"))["samples"]
    assert points.shape == (1, 2)
    assert np.isfinite(points).all()
    import onnxruntime

    session = onnxruntime.InferenceSession(copy / "model.onnx", providers=["CPUExecutionProvider"])
    (same,) = session.run(None, {"latents": np.zeros((1, 100), "float32")})
    np.testing.assert_allclose(same, points, atol=1e-4)


# Going on.


@pytest.fixture(scope="module")
def resumed(two_epochs, keras_gans_forked, tmp_path_factory):
    """The run of two epochs, gone on with to six."""
    folder = shutil.copytree(two_epochs[1], tmp_path_factory.mktemp("resumed") / "run")
    process = keras_gans_forked("train", "--resume", "--epochs=6", f"--run_dir={folder}")
    assert process.returncode == 0, process.stderr
    return folder


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_resumed_run_equals_an_uninterrupted_one(resumed, six_epochs):
    assert_same_weights(resumed, six_epochs)
    last = "checkpoints/epoch_0006_step_000000.npz"
    with np.load(resumed / last) as found, np.load(six_epochs / last) as expected:
        for name in set(expected.files) - {"facts"}:
            np.testing.assert_array_equal(found[name], expected[name])
    assert read_json(resumed / "preset.json")["training"]["epochs_done"] == 6


def test_logs_and_pictures_of_a_resumed_run_are_complete(resumed, six_epochs):
    (rows, lines), (expected_rows, expected_lines) = read_logs(resumed), read_logs(six_epochs)
    assert without_fid(rows) == without_fid(expected_rows)
    assert [rows[epoch]["fid"] for epoch in (0, 5)] == [expected_rows[epoch]["fid"] for epoch in (0, 5)]
    assert [line["epoch"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert [line["loss"] for line in lines] == [line["loss"] for line in expected_lines]
    pictures = sorted(path.name for path in (resumed / "samples").glob("*.png"))
    assert pictures == [f"epoch_{epoch:04d}.png" for epoch in range(1, 7)]
    with Image.open(resumed / "samples" / "training.webp") as animation:
        assert animation.n_frames == 6


def test_a_resumed_run_keeps_the_whole_recipe(resumed, six_epochs):
    recipe, expected = (shlex.split(read_json(folder / "preset.json")["recipe"]) for folder in (resumed, six_epochs))
    assert sorted(recipe) == sorted(expected)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--batch_size=256"], ["batch_size=512", "batch_size=256"]),
        (["--dataset=grid"], ["dataset=ring", "dataset=grid"]),
        (["--metrics=kid"], ["metrics=None", "metrics=kid"]),
        (["--set=width=32"], ["width=16", "width=32"]),
        (["--ema=0.5"], ["ema=0.9", "ema=0.5"]),
        (["dcgan"], ["gan", "dcgan"]),
        (["--epochs=1"], ["2 epochs", "--epochs"]),
    ],
    ids=" ".join,
)
def test_what_cannot_go_on_is_left_as_it_is(copy, keras_gans_forked, assert_refused, arguments, words):
    before = contents(copy)
    assert_refused(keras_gans_forked("train", *arguments, "--resume", f"--run_dir={copy}"), *words)
    assert contents(copy) == before


def test_a_finished_run_is_left_as_it_is(copy, keras_gans_forked):
    """That is not an error: a command that is repeated until it succeeds ends."""
    before = contents(copy)
    process = keras_gans_forked("train", "--resume", f"--run_dir={copy}")
    assert process.returncode == 0, process.stderr
    assert "2 epochs" in process.stdout
    assert "--epochs" in process.stdout
    assert contents(copy) == before


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_resume_begins_a_run_that_is_not_there_yet(keras_gans_forked, two_epochs, tmp_path):
    (tmp_path / "run" / "checkpoints").mkdir(parents=True)
    (tmp_path / "run" / "checkpoints" / "lock").touch()  # all that a run leaves that was killed at once
    process = keras_gans_forked("train", *SETTINGS, "--epochs=2", "--resume", "--run_dir=run", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    assert_same_weights(tmp_path / "run", two_epochs[1])


def test_weights_without_a_checkpoint_are_not_trained_anew(copy, keras_gans_forked, assert_refused):
    shutil.rmtree(copy / "checkpoints")
    before = contents(copy)
    assert_refused(keras_gans_forked("train", "--resume", "--epochs=6", f"--run_dir={copy}"), "2 epochs", "no checkpoint")
    assert contents(copy) == before


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_damaged_checkpoint_is_passed_over_in_one_line(copy, six_epochs, keras_gans_forked):
    newest = copy / "checkpoints" / "epoch_0002_step_000000.npz"
    newest.write_bytes(newest.read_bytes()[:-1])
    process = keras_gans_forked("train", "--resume", "--epochs=6", f"--run_dir={copy}")
    assert process.returncode == 0
    assert len(process.stderr.splitlines()) == 1, process.stderr
    assert "epoch_0002_step_000000.npz is damaged" in process.stderr
    assert_same_weights(copy, six_epochs)


def test_a_second_process_on_a_run_is_refused(copy, keras_gans_forked, assert_refused):
    lock = FolderLock(copy / "checkpoints")
    lock.acquire()
    try:
        before = contents(copy)
        for arguments in (["--resume", "--epochs=6"], ["gan", "--dataset=ring", "--overwrite"]):
            process = keras_gans_forked("train", *arguments, f"--run_dir={copy}")
            assert process.returncode == 2
            assert process.stderr.count("\n") == 1, process.stderr
            assert f"in use by process {os.getpid()} on {socket.gethostname()}" in process.stderr
            assert contents(copy) == before
    finally:
        lock.release()


def test_resume_needs_a_run(keras_gans_forked, assert_refused, copy, tmp_path):
    assert_refused(keras_gans_forked("train", "--resume", cwd=tmp_path), "--run_dir")
    assert_refused(keras_gans_forked("train", "--resume", "--run_dir=none", cwd=tmp_path), "none contains no run")
    assert not (tmp_path / "none").exists()
    # A preset that was not trained here, such as a published one.
    facts = read_json(copy / "preset.json")
    del facts["training"]
    (copy / "preset.json").write_text(json.dumps(facts))
    assert_refused(keras_gans_forked("train", "--resume", "--epochs=9", "--run_dir=copy", cwd=tmp_path), "copy contains no run")


# Mistakes. The first are found before TensorFlow is imported.

# Runs keras-gans, which may import neither Keras nor a backend.
WITHOUT_BACKEND = """
import sys
sys.modules.update(dict.fromkeys(["keras", "tensorflow", "jax"]))
from keras_gans_tools import cli
cli.main()
"""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gan", "--epochs=0"], ["--epochs=0"]),
        (["gan", "--epochs=many"], ["--epochs=many"]),
        (["gan", "--batch_size=0"], ["--batch_size=0"]),
        (["gan", "--seed=-1"], ["--seed=-1"]),
        (["gan", "--image_size=foo"], ["--image_size", "foo", "64x96"]),
        (["gan", "--set=wdth=3"], ["wdth", "'width'"]),
        (["gan", "--set=width"], ["--set", "argument=value", "'width'"]),
        (["gan", "--export=foo"], ["foo", "saved_model", "tflite"]),
        (["gan", "--learning_rate=-1"], ["learning_rate", "at least 0", "-1"]),
        (["gan", "--set=learning_rate=NaN"], ["learning_rate", "finite", "nan"]),
        (["gan", "--dataset=folder:none"], ["There is no folder none"]),
        (["gan", "--dataset=/"], ["/ is a path", "did you mean 'folder:/'?"]),
    ],
    ids=" ".join,
)
def test_mistakes_found_at_once(user_environment, assert_refused, tmp_path, arguments, words):
    command = [sys.executable, "-c", WITHOUT_BACKEND, "train", *arguments, "--run_dir=run"]
    process = subprocess.run(command, cwd=tmp_path, env=user_environment, capture_output=True, text=True, check=False)
    assert_refused(process, *words)
    assert list(tmp_path.iterdir()) == []


MISTAKES = {
    "ema": (["gan", "--dataset=ring", "--ema=2"], ["ema", "between 0 and 1", "2"]),
    "size": (["dcgan", "--image_size=27"], ["27x27", "28x28"]),
    "empty folder": (["gan", "--dataset=folder:empty"], ["empty", "image"]),
    "NaN": (["gan", "--dataset=npz:nan.npz"], ["nan.npz", "NaN", "3"]),
    "word for a number": (["dcgan", "--set=width=wide"], ["width", "wide"]),
    "metric": (["gan", "--dataset=ring", "--metrics=kid,fdi"], ["no metric 'fdi'", "fid"]),
    "failure": (["gan", "--dataset=ring", "--stop_on=collapse"], ["no failure 'collapse'", "mode_collapse"]),
    "another shape": (["gan", "--dataset=ring", "--set=image_shape=[3]"], ["(2,)", "(3,)"]),
}


@pytest.mark.parametrize(("arguments", "words"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_leave_no_run(keras_gans_forked, assert_refused, tmp_path, arguments, words):
    points = np.zeros((100, 2), "float32")
    points[3] = np.nan
    np.savez(tmp_path / "nan.npz", x=points)
    (tmp_path / "empty").mkdir()
    assert_refused(keras_gans_forked("train", *arguments, "--run_dir=run", cwd=tmp_path), *words)
    assert not (tmp_path / "run").exists()


def test_overwrite_deletes_nothing_when_training_cannot_begin(copy, keras_gans_forked, assert_refused):
    before = contents(copy)
    arguments = ("gan", "--dataset=ring", "--batch_size=100000", "--overwrite", f"--run_dir={copy}")
    assert_refused(keras_gans_forked("train", *arguments), "16384", "100000", "batch_size")
    assert contents(copy) == before


# Training that is stopped or breaks off.


@pytest.fixture(scope="module")
def stopped(two_epochs, user_environment, tmp_path_factory):
    """The run of two epochs, gone on with and stopped by Ctrl-C in its fifth epoch or later: process, output, folder."""
    # The printed command has to quote the space.
    folder = shutil.copytree(two_epochs[1], tmp_path_factory.mktemp("stopped") / "my run")
    command = [Path(sys.executable).with_name("keras-gans"), "train", "--resume", "--epochs=1000000", f"--run_dir={folder}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=user_environment)
    try:
        while len((folder / "logs" / "train.jsonl").read_text().splitlines()) < 4:
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    return process.returncode, output, errors, folder


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_ctrl_c_ends_well_and_says_how_to_go_on(stopped):
    status, output, errors, folder = stopped
    assert status == 130
    assert errors == ""
    last = output.splitlines()[-1]
    assert last.startswith("Stopped.")
    program, verb, *arguments = shlex.split(last[last.index("keras-gans train") :])
    assert (program, verb) == ("keras-gans", "train")
    assert sorted(arguments) == ["--resume", f"--run_dir={folder}"]
    assert re.search(r"resume from (step \d+|the end) of epoch \d+: keras-gans train", output)


def test_ctrl_c_keeps_weights_that_generate(stopped, keras_gans_forked, tmp_path):
    folder = stopped[-1]
    process = keras_gans_forked("generate", folder, "--num=9", "--output=points.npy", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    points = np.load(tmp_path / "points.npy")
    assert points.shape == (9, 2)
    assert np.isfinite(points).all()
    assert points.std() > 0


# Breaking off at any step is tested in tests/keras_gans/resume (last run: 0.1.0, 2026-11-29).
@pytest.mark.slow
def test_after_ctrl_c_the_run_goes_on_as_if_nothing_had_been(stopped, train, keras_gans_forked, tmp_path):
    *_, stopped_folder = stopped
    epochs_done = read_json(stopped_folder / "preset.json")["training"]["epochs_done"]
    folder = shutil.copytree(stopped_folder, tmp_path / "copy")
    epochs = epochs_done + 2
    process = keras_gans_forked("train", "--resume", f"--epochs={epochs}", f"--run_dir={folder}")
    assert process.returncode == 0, process.stderr
    whole = train(f"--epochs={epochs}")[1]
    assert_same_weights(folder, whole)
    rows, lines = read_logs(folder)
    assert [line["epoch"] for line in lines] == list(range(1, epochs + 1))
    assert without_fid(rows) == without_fid(read_logs(whole)[0])
    # Epoch 2 was measured for having been the last; nothing was where Ctrl-C broke off.
    measured, expected = read_measurements(folder), read_measurements(whole)
    assert [line for line in measured if line["epoch"] != 2] == expected


# Ten seconds (last run: 0.1.0, 2026-11-26).
@pytest.mark.slow
def test_ctrl_c_just_before_training_leaves_a_whole_run_or_none(user_environment, tmp_path):
    """The run folder is made at once, and Keras has not yet begun then."""
    command = [Path(sys.executable).with_name("keras-gans"), "train", *SETTINGS, "--epochs=1000000", "--run_dir=run"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path, env=user_environment
    )
    try:
        while not (tmp_path / "run").exists():
            assert process.poll() is None, process.communicate()
            time.sleep(0.001)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)  # a signal that is lost lets it train on
    finally:
        process.kill()
    assert "Traceback" not in errors
    assert process.returncode == 130
    # Either it is a preset, or the same command with --resume starts it.
    if (tmp_path / "run" / "config.json").exists():
        assert (tmp_path / "run" / "preset.json").is_file()


def test_a_failure_that_stops_training_has_an_exit_status_of_its_own(keras_gans_forked, tmp_path):
    """So that `train ... && export ...` does not export it."""
    process = keras_gans_forked(
        "train", "gan", "--dataset=ring", "--set=width=16", "--learning_rate=100", "--epochs=3", "--batch_size=512",
        "--stop_on=divergence", "--metrics=none", "--export=tflite", "--run_dir=run", cwd=tmp_path,
    )  # fmt: skip
    assert process.returncode == 3, process.stderr
    assert "Training is stopped." in process.stderr
    assert process.stdout.splitlines()[-1] == "Stopped by --stop_on=divergence before the last epoch."
    assert_generates_finite_samples(tmp_path / "run")
    assert not (tmp_path / "run" / "model.tflite").exists()


# What is slow was last run with 0.1.0, 2026-11-29.
@pytest.mark.slow
@pytest.mark.parametrize(("name", "size"), [("dcgan", "28"), ("wgan_gp", "8")])
def test_steps_that_half_precision_skips_do_not_end_training(keras_gans_forked, tmp_path, name, size):
    process = keras_gans_forked(
        "train", name, "--dataset=digits", f"--image_size={size}", "--set=width=4", "--batch_size=16", "--epochs=1",
        "--metrics=none", "--precision=mixed_float16", "--stop_on=divergence", "--run_dir=run", cwd=tmp_path,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    assert "diverge" not in process.stderr
    assert "epoch 1/1 step 112/112" in process.stdout


def test_divergence_is_an_error_and_keeps_good_weights(keras_gans_forked, tmp_path):
    process = keras_gans_forked(
        "train", "gan", "--dataset=ring", "--set=width=16", "--learning_rate=1e30", "--epochs=3", "--batch_size=512",
        "--run_dir=run", cwd=tmp_path,
    )  # fmt: skip
    assert process.returncode == 2
    assert len(process.stderr.splitlines()) == 1, process.stderr
    assert re.search(r"NaN .*step 1 of epoch 1\b.*learning rate.* run keeps the initial weights", process.stderr)
    assert_generates_finite_samples(tmp_path / "run")


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_divergence_in_the_very_last_step_is_no_success(keras_gans_forked, tmp_path):
    """Both losses of the step are finite; what it made of the generator shows in the samples only."""
    process = keras_gans_forked(
        "train", "gan", "--dataset=ring", "--set=width=16", "--learning_rate=1e10", "--epochs=1", "--batch_size=16384",
        "--run_dir=run", cwd=tmp_path,
    )  # fmt: skip
    assert process.returncode == 2, process.stdout
    assert len(process.stderr.splitlines()) == 1, process.stderr
    assert_generates_finite_samples(tmp_path / "run")


def assert_generates_finite_samples(folder):
    import keras_gans

    samples = keras_gans.load_pretrained(folder).generate(16, seed=0)
    assert np.isfinite(samples).all()
    assert samples.std() > 0
