import json
import re

import numpy as np
import pytest

import keras_gans
from keras_gans.presets import model_card

TRAIN = ("train", "cgan", "--dataset=ring", "--set=width=2", "--batch_size=512", "--run_dir=run")
PRIVACY = "--privacy=epsilon:5,delta:1e-5,critic_steps:2"


@pytest.fixture(scope="module")
def trained(tmp_path_factory, keras_gans_forked):
    folder = tmp_path_factory.mktemp("private")
    return folder, keras_gans_forked(*TRAIN, PRIVACY, "--epochs=1", cwd=folder)


def test_a_private_run_says_what_it_has_spent(trained):
    folder, process = trained
    assert process.returncode == 0, process.stderr
    assert "loss G" in process.stdout
    assert "epsilon" in process.stdout
    (logs,) = [json.loads(line) for line in (folder / "run/logs/train.jsonl").read_text().splitlines()]
    assert 4.9 < logs["epsilon"] <= 5
    assert not {"d_loss", "d_real", "d_fake", "fid"} & set(logs)
    assert not (folder / "run/logs/doctor.jsonl").exists()
    assert not (folder / "run/best").exists()


def test_its_preset_states_the_promise_and_withholds_the_seed(trained):
    folder, _ = trained
    promise = json.loads((folder / "run/preset.json").read_text())["privacy"]
    assert promise["seed"] == "withheld"
    assert promise["adjacency"] == "add or remove one sample"
    assert promise["delta"] == 1e-5
    assert 4.9 < promise["epsilon"] <= 5
    spent = keras_gans.privacy.epsilon_of(
        promise["batch_size"] / promise["samples"], promise["noise"], promise["steps"], promise["delta"]
    )
    assert promise["epsilon"] == pytest.approx(spent, rel=1e-3)
    card = model_card.render(folder / "run")
    assert re.search(r"Training was differentially private: epsilon (4\.9\d*|5), delta 1e-05", card)
    assert "accountant: RDP" in card
    assert "The seed is withheld." in card
    with np.load(next((folder / "run/checkpoints").glob("*.npz")), allow_pickle=False) as checkpoint:
        assert "facts" in checkpoint  # one checkpoint is left, whose seeds are not those of the training


def test_it_cannot_be_trained_further(trained, keras_gans_forked):
    folder, _ = trained
    process = keras_gans_forked("train", "--resume", "--run_dir=run", "--epochs=2", cwd=folder)
    assert process.returncode == 2
    assert "The privacy budget is spent: epsilon is 5" in process.stderr


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--privacy=10",), "There is no setting '10'"),
        (("--privacy=epsilon:10",), "--privacy=epsilon:10 needs delta: write epsilon:10,delta:1e-5"),
        (("--privacy=epsilon:ten,delta:1e-5",), "epsilon must be a number; received 'ten'."),
        (("--privacy=epsilon:0,delta:1e-5",), "epsilon must be a number above 0; received 0.0."),
        ((PRIVACY, "--metrics=fid"), "--metrics compares samples with the training data, and what it finds is not private"),
    ],
)
def test_mistakes_are_explained(flags, message, tmp_path, keras_gans_forked):
    process = keras_gans_forked(*TRAIN, *flags, cwd=tmp_path)
    assert process.returncode == 2
    assert message in process.stderr
    assert not (tmp_path / "run").exists()
