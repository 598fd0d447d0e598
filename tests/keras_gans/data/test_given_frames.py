"""Clips whose first frames are given."""

import numpy as np
import pytest
from PIL import Image

import keras_gans
from keras_gans.data import load_data


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three film strips of 20 frames whose frame k has the grey level 10 k in its left half, and 0 in the right one."""
    root = tmp_path_factory.mktemp("strips")
    frames = np.zeros((20, 16, 16), "uint8")
    frames[:, :, :8] = 10 * np.arange(20, dtype="uint8")[:, None, None]
    for name in "abc":
        Image.fromarray(np.concatenate(list(frames), axis=1)).save(root / f"{name}.png")
    return root


def levels(clips):
    return clips.max(axis=(-3, -2, -1)).astype(int)


def test_samples_follow_the_frames_that_are_given(folder):
    data = load_data(f"video:{folder}", split="all", frames=5, given=3)
    assert data.shape == data.medium.sample_shape == (5, 16, 16, 1)
    assert data.conditions["frames"].shape == (len(data), 3, 16, 16, 1)
    assert "the first 3 frames of each are given, and the 5 that follow are the sample" in data.notes
    clips, found = data.source.read(np.arange(len(data)))
    before, _ = data.conditions["frames"].read(found)
    # Two windows of 8 fit into 20 frames: that in the middle of each half of the 13 places.
    assert levels(before).tolist() == [[30, 40, 50], [90, 100, 110]] * 3
    assert levels(clips).tolist() == [[60, 70, 80, 90, 100], [120, 130, 140, 150, 160]] * 3


def test_windows_are_drawn_by_seed_epoch_and_step_and_both_parts_are_of_one(folder):
    data = load_data(f"video:{folder}", split="all", frames=3, given=2, stride=2, flip=True)

    def drawn(seed, epoch):
        batches = data.batches(4, seed, conditions=("frames",))
        clips, told = batches.load(batches.order(epoch)[0], (epoch, 0, 0))
        return clips, told["frames"]

    clips, before = drawn(0, 1)
    whole = levels(np.concatenate([before, clips], axis=1))
    assert (np.diff(whole) == 20).all()
    # Mirrored together.
    mirrored = clips[:, 0, 0, -1, 0] > 0
    assert mirrored.any()
    np.testing.assert_array_equal(before[:, -1, 0, -1, 0] > 0, mirrored)
    np.testing.assert_array_equal(drawn(0, 1)[0], clips)
    assert any((drawn(seed, 1)[0] != clips).any() for seed in range(1, 4))


def test_moving_digits_and_arrays_give_frames_too(tmp_path):
    clips = np.random.default_rng(0).integers(0, 256, (4, 6, 8, 8, 1), "uint8")
    np.savez(tmp_path / "clips.npz", x=clips, fps=12)
    data = load_data(f"npz:{tmp_path}/clips.npz", given=1)
    np.testing.assert_array_equal(data.source.read(np.arange(4))[0], clips[:, 1:])
    np.testing.assert_array_equal(data.conditions["frames"].read(np.arange(4))[0], clips[:, :1])
    assert data.medium.fps == 12
    assert "the first frame of each is given" in data.notes[-1]
    for given, words in ((5, "given=5 leaves 1 of the 6 frames of a clip"), (0, "given must be an integer of at least 1")):
        with pytest.raises(ValueError, match=words):
            load_data(f"npz:{tmp_path}/clips.npz", given=given)
    np.savez(tmp_path / "images.npz", x=clips[:, 0])
    with pytest.raises(ValueError, match="holds no clips, of which given=2"):
        load_data(f"npz:{tmp_path}/images.npz", given=2)


def test_moving_digits_give_frames(tfds_data_dir):
    whole = load_data("moving_digits", split="test[:8]", frames=7)
    data = load_data("moving_digits", split="test[:8]", frames=5, given=2)
    clips = whole.source.read(np.arange(8))[0]
    np.testing.assert_array_equal(data.source.read(np.arange(8))[0], clips[:, 2:])
    np.testing.assert_array_equal(data.conditions["frames"].read(np.arange(8))[0], clips[:, :2])
    assert data.labelled


def test_what_has_no_frames_to_give_is_refused(folder):
    with pytest.raises(ValueError, match="takes no option 'given': only moving_digits, npz:PATH, video:PATH take it"):
        load_data("digits", given=2)
    with pytest.raises(ValueError, match="no clip of the 21 frames that a sample spans"):
        load_data(f"video:{folder}", split="all", frames=17, given=4)
    data = load_data(f"video:{folder}", split="all", frames=4)
    model = keras_gans.create_model("video_prediction", video_shape=(4, 16, 16, 1), given=2, width=4, discriminator_width=4)
    with pytest.raises(ValueError, match=r"no condition 'frames', which this model needs.*given=4"):
        model.fit(data, batch_size=2)
