"""The frames before a clip as a condition."""

import numpy as np
import pytest
from keras import ops

from keras_gans.conditions import Frames, from_config, to_config


def test_frames_become_floats_for_networks():
    told = Frames((2, 4, 6, 1))
    frames = np.random.default_rng(0).integers(0, 256, (3, 2, 4, 6, 1), "uint8")
    expected = frames.astype("float32") / 127.5 - 1.0
    np.testing.assert_allclose(told.check(frames), expected, atol=1e-6)
    np.testing.assert_allclose(told.check(frames[0]), expected[:1], atol=1e-6)
    np.testing.assert_allclose(told.check(expected), expected)
    np.testing.assert_allclose(ops.convert_to_numpy(told.to_network(ops.convert_to_tensor(frames))), expected, atol=1e-6)
    np.testing.assert_allclose(told.check_for(4, frames[0]), np.repeat(expected[:1], 4, axis=0), atol=1e-6)


def test_a_single_given_frame_is_a_picture():
    told = Frames((1, 4, 6, 3))
    pictures = np.zeros((5, 4, 6, 3), "uint8")
    assert told.check(pictures).shape == (5, 1, 4, 6, 3)
    assert told.check(pictures[0]).shape == (1, 1, 4, 6, 3)
    assert told.check(pictures[:, None]).shape == (5, 1, 4, 6, 3)
    assert told.taken == "1 frame of 4x6x3 before a clip"


def test_examples_move_and_the_last_frame_is_drawn():
    told = Frames((3, 16, 16, 3))
    examples = told.examples(4)
    assert examples.shape == (4, 3, 16, 16, 3)
    np.testing.assert_array_equal(examples[:, 2, :, 2:], examples[:, 0, :, :-2])
    assert np.abs(examples[:, 1] - examples[:, 0]).mean() > 0.01
    np.testing.assert_array_equal(told.tiles(examples), np.rint((examples[:, -1] + 1) * 127.5).astype("uint8"))
    assert Frames((3, 16, 16, 2)).tiles(examples[..., :2]) is None


def test_it_is_kept_in_configs():
    told = {"frames": Frames((2, 4, 6, 1))}
    assert to_config(told) == {"frames": {"kind": "frames", "shape": [2, 4, 6, 1]}}
    assert from_config(to_config(told)) == told


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.zeros((3, 3, 4, 6, 1), "uint8"), "takes 2 frames of 4x6x1 before a clip; received uint8 of shape"),
        (np.zeros((3, 4, 6, 1), "uint8"), "takes 2 frames of 4x6x1 before a clip"),
        (np.zeros((3, 2, 4, 6, 1), "int32"), "Frames must be uint8"),
        (np.full((3, 2, 4, 6, 1), 2.0), r"Frames in floating point must lie in \[-1, 1\]; these reach 2"),
        (np.full((3, 2, 4, 6, 1), np.nan), "NaN"),
    ],
    ids=str,
)
def test_other_values_are_refused(values, words):
    with pytest.raises(ValueError, match=words):
        Frames((2, 4, 6, 1)).check(values)


@pytest.mark.parametrize("shape", [(4, 6, 1), (2, 4, None, 1), (0, 4, 6, 1)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"given frames"):
        Frames(shape)
