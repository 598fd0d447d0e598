"""What is special to the entries of clips."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_gans
from keras_gans.adversarial.noise import Noise
from keras_gans.augmentation import DiffAugment
from keras_gans.layers import MergeFrames, RandomFrames, RepeatFrames, SplitFrames
from tests.support.checks import check_entry_trains
from tests.support.entries import build


@pytest.mark.parametrize("name", ["video_gan", "mocogan", "video_prediction"])
def test_parameters_are_those_of_the_listing(name):
    model = keras_gans.create_model(name)
    variables = [*model.generator.trainable_variables, *model.discriminator.trainable_variables]
    assert sum(int(np.prod(variable.shape)) for variable in variables) == keras_gans.registry.get_entry(name).parameters


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_clips_without_classes_and_of_odd_lengths_are_learnt():
    check_entry_trains("video_gan", video_shape=(7, 8, 12, 3), augment="diff_augment")


@pytest.mark.parametrize("name", ["video_gan", "mocogan"])
def test_frames_of_a_clip_are_alike_in_content_and_differ_in_motion(name):
    model = build(name, video_shape=(8, 8, 8, 1))
    clips = model.generate(16, seed=0)
    within = np.abs(np.diff(clips, axis=1)).mean()
    between = np.abs(clips - np.roll(clips, 1, axis=0)).mean()
    assert 0 < within < between


def test_longer_clips_of_mocogan_begin_like_shorter_ones():
    model = build("mocogan", num_classes=2, ema=0.9, video_shape=(4, 8, 8, 1))
    longer = model.with_frames(9)
    assert longer.medium.sample_shape == (9, 8, 8, 1)
    short, long = (each.generate(seeds=[3, 4], labels=[0, 1]) for each in (model, longer))
    np.testing.assert_allclose(long[:, :4], short, atol=1e-6)
    assert np.abs(np.diff(long[:, 4:], axis=1)).max() > 0
    with pytest.raises(ValueError, match="frames must be an integer of at least 4"):
        model.with_frames(3)


def test_layers_of_frames_undo_each_other():
    clips = np.random.default_rng(0).random((3, 5, 4, 4, 2)).astype("float32")
    merged = MergeFrames()(clips)
    assert merged.shape == (15, 4, 4, 2)
    np.testing.assert_array_equal(ops.convert_to_numpy(SplitFrames(5)(merged)), clips)
    labels = RepeatFrames(5)(np.array([7, 8, 9]))
    assert ops.convert_to_numpy(labels).tolist() == [7] * 5 + [8] * 5 + [9] * 5


def test_random_frames_are_in_order_and_one_from_each_part():
    clips = np.broadcast_to(np.arange(12, dtype="float32")[None, :, None], (200, 12, 1))
    layer = RandomFrames(3, seed=0)
    drawn = ops.convert_to_numpy(layer(clips, training=True))[..., 0]
    assert ((drawn // 4) == np.arange(3)).all()
    assert len(np.unique(drawn)) == 12
    np.testing.assert_array_equal(ops.convert_to_numpy(layer(clips))[0, :, 0], [2, 6, 10])
    with pytest.raises(ValueError, match="takes 3 of the frames"):
        RandomFrames(3)(clips[:, :2])


@pytest.mark.parametrize("policy", [["color"], ["translation"], ["cutout"], ["color", "translation", "cutout"]])
def test_all_frames_of_a_clip_are_augmented_alike(policy):
    frame = np.random.default_rng(0).uniform(-1, 1, (6, 1, 16, 16, 3)).astype("float32")
    clips = ops.convert_to_tensor(frame.repeat(4, axis=1))
    noise = Noise(keras.random.SeedGenerator(0))
    changed = ops.convert_to_numpy(DiffAugment(policy).augment(clips, noise, ops.convert_to_tensor(0)))
    np.testing.assert_allclose(changed, changed[:, :1].repeat(4, axis=1), atol=1e-5)
    images = ops.convert_to_numpy(DiffAugment(policy).augment(clips[:, 0], Noise(keras.random.SeedGenerator(0)), 0))
    np.testing.assert_allclose(changed[:, 0], images, atol=1e-5)
