"""Errors inside holes."""

import numpy as np
import pytest

from keras_gans.metrics import hole_l1, hole_psnr

RNG = np.random.default_rng(0)


def test_numbers_known_beforehand():
    targets = np.full((3, 8, 8, 3), 100, "uint8")
    masks = np.zeros((3, 8, 8, 1), "uint8")
    masks[:, 2:4, 2:4] = 255
    outputs = targets.copy()
    outputs[0, 2:4, 2:4] = 151  # a fifth of the range
    outputs[1, 2, 2:4] = 49  # the same for one half of the hole
    outputs[2, 2:4, 2:4, 0] = 100
    outputs[:, 0] = 255  # outside, where nothing counts
    np.testing.assert_allclose(hole_l1(outputs, targets, masks), [0.2, 0.1, 0.0])
    np.testing.assert_allclose(hole_psnr(outputs, targets, masks), [-20 * np.log10(0.2), -10 * np.log10(0.02), np.inf])


def test_they_are_those_of_the_pixels_in_the_hole():
    from skimage.metrics import peak_signal_noise_ratio

    outputs, targets = RNG.integers(0, 256, (2, 5, 9, 7, 3), "uint8")
    masks = RNG.integers(0, 2, (5, 9, 7, 1), "uint8") * 255
    ours = hole_l1(outputs, targets, masks), hole_psnr(outputs, targets, masks)
    for number, mask in enumerate(masks[..., 0] > 0):
        one, two = outputs[number][mask], targets[number][mask]
        assert ours[0][number] == pytest.approx(np.abs(one / 255 - two / 255).mean())
        assert ours[1][number] == pytest.approx(peak_signal_noise_ratio(two, one, data_range=255))


def test_masks_that_cannot_be_used():
    images = np.zeros((2, 8, 8, 3), "uint8")
    with pytest.raises(ValueError, match=r"masks must be uint8 of shape \(2, 8, 8, 1\); received bool"):
        hole_l1(images, images, np.ones((2, 8, 8, 1), bool))
    with pytest.raises(ValueError, match="received uint8 of shape"):
        hole_l1(images, images, np.full((2, 8, 9, 1), 255, "uint8"))
    with pytest.raises(ValueError, match="no white pixel"):
        hole_psnr(images, images, np.zeros((2, 8, 8, 1), "uint8"))
    with pytest.raises(ValueError, match="Each output needs one target"):
        hole_l1(images, images[:1], np.full((2, 8, 8, 1), 255, "uint8"))
