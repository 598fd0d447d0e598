"""`keras-gans finetune`: what it begins from, what it keeps, and that it goes on after a kill."""

import hashlib
import json
import random
import shlex
import shutil

import h5py
import numpy as np
import pytest
from PIL import Image

import keras_gans
from tests.support import killing


def arrays(folder, network=""):
    """The arrays of a preset's weights by name, of one network."""
    found = {}
    with h5py.File(folder / "model.weights.h5") as file:
        file.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return {name.removeprefix(network): value for name, value in found.items() if name.startswith(network)}


def read_json(path):
    return json.loads(path.read_text())


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A folder with 24 coloured pictures of another size than the preset's, 8x8 and grey."""
    folder = tmp_path_factory.mktemp("finetune") / "pictures"
    folder.mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (24, 12, 10, 3), "uint8")
    for index, picture in enumerate(pixels):
        Image.fromarray(picture).save(folder / f"{index:02}.png")
    return folder


@pytest.fixture(scope="module")
def finetune(keras_gans_forked, pictures):
    """Runs `keras-gans finetune` on the pictures with a batch size of 8, and measures nothing."""

    def run(*arguments, source=f"folder:{pictures}", cwd=None):
        return keras_gans_forked("finetune", f"--dataset={source}", "--batch_size=8", "--metrics=none", *arguments, cwd=cwd)

    return run


@pytest.fixture(scope="module")
def four_epochs(finetune, tiny, tmp_path_factory):
    """A run of four epochs, and what it printed."""
    folder = tmp_path_factory.mktemp("finetune") / "run"
    process = finetune(tiny[0], "--epochs=4", "--freeze_discriminator=1", "--augment=translation", f"--run_dir={folder}")
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    return folder, process.stdout


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_layers_that_are_not_frozen_learn(four_epochs, tiny):
    folder, printed = four_epochs
    assert "24 samples of 8x8x1; 3 steps per epoch" in printed
    assert "1 of the discriminator's 2 layers keep their weights" in printed
    old, new = arrays(tiny[0]), arrays(folder)
    assert list(old) == list(new)
    same = {name for name in old if (old[name] == new[name]).all()}
    assert {name.split("/")[2] for name in same} == {"conv2d"}
    assert {name.split("/")[0] for name in same} == {"discriminator"}


def test_the_run_says_what_it_comes_from(four_epochs, tiny):
    folder, _ = four_epochs
    facts, config = read_json(folder / "preset.json"), read_json(folder / "config.json")
    digest = hashlib.sha256((tiny[0] / "model.weights.h5").read_bytes()).hexdigest()
    assert facts["fine_tuned_from"] == {"preset": str(tiny[0]), "sha256": digest}
    recipe = shlex.split(facts["recipe"])
    assert recipe[:3] == ["keras-gans", "finetune", str(tiny[0])]
    assert {"--freeze_discriminator=1", "--augment=translation", "--epochs=4"} <= set(recipe)
    assert config == read_json(tiny[0] / "config.json")


def test_training_begins_from_the_average(finetune, tiny, tmp_path):
    """At a learning rate of 0 it ends there, but for the statistics."""
    process = finetune(tiny[0], "--epochs=1", "--learning_rate=0", f"--run_dir={tmp_path / 'run'}")
    assert process.returncode == 0, process.stderr
    average, generator = arrays(tiny[0], "ema_generator"), arrays(tmp_path / "run", "generator")
    kernels = [name for name, value in average.items() if value.ndim > 1]
    assert len(kernels) == 2
    for name in kernels:
        np.testing.assert_array_equal(generator[name], average[name])


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_run_goes_on_exactly_without_its_preset(finetune, keras_gans_forked, four_epochs, tiny, tmp_path):
    original, run = tmp_path / "original", tmp_path / "run"
    shutil.copytree(tiny[0], original)
    flags = ("--freeze_discriminator=1", "--augment=translation", f"--run_dir={run}")
    process = finetune(original, "--epochs=2", *flags)
    assert process.returncode == 0, process.stderr
    shutil.rmtree(original)
    keras_gans.load_pretrained(run)
    process = keras_gans_forked("finetune", "--resume", "--epochs=4", f"--run_dir={run}")
    assert process.returncode == 0, process.stderr
    last = "checkpoints/epoch_0004_step_000000.npz"
    with np.load(run / last) as found, np.load(four_epochs[0] / last) as expected:
        assert found.files == expected.files
        for name in set(expected.files) - {"facts"}:
            np.testing.assert_array_equal(found[name], expected[name])
    assert read_json(run / "preset.json")["fine_tuned_from"]["preset"] == str(original)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--freeze_discriminator=2"], ["2 layers cannot be frozen", "has 2", "at most 1"]),
        (["--set=width=8"], ["do not fit", "width=8"]),
        (["--set=widht=8"], ["widht", "width"]),
        (["--dataset=text:words.txt"], ["makes images", "text:words.txt contains text"]),
        (["--dataset="], ["--dataset=folder:PATH"]),
        (["--length=5"], ["--length"]),
    ],
    ids=" ".join,
)
def test_what_does_not_fit_the_preset_is_refused(finetune, assert_refused, tiny, tmp_path, arguments, words):
    (tmp_path / "words.txt").write_text("some words\nother words\n" * 9)
    process = finetune(tiny[0], f"--run_dir={tmp_path / 'run'}", *arguments, cwd=tmp_path)
    assert_refused(process, *words)
    assert not (tmp_path / "run").exists()


