"""The medium of clips: its shape and rate, files of samples, and what notebooks and pages show."""

import json

import numpy as np
import pytest
from PIL import Image

import keras_gans
from keras_gans import Declaration, declaration, video
from keras_gans.data import load_data
from keras_gans.media import Video, medium_from_config, medium_to_config
from tests.support.entries import build

SHAPE = (6, 8, 8, 1)


@pytest.fixture(scope="module")
def model():
    made = build("video_gan", num_classes=2, video_shape=SHAPE, fps=12.5)
    # Untrained, its frames are all of nearly the same grey.
    network = made.sampling_network()
    network.set_weights([4 * weights for weights in network.get_weights()])
    return made


def test_a_medium_keeps_shape_and_rate():
    medium = Video(SHAPE, 12.5)
    assert medium_from_config(json.loads(json.dumps(medium_to_config(medium)))) == medium
    assert medium.builder_arguments() == {"video_shape": SHAPE, "fps": 12.5}
    assert medium.describe_difference(Video(SHAPE, 8)) == "video of 8 frames per second, not 12.5"
    with pytest.raises(ValueError, match="frames, a height, a width"):
        Video((6, 8, 8), 8)
    with pytest.raises(ValueError, match="fps must be a number above 0"):
        Video(SHAPE, 0)


def test_film_strips_show_frames_side_by_side():
    clips = np.stack([np.full((6, 8, 8, 1), frame, "uint8") for frame in (10, 200)])
    clips[:, 3] = 77
    strips = Video(SHAPE, 8).tiles(clips)
    assert strips.shape == (2, 8, 48, 1)
    assert (strips[0, :, 24:32] == 77).all()
    assert (strips[0, :, :24] == 10).all()


def test_coarse_clips_are_means_of_blocks():
    clips = np.random.default_rng(0).uniform(-1, 1, (2, 16, 32, 48, 1)).astype("float32")
    coarse = Video((16, 32, 48, 1), 8).shrink(clips)
    assert coarse.shape == (2, 8, 16, 24, 1)
    np.testing.assert_allclose(coarse[1, 3, 5, 7], clips[1, 6:8, 10:12, 14:16].mean(), rtol=1e-5)


@pytest.mark.parametrize("name", ["all.webp", "all.gif", "all.apng"])
def test_animations_hold_all_clips_and_declare_their_origin(model, name, tmp_path):
    model.medium.writer(tmp_path / name).write(model, n=4, seed=0)
    found = video.read(tmp_path / name)
    assert (len(found.frames), found.fps) == (6, 12.5)
    # Two rows of two, each pixel seven times as large, with gaps of two pixels.
    assert found.frames.shape[1:3] == (2 * 56 + 6, 2 * 56 + 6)
    expected = model.medium.to_file(model.generate(4, seed=0, labels=[0, 1, 0, 1]))
    np.testing.assert_array_equal(found.frames[2, 2:58:7, 2:58:7, 0], expected[0, 2, ..., 0])
    declared = Declaration.from_xmp(declaration.extract((tmp_path / name).read_bytes()))
    assert declared.recipe["seed"] == 0


def test_folders_of_frames_are_data_again(model, tmp_path):
    model.medium.writer(f"{tmp_path}/clips/").write(model, n=4, seed=0)
    frame = tmp_path / "clips/1/000003/0005.png"
    declared = Declaration.from_xmp(declaration.extract(frame.read_bytes()))
    assert declared.recipe == {"seed": 0, "index": 3, "conditions": {"labels": 1}}
    data = load_data(f"video:{tmp_path}/clips", split="all", frames=6)
    assert (data.shape, data.medium.fps, data.labels.tolist()) == (SHAPE, 12.5, [0, 0, 1, 1])
    expected = model.medium.to_file(model.generate(4, seed=0, labels=[0, 1, 0, 1]))
    np.testing.assert_array_equal(data.source.read(np.arange(4))[0], expected[[0, 2, 1, 3]])


def test_arrays_and_strips(model, tmp_path):
    model.medium.writer(tmp_path / "clips.npz").write(model, n=3, seed=1)
    data = load_data(f"npz:{tmp_path}/clips.npz")
    assert (data.shape, data.medium, data.labels.tolist()) == (SHAPE, Video(SHAPE, 12.5), [0, 1, 0])
    model.medium.writer(tmp_path / "strips.png").write(model, n=3, seed=1)
    with Image.open(tmp_path / "strips.png") as picture:
        assert picture.size == (48, 24)


def test_a_preset_keeps_the_rate_and_shows_clips(model, tmp_path):
    keras_gans.save_preset(model, tmp_path / "preset")
    loaded = keras_gans.load_pretrained(tmp_path / "preset")
    assert loaded.medium == Video(SHAPE, 12.5)
    assert video.read(tmp_path / "preset/samples.webp").fps == 12.5
    assert (tmp_path / "preset/samples.png").is_file()
