"""A package of somebody else adds a medium (waveforms) in one file and a model in another, without a change to keras_gans."""

import json
import os
import random
import subprocess
import sys

import numpy as np
import pytest

from keras_gans.presets import model_card
from tests.keras_gans.serving.conftest import started
from tests.support import killing, waves

TRAIN = ("tiny_wave_gan", "--dataset=chirps", "--batch_size=32", "--ema=0.9", "--metrics=fid,loudness", "--evaluate_num=128")

# Prints the samples of a SavedModel's and of a TFLite file's default signature, with nothing of ours imported.
RUN = """
import json, sys
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
latents = np.random.default_rng(0).standard_normal((1, 8), dtype="float32")
saved_model, tflite = sys.argv[1:]
served = tf.saved_model.load(saved_model).signatures["serving_default"](latents=tf.constant(latents))["audio"].numpy()
on_phones = Interpreter(tflite).get_signature_runner("serving_default")(latents=latents)["audio"]
assert not [name for name in sys.modules if name.startswith(("keras_gans", "waves"))]
print(json.dumps([audio[0, :, 0].tolist() for audio in (served, on_phones)]))
"""


@pytest.fixture
def installed(monkeypatch):
    """Makes the package be installed, for every process that is started."""
    path = os.pathsep.join([str(waves.FOLDER), *filter(None, [os.environ.get("PYTHONPATH")])])
    monkeypatch.setenv("PYTHONPATH", path)
    with waves.installed() as medium:
        yield medium


@pytest.fixture
def run_keras_gans(installed, tmp_path, keras_gans_forked):
    """Runs `keras-gans` where the package is installed; returns the finished process."""

    def run(*arguments):
        return keras_gans_forked(*arguments, cwd=tmp_path, env={"PYTHONPATH": os.environ["PYTHONPATH"]})

    return run


@pytest.fixture
def keras_gans(run_keras_gans):
    """The same, which must succeed; returns what it prints."""

    def run(*arguments):
        process = run_keras_gans(*arguments)
        assert process.returncode == 0, process.stderr
        return process.stdout

    return run


def test_the_medium_takes_one_file_and_its_model_another():
    lines = {path.name: len(path.read_text().splitlines()) for path in (waves.FOLDER / "waves").glob("*.py")}
    assert lines["medium.py"] <= 150
    assert set(lines) == {"__init__.py", "medium.py", "wave_gan.py"}


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_medium_of_another_package_goes_all_the_way(installed, keras_gans, run_keras_gans, tmp_path):
    read_wav = installed.read_wav
    # Training, killed and gone on with, ends as if it had not been.
    killing.train_to_the_end((*TRAIN, "--epochs=8"), tmp_path / "whole", tmp_path)
    positions = killing.train_with_kills((*TRAIN, "--epochs=8"), tmp_path / "run", tmp_path, 1, random.Random(5), longest=0.5)
    assert positions
    whole, run = (np.frombuffer((tmp_path / name / "model.weights.h5").read_bytes(), "uint8") for name in ("whole", "run"))
    np.testing.assert_array_equal(whole, run)

    # The run is a preset, with samples that can be heard, and says what it makes.
    assert read_wav(tmp_path / "run" / "samples.wav")[1] == 8000
    preset = json.loads((tmp_path / "run" / "preset.json").read_text())
    assert preset["medium"] == {"name": "waveforms", "sample_shape": [256, 1], "sample_rate": 8000}
    assert (tmp_path / "run" / "samples" / "epoch_0008.png").is_file()
    # Validation uses the data that the source holds out.
    assert "val_d_loss" in (tmp_path / "run" / "logs" / "train.jsonl").read_text().splitlines()[0]
    logs = [json.loads(line) for line in (tmp_path / "run" / "logs" / "evaluation.jsonl").read_text().splitlines()]
    assert {"fid", "loudness"} <= set(logs[-1])
    assert "text-generation" not in model_card.render(tmp_path / "run")

    # Samples as a file.
    assert "sounds.wav" in keras_gans("generate", "run", "--num=5", "--seed=1", "--output=sounds.wav")
    sounds, rate = read_wav(tmp_path / "sounds.wav")
    assert (len(sounds), rate) == (5 * (256 + 800), 8000)
    assert np.abs(sounds).max() > 1000

    # What does not fit is refused in words.
    for arguments, words in (
        (("generate", "run", "--top_k=3"), ("--top_k is for text", "makes waveforms")),
        (("train", "tiny_wave_gan", "--dataset=digits"), ("tiny_wave_gan makes waveforms, but digits contains images",)),
    ):
        process = run_keras_gans(*arguments)
        assert process.returncode == 2, process.stdout
        assert process.stderr.count("\n") == 1
        assert all(each in process.stderr for each in words), process.stderr

    # Measured by the medium's own metric.
    result = json.loads(keras_gans("evaluate", "run", "--metrics=fid,loudness", "--num=200", "--seeds=2", "--json"))
    assert 0.0 < result["metrics"]["loudness"]["mean"] < 1.0
    assert result["real"]["loudness"] == pytest.approx(0.8 / np.sqrt(2), rel=0.02)
    assert result["metrics"]["fid"]["mean"] > 0

    # Exported, with the name that the package gave it.
    keras_gans("export", "run", "--format=saved_model", "--output=exports")
    keras_gans("export", "run", "--format=tflite", "--output=run.tflite")
    command = [sys.executable, "-c", RUN, tmp_path / "exports" / "run" / "1", tmp_path / "run.tflite"]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    found = json.loads(process.stdout.splitlines()[-1])
    np.testing.assert_allclose(*found, atol=1e-4)
    assert len(found[0]) == 256

    # Served.
    with started(tmp_path / "exports") as server:
        body = {"signature_name": "generate", "instances": [{"seeds": 3}]}
        status, answer = server.predict("run", body)[:2]
        assert status == 200, answer
        served = np.ravel(answer["predictions"][0])
    keras_gans("generate", "run", "--seeds=3", "--output=three.wav")
    np.testing.assert_allclose(served, read_wav(tmp_path / "three.wav")[0][:256] / 32767, atol=1e-3)
