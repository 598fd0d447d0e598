"""What the cards of the presets promise, measured again."""

import json
import os
import shlex
from pathlib import Path

import pytest

import keras_gans
from keras_gans import presets
from keras_gans.declaration import Declaration, extract

NAMES = keras_gans.list_presets()


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_says_what_real_samples_score(name):
    facts = presets.find_preset(name).metadata.to_dict()
    first = facts["evaluations"][0]
    assert {"fid", "nll", "psnr", "patch_fid", "hole_l1", "accuracy"} & set(first["metrics"])
    if "fid" in first["metrics"]:
        assert first["real"]["fid"] < first["metrics"]["fid"]["mean"]
    training = facts["training"]
    assert training.get("cpu_seconds", training["seconds"]) > 0
    assert training["hardware"]
    for commands in (evaluation["command"] for evaluation in facts["evaluations"]):
        assert commands.startswith(f"keras-gans evaluate {name} ")


@pytest.mark.parametrize("name", NAMES)
def test_pictures_declare_the_model_and_its_weights(name):
    preset = presets.find_preset(name)
    for picture in preset.folder.glob("*.png"):
        declared = Declaration.from_xmp(extract(picture.read_bytes()))
        assert (declared.model, declared.weights) == (name, preset.metadata.sha256), picture.name


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_figures_of_a_card_are_measured_again(name, keras_gans_cli):
    """Minutes each (last run: 0.1.0, 2026-11-26). KERAS_GANS_DATA names the folder that CONTRIBUTING.md describes."""
    facts = presets.find_preset(name).metadata.to_dict()
    source = facts["dataset"]
    folder = os.environ.get("KERAS_GANS_DATA", ".")
    if source in ("mnist", "cifar10") and not Path(os.environ.get("TFDS_DATA_DIR", ""), source).is_dir():
        pytest.skip(f"TFDS_DATA_DIR names no folder with a prepared {source}")
    if ":" in source and not Path(folder, source.partition(":")[2]).exists():
        pytest.skip("KERAS_GANS_DATA names no folder with the data")
    for command in dict.fromkeys(evaluation["command"] for evaluation in facts["evaluations"]):
        finished = keras_gans_cli(*shlex.split(command)[1:], "--json", cwd=folder, timeout=1800)
        assert finished.returncode == 0, finished.stderr
        results = json.loads(finished.stdout)
        expected = [evaluation for evaluation in facts["evaluations"] if evaluation["command"] == command]
        for result, evaluation in zip(results if isinstance(results, list) else [results], expected, strict=True):
            for metric, values in evaluation["metrics"].items():
                assert result["metrics"][metric]["mean"] == pytest.approx(values["mean"], rel=1e-2), metric
