"""A conditional model and a growing one by the command line."""

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="module")
def digits_run(keras_gans_forked, tmp_path_factory):
    """The folder of a small cgan trained for three steps on digits."""
    folder = tmp_path_factory.mktemp("conditional") / "run"
    process = keras_gans_forked(
        "train",
        "cgan",
        "--dataset=digits",
        "--image_size=8",
        "--epochs=1",
        "--batch_size=512",
        "--set=width=4",
        "--set=latent_dim=8",
        "--metrics=none",
        f"--run_dir={folder}",
    )
    assert process.returncode == 0, process.stderr
    return folder


@pytest.fixture
def generate(keras_gans_forked, digits_run, tmp_path):
    def run(*arguments):
        process = keras_gans_forked("generate", digits_run, *arguments, cwd=tmp_path)
        assert process.returncode == 0, process.stderr

    return run


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_grid_has_a_row_for_each_class(generate, digits_run, tmp_path):
    generate("--num=20", "--output=grid.png")
    with Image.open(tmp_path / "grid.png") as picture:
        assert picture.size == (2 * 58 + 2, 10 * 58 + 2)
    with Image.open(digits_run / "samples.png") as picture:
        assert picture.height == 10 * 58 + 2


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_a_folder_has_a_sub_folder_for_each_class_and_one_class_can_be_asked_for(generate, tmp_path):
    generate("--num=23", "--output=all/")
    found = {path.name: sorted(file.name for file in path.iterdir()) for path in (tmp_path / "all").iterdir()}
    assert found == {str(label): [f"{index:06}.png" for index in range(label, 23, 10)] for label in range(10)}
    generate("--num=14", "--label=3", "--output=three.npy")
    three = np.load(tmp_path / "three.npy")
    assert three.shape == (14, 8, 8, 1)
    # Sample 13 of each class in turn is of class 3, from the same latents.
    with Image.open(tmp_path / "all" / "3" / "000013.png") as picture:
        np.testing.assert_allclose(np.asarray(picture).astype(int), three[13, ..., 0], atol=1)


def test_a_class_that_is_none_is_refused(keras_gans_forked, digits_run, assert_refused, tmp_path):
    process = keras_gans_forked("generate", digits_run, "--label=11", "--output=grid.png", cwd=tmp_path)
    assert_refused(process, "0 to 9", "11")
    assert list(tmp_path.iterdir()) == []


def test_a_schedule_that_never_reaches_the_size_is_refused(keras_gans_forked, assert_refused, tmp_path):
    train = ("train", "pggan", "--dataset=digits", "--epochs=1", "--set=width=4", "--run_dir=run")
    process = keras_gans_forked(*train, "--set=fade_images=100000", cwd=tmp_path)
    assert_refused(process, "28x28", "epochs")
    process = keras_gans_forked(*train, "--set=stable_images=[10,10]", cwd=tmp_path)
    assert_refused(process, "stable_images has 2 values", "never reaches the last")
    assert list(tmp_path.iterdir()) == []
