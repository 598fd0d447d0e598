"""The program and the command line of what is on the page train the same model."""

import shlex

import numpy as np
import pytest

import keras_gans
from keras_gans.lab.code import as_command, as_python
from keras_gans.lab.drawing import drawn_samples
from keras_gans.lab.settings import Setup

POINTS = [[0.5, 0.5], [-0.5, 0.25]]


def test_changes_are_written_where_there_is_an_argument_or_a_flag():
    changes = {"generator_rate": 0.001, "discriminator_rate": 0.001, "penalty": "gradient_penalty", "penalty_weight": 2.0}
    setup = Setup(model="wgan_gp", data="grid", seed=4)
    program, command = as_python(setup, changes, 300), as_command(setup, changes, 300)
    assert "model.compile_with(penalties=[keras_gans.penalties.GradientPenalty(2.0)])" in program
    assert "model.optimizer.generator.learning_rate = 0.001" in program and "epochs=3" in program
    words = shlex.split(command)
    assert words[:4] == ["keras-gans", "train", "wgan_gp", "--dataset=grid"]
    assert {"--set=penalty_weight=2.0", "--set=learning_rate=0.001", "--set=width=32", "--seed=4", "--epochs=3"} <= {*words}


@pytest.mark.slow  # last run: 0.1.0, 2026-11-30
@pytest.mark.parametrize("setup", [Setup(), Setup(model="r3gan", data="drawn", points=POINTS)], ids=["ring", "drawn"])
def test_both_give_the_same_weights_bit_by_bit(setup, tmp_path, monkeypatch, keras_gans_forked):
    np.savez_compressed(tmp_path / "drawn.npz", images=drawn_samples(POINTS))
    changes = {"generator_rate": 0.001, "discriminator_rate": 0.001} if setup.model == "gan" else {}
    command = shlex.split(as_command(setup, changes, 100))
    done = keras_gans_forked(*command[1:], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(as_python(setup, changes, 100), names)
    trained = keras_gans.load_pretrained(tmp_path / command[-1].partition("=")[2])
    for one, other in zip(trained.get_weights(), names["model"].get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