def test_a_model_of_another_number_of_classes_is_refused(finetune, assert_refused, pictures, tmp_path):
    model = keras_gans.create_model("cgan", image_shape=(8, 8, 1), num_classes=3, width=4, latent_dim=5)
    keras_gans.save_preset(model, tmp_path / "three")
    assert_refused(finetune(tmp_path / "three", f"--run_dir={tmp_path / 'run'}"), "makes 3 classes", "none")
    for name in ("a", "b"):
        shutil.copytree(pictures, tmp_path / "two" / name)
    process = finetune(tmp_path / "three", f"--run_dir={tmp_path / 'run'}", source=f"folder:{tmp_path / 'two'}")
    assert_refused(process, "makes 3 classes", "has 2")


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_a_model_that_has_not_grown_is_refused(finetune, assert_refused, tmp_path):
    model = keras_gans.create_model("pggan", image_shape=(16, 16, 1), width=4, latent_dim=5)
    keras_gans.save_preset(model, tmp_path / "growing")
    assert_refused(finetune(tmp_path / "growing", f"--run_dir={tmp_path / 'run'}"), "4x4", "16x16")


def test_folders_are_not_mixed_up(finetune, keras_gans_forked, assert_refused, four_epochs, tiny, tmp_path):
    run = shutil.copytree(four_epochs[0], tmp_path / "run")
    assert_refused(keras_gans_forked("train", "--resume", f"--run_dir={run}"), "keras-gans finetune --resume")
    assert_refused(finetune(tiny[0], "--resume", "--freeze_discriminator=0", f"--run_dir={run}"), "freeze_discriminator=1")
    shutil.copytree(run, run / "best")
    for preset in (run, run / "best"):
        process = finetune(preset, "--overwrite", f"--run_dir={run}")
        assert_refused(process, str(preset), "another --run_dir")
    assert arrays(run / "best").keys() == arrays(four_epochs[0]).keys()


@pytest.fixture(scope="module")
def writer(tmp_path_factory):
    """A text, and the preset of a small model that knows its words."""
    folder = tmp_path_factory.mktemp("writer")
    killing.make_text(folder / "text.txt", 200)
    data = keras_gans.load_data(f"text:{folder / 'text.txt'}")
    small = {"embedding_dim": 4, "units": 4, "head_start": 0, "pretraining_epochs": 1}
    model = keras_gans.create_model("next_token_gan", vocabulary_size=data.tokenizer.size, length=data.shape[0], **small)
    model.tokenizer = data.tokenizer
    model.skip_pretraining()
    keras_gans.save_preset(model, folder / "preset")
    return folder


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_text_is_read_with_the_vocabulary_of_the_preset(finetune, assert_refused, writer, tmp_path):
    (tmp_path / "other.txt").write_text("3 4 5\n6 7 seven\n8 9\n" * 20)
    source, run = f"text:{tmp_path / 'other.txt'}", tmp_path / "run"
    process = finetune(writer / "preset", "--epochs=1", f"--run_dir={run}", source=source)
    assert process.returncode == 0, process.stderr
    assert (run / "tokenizer.model").read_bytes() == (writer / "preset" / "tokenizer.model").read_bytes()
    old, new = (arrays(folder, "generator") for folder in (writer / "preset", run))
    assert any((old[name] != new[name]).any() for name in old)
    process = finetune(writer / "preset", "--length=9", "--overwrite", f"--run_dir={run}", source=source)
    assert_refused(process, "leave out --length")
    assert_refused(finetune(writer / "preset", f"--run_dir={tmp_path / 'images'}"), "makes text", "contains images")


@pytest.mark.slow
def test_a_killed_run_ends_as_if_it_had_not_been(tiny, pictures, tmp_path):
    """A minute (last run: 0.1.0, 2026-11-26)."""
    arguments = (str(tiny[0]), f"--dataset=folder:{pictures}", "--batch_size=8", "--freeze_discriminator=1", "--epochs=200")
    killing.train_to_the_end(arguments, tmp_path / "whole", tmp_path, verb="finetune")
    killing.train_with_kills(arguments, tmp_path / "run", tmp_path, 2, random.Random(1), longest=0.5, verb="finetune")
    killing.assert_same_result(tmp_path / "run", tmp_path / "whole")


@pytest.mark.slow  # last run: 0.1.0, 2026-11-29
def test_networks_of_any_size_learn_from_images_of_the_size_of_their_training(finetune, pictures, tmp_path):
    model = keras_gans.create_model("cut", image_shape=(8, 8, 3), width=2, blocks=1, discriminator_width=2, patches=8, units=4)
    keras_gans.save_preset(model, tmp_path / "preset")
    for name in "AB":
        shutil.copytree(pictures, tmp_path / "domains" / name)
    source, run = f"unpaired:{tmp_path / 'domains'}", tmp_path / "run"
    process = finetune(tmp_path / "preset", "--epochs=1", f"--run_dir={run}", source=source)
    assert process.returncode == 0, process.stderr
    assert "24 samples of 8x8x3" in process.stdout
    assert keras_gans.load_pretrained(run).apply(np.zeros((1, 12, 16, 3), "uint8")).shape == (1, 12, 16, 3)
