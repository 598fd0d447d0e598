import json
import shutil

import pytest

import keras_gans
from keras_gans import presets
from keras_gans.declaration import extract
from keras_gans_tools.common import recipes

RECIPE = """
model = "dcgan"
description = "Blurred digits."
licence = "Apache-2.0"
limits = "Two epochs."
[train]
dataset = "digits"
epochs = 2
evaluate_every = 1
ema = 0.9
set = ["width=8"]
[[evaluate]]
held_out = "half"
metrics = ["fid", "rarest_class"]
num = 200
seeds = 2
[rounding]
metric = "fid"
tolerance = 1000.0
[expected]
core_minutes = 1
"""


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "blurred.toml"
    path.write_text(RECIPE)
    return path


@pytest.mark.slow
def test_a_recipe_becomes_a_preset_with_its_card_and_is_not_made_twice(keras_gans_cli, recipe, tmp_path):
    """A minute on one core (last run: 0.1.0, 2026-11-30)."""
    command = ("pretrain", str(recipe), f"--output={tmp_path / 'out'}")
    made = keras_gans_cli(*command, timeout=300)
    assert made.returncode == 0, made.stderr
    folder = tmp_path / "out/blurred/blurred"
    assert made.stdout.splitlines()[-1].startswith(f"Wrote the preset {folder}")
    assert f'keras_gans.load_pretrained("{folder}")' in made.stdout
    preset = presets.find_preset(folder)
    model = preset.load()
    assert model.entry["arguments"]["width"] == 8
    assert preset.config["networks"] == ["discriminator", "ema_generator"]
    (evaluation,) = preset.metadata.to_dict()["evaluations"]
    assert evaluation["command"] == "keras-gans evaluate blurred --held_out=half --metrics=fid,rarest_class --num=200 --seeds=2"
    assert preset.metadata.to_dict()["metrics"]["fid"] == evaluation["metrics"]["fid"]["mean"]
    assert list(evaluation["metrics"]) == ["fid", "rarest_class"]
    again = json.loads(
        keras_gans_cli("evaluate", str(folder), *evaluation["command"].split()[3:], "--json", timeout=200).stdout
    )
    assert again["metrics"]["fid"]["mean"] == pytest.approx(preset.metadata.to_dict()["metrics"]["fid"], rel=1e-5)
    card = (folder / "README.md").read_text()
    assert "Two epochs." in card
    assert preset.metadata.to_dict()["sha256"] in card
    pictures = sorted(path for path in folder.iterdir() if path.suffix == ".png")
    assert [path.name for path in pictures] == ["failures.png", "interpolation.png", "samples.png"]
    assert all(extract(path.read_bytes()) for path in pictures)  # each declares its origin
    weights = (folder / "model.weights.h5").read_bytes()
    second = keras_gans_cli(*command, timeout=200).stdout
    assert "epoch 1/2" not in second
    assert (folder / "model.weights.h5").read_bytes() == weights


def test_a_broken_recipe_is_refused_in_a_line(keras_gans_forked, recipe):
    def refused(what):
        failed = keras_gans_forked("pretrain", what)
        assert failed.returncode == 2
        assert len(failed.stderr.splitlines()) == 1
        return failed.stderr

    recipe.write_text(RECIPE.replace("limits", "limit"))
    assert "no key of blurred.toml 'limit'. Did you mean 'limits'?" in refused(str(recipe))
    recipe.write_text(RECIPE.replace("[rounding]", "[rounding"))
    assert "is not a recipe" in refused(str(recipe))
    private = RECIPE.replace("epochs = 2", 'epochs = 2\nprivacy = "epsilon:10,delta:1e-5"')
    recipe.write_text(private)
    assert "blurred.toml trains privately on the split 'train', whose samples no figure may depend on" in refused(str(recipe))
    recipe.write_text(private.replace('held_out = "half"', 'split = "test"\nheld_out = "none"'))
    assert recipes.read_recipe(recipe).train["privacy"] == "epsilon:10,delta:1e-5"
    assert "Did you mean 'dcgan_digits'?" in refused("dcgan_digit")
    assert "There is no file elsewhere/mine.toml." in refused("elsewhere/mine.toml")


@pytest.mark.parametrize("name", recipes.list_recipes())
def test_a_recipe_gives_arguments_that_its_model_has(name):
    recipe = recipes.find_recipe(name)
    arguments = keras_gans.registry.get_entry(recipe.model).arguments
    assert {setting.partition("=")[0] for setting in recipe.train.get("set", ())} <= set(arguments)
    assert recipe.metadata["licence"]
    assert recipe.metadata["dataset_licence"]
    [minutes] = recipe.expected.keys() & {"core_minutes", "gpu_minutes"}
    assert recipe.expected[minutes] > 0


@pytest.mark.parametrize("name", keras_gans.list_presets())
def test_a_bundled_preset_is_what_its_recipe_says(name):
    recipe, preset = recipes.find_recipe(name), presets.find_preset(name)
    assert preset.config["model"] == recipe.model
    made = preset.metadata.to_dict()["recipe"].replace("'", "").replace('"', "").split()
    shown = {key: value for key, value in recipe.train.items() if key not in ("set", "ema", "learning_rate")}
    for flag in recipes.as_flags({key: str(value) if isinstance(value, bool) else value for key, value in shown.items()}):
        assert flag in made
    for key, value in recipe.metadata.items():
        assert preset.metadata.to_dict()[key] == value
    assert preset.metadata.to_dict()["expected"] == recipe.expected


def test_a_card_follows_its_preset(keras_gans_forked, tmp_path):
    folder = shutil.copytree(presets.find_preset("dcgan_digits").folder, tmp_path / "mine")
    facts = json.loads((folder / "preset.json").read_text())
    (folder / "preset.json").write_text(json.dumps({**facts, "limits": "Only | mine."}))
    assert "Wrote" in keras_gans_forked("card", str(folder)).stdout
    card = (folder / "README.md").read_text()
    assert "# mine" in card
    assert "Only | mine." in card
