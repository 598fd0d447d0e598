"""Ways from one sample to another, from the command line."""

import io

import numpy as np
import pytest
from PIL import Image, ImageSequence

import keras_gans
from keras_gans.declaration import Declaration, extract
from keras_gans.media.pictures import to_uint8


@pytest.mark.parametrize("suffix", [".webp", ".gif", ".apng"])
def test_an_animation_passes_through_the_samples_of_its_seeds(suffix, tmp_path, keras_gans_forked):
    options = ("--seeds=3,7", "--steps=5", "--fps=10", "--scale=2")
    process = keras_gans_forked("interpolate", "dcgan_digits", f"--output=way{suffix}", *options, cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    assert process.stdout == f"Wrote 6 samples from seed 3 to seed 7 to way{suffix}.\n"
    content = (tmp_path / f"way{suffix}").read_bytes()
    with Image.open(io.BytesIO(content)) as opened:
        frames = [np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(opened)]
    assert len(frames) == 6
    samples = to_uint8(keras_gans.load_pretrained("dcgan_digits").generate(seeds=[3, 7]))[..., 0]
    for frame, sample in zip((frames[0], frames[-1]), samples, strict=True):
        assert np.abs(frame[::2, ::2].astype(int) - sample).max() <= 1
    assert Declaration.from_xmp(extract(content)).model == "dcgan_digits"


def test_a_video(tmp_path, keras_gans_forked):
    pytest.importorskip("av")
    options = ("--output=way.mp4", "--seeds=3,7", "--steps=9", "--fps=10", "--truncation=0.5")
    process = keras_gans_forked("interpolate", "dcgan_digits", *options, cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    clip = keras_gans.video.read(tmp_path / "way.mp4")
    assert (clip.fps, len(clip.frames)) == (10, 10)
    sample = to_uint8(keras_gans.load_pretrained("dcgan_digits").generate(seeds=[3], truncation=0.5))[0]
    assert np.abs(clip.frames[0, 3::7, 3::7, :1].astype(int) - sample).mean() < 5  # H.264 rounds


def test_a_picture_has_a_row_for_each_pair_and_an_array_every_sample(tmp_path, keras_gans_forked):
    for output, *options in (("way.png", "--steps=3"), ("way.npy", "--steps=3"), ("bare.png", "--mark=none")):
        arguments = ("cgan_mnist", f"--output={output}", "--seeds=1,2,1", "--label=4", *options)
        process = keras_gans_forked("interpolate", *arguments, cwd=tmp_path)
        assert process.returncode == 0, process.stderr
    array = np.load(tmp_path / "way.npy")
    assert (array.shape, array.dtype) == ((7, 28, 28, 1), np.uint8)
    expected = to_uint8(keras_gans.load_pretrained("cgan_mnist").generate(seeds=[1, 2, 1], labels=4))
    assert np.abs(array[::3].astype(int) - expected).max() <= 1
    with Image.open(tmp_path / "way.png") as picture:
        drawn = np.asarray(picture.convert("L"))
    tiles = [[drawn[2 + 58 * row :, 2 + 58 * column :][:56:2, :56:2] for column in range(4)] for row in range(2)]
    np.testing.assert_array_equal(tiles, array[[[0, 1, 2, 3], [3, 4, 5, 6]], ..., 0])
    assert extract((tmp_path / "bare.png").read_bytes()) is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("dcgan_digits", "--output=way.txt"), "way.txt: write .webp, .gif"),
        (("dcgan_digits", "--output=there.webp"), "there.webp exists already: add --overwrite"),
        (("dcgan_digits", "--seeds=3,a"), "--seeds must be integers from 0, such as 3,7; received '3,a'"),
        (("dcgan_digits", "--seeds=3"), "two seeds or more"),
        (("cgan_mnist", "--label=12"), "12"),
        (("poems",), "poems makes sentences, of which there are no animations"),
        (("edsr_x2",), "Interpolation needs normally distributed latents"),
    ],
)
def test_mistakes(arguments, message, tmp_path, keras_gans_forked):
    (tmp_path / "there.webp").touch()
    process = keras_gans_forked("interpolate", *arguments, cwd=tmp_path)
    assert process.returncode == 2
    assert message in process.stderr
    assert len(process.stderr.strip().splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["there.webp"]
