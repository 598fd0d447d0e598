"""Pictures of what a model makes of images."""

import numpy as np

from keras_gans.media.strips import strips


def test_inputs_outputs_and_targets_stand_side_by_side():
    inputs = np.full((4, 30, 40, 1), 10, "uint8")
    outputs = np.full((4, 60, 80, 3), 1.0, "float32")
    targets = np.zeros((4, 60, 80, 3), "uint8")
    picture = strips([inputs, outputs, targets])
    # One strip a row, of three images with two white pixels around each.
    assert picture.shape == (4 * 62 + 2, 3 * 82 + 2, 3)
    middles = picture[32::62, 42::82]
    np.testing.assert_array_equal(middles, np.broadcast_to([[[10], [255], [0]]], (4, 3, 3)))


def test_small_ones_are_enlarged_and_many_fill_a_square():
    inputs = np.arange(27, dtype="uint8")[:, None, None, None] * np.ones((1, 4, 4, 1), "uint8")
    picture = strips([inputs, 255 - inputs])
    # 4 strips a row, in which each pixel is a square of 14.
    assert picture.shape == (7 * 58 + 2, 8 * 58 + 2, 1)
    np.testing.assert_array_equal(picture[30, 30::58, 0], [0, 255, 1, 254, 2, 253, 3, 252])
