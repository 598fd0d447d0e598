import importlib.util
import json

import pytest
from PIL import Image

from keras_gans_tools.benchmarks.training import count_operations


def test_operations_counted_by_hand():
    """Products of the layers of zoo/gan/networks.py: the generator's of each sample, the discriminator's likewise."""
    generator = [100 * 256, 256 * 512, 512 * 1024, 1024 * 784]
    discriminator = [784 * 512, 512 * 256, 256 * 1]
    passes = 3 * sum(generator) - generator[0] + 8 * sum(discriminator) - 2 * discriminator[0]
    assert count_operations("gan", 64) == 2 * 64 * passes


def test_operations_of_convolutions_counted_by_hand():
    generator = [100 * 7 * 7 * 128, 7 * 7 * 128 * 64 * 16, 14 * 14 * 64 * 16]
    discriminator = [14 * 14 * 16 * 64, 7 * 7 * 16 * 64 * 128, 7 * 7 * 128]
    passes = 3 * sum(generator) - generator[0] + 8 * sum(discriminator) - 2 * discriminator[0]
    assert count_operations("dcgan", 1) == 2 * passes


@pytest.mark.parametrize("name", ["gan", "dcgan", "wgan_gp"])
def test_the_networks_in_pytorch_are_the_same(name):
    pytest.importorskip("torch")
    import keras_gans
    from keras_gans_tools.benchmarks.torch_loop import _NETWORKS

    model = keras_gans.create_model(name)
    ours = [
        sum(v.value.numpy().size for v in network.trainable_variables) for network in (model.generator, model.discriminator)
    ]
    assert [sum(p.numel() for p in network.parameters()) for network in _NETWORKS[name]()] == ours


@pytest.mark.slow
def test_it_compares_with_what_is_installed(keras_gans_cli):
    """Half a minute on two cores (last run: 0.1.0, 2026-11-24)."""
    finished = keras_gans_cli(
        "benchmark", "training", "--models=gan", "--batch_size=8", "--rounds=1", "--seconds=0.2", "--json", timeout=400
    )
    assert finished.returncode == 0, finished.stderr
    row = json.loads(finished.stdout[finished.stdout.index("[") :])[0]
    expected = {"ours", "ours_bfloat16", "keras_io"} | ({"torch"} if importlib.util.find_spec("torch") else set())
    assert set(row["steps_per_second"]) == expected
    assert min(row["steps_per_second"].values()) > 0
    assert set(row["ratio"]) == expected - {"ours", "ours_bfloat16"}
    assert 0 < row["share_of_matrix_rate"]["float32"] < 1.5


def test_sanity_spoils_images_more_and_more_and_draws_it(tmp_path, monkeypatch):
    from keras_gans_tools.benchmarks import sanity

    monkeypatch.setattr(sanity, "METRICS", ("fid", "precision", "recall", "density", "coverage"))
    found = sanity.measure("digits", 200)
    blur, classes = found["curves"]["blur (pixels)"], found["curves"]["dropped classes (of 10)"]
    # Half a pixel does not show in so few samples.
    assert blur["fid"][1:] == sorted(blur["fid"][1:])
    assert max(blur["fid"][:2]) < 1 < blur["fid"][2]
    assert classes["coverage"] == sorted(classes["coverage"], reverse=True)
    assert len(sanity.describe(found).splitlines()) == 1 + 4 * 5
    sanity.draw(found, tmp_path / "sanity.png")
    with Image.open(tmp_path / "sanity.png") as picture:
        assert picture.height > 400


def test_unknown_names_are_refused(keras_gans_forked):
    for arguments, word in ((["speed"], "training"), (["training", "--models=dcgann"], "dcgan")):
        finished = keras_gans_forked("benchmark", *arguments)
        assert finished.returncode == 2
        assert word in finished.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", ["wgan_gp", "r3gan"])
def test_models_that_should_cover_the_grid_do(name):
    """Last run: 2026-11-24."""
    from keras_gans_tools.benchmarks import modes

    row, _ = modes.measure(name)
    assert (row["of"], row["modes"] >= 24) == (25, True), row


def test_the_grid_is_measured_and_drawn(tmp_path, monkeypatch):
    from keras_gans_tools.benchmarks import modes

    monkeypatch.setitem(modes.SETTINGS, "cgan", ({"width": 8, "num_classes": 25}, 1))
    row, points = modes.measure("cgan")
    assert points.shape == (2500, 2)
    assert row["modes"] <= 3  # one epoch teaches nothing
    modes.draw([(row, points)], tmp_path / "modes.png")
    width, height = Image.open(tmp_path / "modes.png").size
    assert width > 1.5 * height  # two panels
