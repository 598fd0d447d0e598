"""Each piece of code in CONTRIBUTING.md, used exactly as it says."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import ROOT

_BLOCK = re.compile(r"```python\n# (\S+)\n(.*?)```", re.DOTALL)
BLOCKS = dict(_BLOCK.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")))


@pytest.fixture(autouse=True)
def registries(monkeypatch):
    """What a test adds is gone after it: others list what is registered."""
    from keras_gans.data.registry import SOURCES
    from keras_gans.losses import base
    from keras_gans.media import MEDIA

    for registry in (SOURCES, base._losses, MEDIA):
        monkeypatch.setattr(registry, "_things", dict(registry._things))


def run(path):
    names = {}
    exec(compile(BLOCKS[path], path, "exec"), names)
    return names


@pytest.mark.parametrize("path", BLOCKS)
def test_each_takes_about_ten_lines(path):
    assert len([line for line in BLOCKS[path].splitlines() if line.strip()]) <= 13
    assert (ROOT / path).parent.is_dir() or (ROOT / path).parents[1].is_dir()


def test_a_model_is_added_by_its_folder_alone(tmp_path, keras_gans_cli, keras_gans_forked):
    """A package like `keras_gans_zoo`, whose metadata name the package and none of its models."""
    folder = tmp_path / "more_models" / "tiny_gan"
    folder.mkdir(parents=True)
    (tmp_path / "more_models" / "__init__.py").write_text("")
    (folder / "__init__.py").write_text(BLOCKS["zoo/tiny_gan/__init__.py"])
    metadata = tmp_path / "more_models-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: more_models\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[keras_gans.model_packages]\nmore_models = more_models\n")
    env = {"PYTHONPATH": os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))}
    listed = json.loads(keras_gans_cli("list", "--json", env=env).stdout)["models"]
    (entry,) = [model for model in listed if model["name"] == "tiny_gan"]
    train = ("train", "tiny_gan", "--dataset=digits", "--epochs=1", "--metrics=none", f"--run_dir={tmp_path / 'run'}")
    process = keras_gans_forked(*train, env=env)
    assert process.returncode == 0, process.stderr
    assert f"tiny_gan: {entry['parameters']:,} parameters" in process.stdout
    process = keras_gans_forked("generate", tmp_path / "run", f"--output={tmp_path / 'x.npy'}", "--num=3", env=env)
    assert process.returncode == 0, process.stderr
    assert np.load(tmp_path / "x.npy").shape == (3, 28, 28, 1)


def test_a_loss_is_added(tmp_path):
    import keras

    import keras_gans
    from tests.support.networks import make_networks

    loss = run("keras_gans/losses/least_fourth.py")["LeastFourth"]
    assert "least_fourth" in keras_gans.losses.names()
    model = keras_gans.GAN(*make_networks(), seed=0)
    model.compile(loss="least_fourth")
    assert isinstance(model.adversarial_loss, loss)
    points = keras_gans.data.mixtures.ring().sample(64)[0]
    assert np.isfinite(model.fit(points, batch_size=32, verbose=0).history["loss"]).all()
    model.save(tmp_path / "model.keras")
    assert isinstance(keras.models.load_model(tmp_path / "model.keras").adversarial_loss, loss)


def test_a_source_is_added():
    import keras_gans

    run("keras_gans/data/checks.py")
    data = keras_gans.load_data("checks", side=7)
    assert data.shape == (28, 28, 1)
    assert len(data) == 56
    assert data.medium == keras_gans.media.Images((28, 28, 1))
    assert next(iter(data.batches(8).as_dataset()))[0].shape == (8, 28, 28, 1)
    with pytest.raises(ValueError, match="side"):
        keras_gans.load_data("digits", side=7)


def test_a_medium_is_added(tmp_path):
    import keras

    import keras_gans

    signals = run("keras_gans/media/signals.py")["Signals"]((50, 2))
    keras.utils.set_random_seed(0)
    generator = keras.Sequential([keras.Input((4,)), keras.layers.Dense(100, "tanh"), keras.layers.Reshape((50, 2))])
    discriminator = keras.Sequential([keras.Input((50, 2)), keras.layers.Flatten(), keras.layers.Dense(1)])
    model = keras_gans.GAN(generator, discriminator, seed=0, medium=signals)
    model.compile()
    model.fit(np.zeros((32, 50, 2), "float32"), batch_size=16, verbose=0)
    model.medium.writer(str(tmp_path / "x.npy")).write(model, n=5, seed=0)
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), model.generate(5, seed=0))
    with pytest.raises(ValueError, match=r"must end in \.npy"):
        model.medium.writer("x.png")
    model.save(tmp_path / "model.keras")
    assert keras.models.load_model(tmp_path / "model.keras").medium == signals


def test_the_arrows_between_rooms_are_checked():
    """`lint-imports` finds an arrow that points the wrong way: CI would fail."""
    contract = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert "keras_gans_tools" in contract
    process = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stdout
    assert " 0 broken" in process.stdout
