"""`keras-gans train --distribute`, in processes that talk over loopback."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import keras_gans
from tests.support.ports import free_ports

TRAIN = ("train", "gan", "--dataset=ring", "--set=width=16", "--ema=0.9", "--batch_size=512", "--checkpoint_steps=5")


@pytest.fixture
def start(user_environment):
    """Starts `keras-gans` in the background."""
    running = []

    def run(*arguments):
        command = [str(Path(sys.executable).with_name("keras-gans")), *map(str, arguments)]
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**user_environment, "PYTHONUNBUFFERED": "1"},
        )
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.communicate()


def two_workers(start, *arguments):
    addresses = ",".join(f"127.0.0.1:{port}" for port in free_ports(2))
    return [start(*arguments, "--distribute=multi_worker", f"--workers={addresses}", f"--worker={n}") for n in range(2)]


def weights(folder):
    model = keras_gans.load_pretrained(folder)
    return np.concatenate([weight.ravel() for weight in [*model.generator.get_weights(), *model.discriminator.get_weights()]])


@pytest.mark.slow
def test_when_a_worker_dies_the_other_stops_and_both_go_on_to_the_same_weights(start, keras_gans_cli, tmp_path):
    """A minute on two cores (last run: 0.1.0, 2026-11-24)."""
    run = tmp_path / "run"
    arguments = (*TRAIN, "--epochs=10", f"--run_dir={run}")
    chief, worker = two_workers(start, *arguments)
    until = time.monotonic() + 120
    while len(list(run.glob("checkpoints/*.npz"))) < 2 and chief.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    worker.kill()
    _, errors = chief.communicate(timeout=120)
    assert chief.returncode == 2, errors
    assert "Another worker ended or cannot be reached, and training stopped here, too" in errors
    assert "--resume" in errors

    for process in two_workers(start, "train", "--resume", f"--run_dir={run}"):
        _, errors = process.communicate(timeout=200)
        assert process.returncode == 0, errors
    whole = tmp_path / "whole"
    process = keras_gans_cli(*TRAIN, "--epochs=10", f"--run_dir={whole}", "--distribute=mirrored", "--devices=2")
    assert process.returncode == 0, process.stderr
    np.testing.assert_array_equal(weights(run), weights(whole))


# Half a minute (last run: 0.1.0, 2026-11-26).
@pytest.mark.slow
def test_workers_that_would_train_differently_are_refused(start, tmp_path):
    addresses = ",".join(f"127.0.0.1:{port}" for port in free_ports(2))
    processes = [
        start(
            *(*TRAIN, f"--seed={n}", f"--run_dir={tmp_path / 'run'}"),
            *("--distribute=multi_worker", f"--workers={addresses}", f"--worker={n}"),
        )
        for n in range(2)
    ]
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 2, errors
        assert "Workers 0 and 1 do not train the same: seed is 0 on worker 0 and 1 on worker 1." in errors
    assert not (tmp_path / "run" / "config.json").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--distribute=mirored"], "mirrored"),
        (["--distribute=mirrored", "--devices=3"], "3 devices"),
        (["--distribute=multi_worker"], "--workers=HOST:PORT"),
        (["--workers=a:1,b:1"], "multi_worker"),
    ],
    ids=str,
)
def test_mistakes(keras_gans_forked, tmp_path, arguments, words):
    process = keras_gans_forked(*TRAIN, *arguments, "--batch_size=64", f"--run_dir={tmp_path / 'run'}")
    assert process.returncode == 2
    assert len(process.stderr.splitlines()) == 1, process.stderr
    assert words in process.stderr
    assert not (tmp_path / "run").exists()
