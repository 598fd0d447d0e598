"""Directions and projections from the command line."""

import numpy as np
import pytest
from PIL import Image

import keras_gans
from keras_gans.media.pictures import save_picture, to_uint8


def test_a_picture_is_projected_and_moved_along_directions(tmp_path, keras_gans_forked):
    model = keras_gans.load_pretrained("dcgan_digits")
    save_picture(tmp_path / "digit.png", to_uint8(model.generate(1, seed=3))[0])
    options = ("--find=ganspace", "--count=2", "--amounts=-3,0,3", "--steps=150", "--starts=4", "--save=edits.npz")
    process = keras_gans_forked("edit", "dcgan_digits", "digit.png", "--output=edits.png", *options, cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    decibels = float(process.stdout.split("PSNR of ")[1].split(" dB")[0])
    assert decibels > 20
    with np.load(tmp_path / "edits.npz") as found:
        assert found["vectors"].shape == (2, 100)
        latents = found["latents"]
    # Three rows of three: the picture and its projection; two directions, with the projection in the middle.
    drawn, digit = (_read(tmp_path / name) for name in ("edits.png", "digit.png"))
    size = (drawn.shape[0] - 2) // 3

    def tile(row, column):
        return drawn[2 + row * size : (row + 1) * size, 2 + column * size : (column + 1) * size]

    projected = to_uint8(model.generate_from(latents))[0, ..., 0]
    scale = tile(0, 1).shape[0] // 28
    np.testing.assert_array_equal(tile(0, 1)[::scale, ::scale], projected)
    np.testing.assert_array_equal(tile(0, 1), tile(1, 1))
    np.testing.assert_array_equal(tile(0, 1), tile(2, 1))
    assert (tile(1, 0) != tile(1, 1)).any()
    np.testing.assert_array_equal(tile(0, 0)[::scale, ::scale], digit)


def _read(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("L"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "one preset or run folder, and one picture if any; received nothing"),
        (("dcgan_digits", "--amounts=1"), "--amounts needs two numbers"),
        (("dcgan_digits", "--amounts=a,b"), "--amounts must be numbers"),
        (("dcgan_digits", "--output=there.png"), "there.png exists already: add --overwrite"),
        (("seqgan_coco",), "Editing needs latent vectors"),
    ],
)
def test_mistakes(arguments, message, tmp_path, keras_gans_forked):
    (tmp_path / "there.png").touch()
    process = keras_gans_forked("edit", *arguments, cwd=tmp_path)
    assert process.returncode == 2
    assert message in process.stderr
    assert len(process.stderr.strip().splitlines()) == 1
