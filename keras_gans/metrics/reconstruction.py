"""How near images are to what they should be, pixel by pixel: PSNR, SSIM and HaarPSI."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.errors import check_count
from keras_gans.metrics.image_checks import check_pairs
from keras_gans.metrics.structure import WINDOW, planes, structural_similarity

_PIXELS = 2**18  # of either images at a time, few enough for the cache

# Y of ITU-R BT.601 in studio range (16 to 235), for R, G and B from 0 to 255.
_LUMA, _BLACK = np.array([65.481, 128.553, 24.966]) / 255, 16.0
# Y, I and Q.
_YIQ = np.array([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])

# Of HaarPSI: constants C and alpha, and the number of scales.
_C, _ALPHA, _SCALES = 30.0, 4.2, 3


def psnr(outputs: ArrayLike, targets: ArrayLike, luma: bool = False, border: int = 0) -> np.ndarray:
    """Return the peak signal-to-noise ratio of each image with its target, in decibels: higher is better.

    It is `10 log10(255^2 / MSE)`, infinite for equal images. Report the mean over images, as papers do, and say which colours
    and borders count: papers on super-resolution use `luma=True` and a border of as many pixels as the scale.

    Args:
        outputs: uint8 images of shape `(n, height, width, 1, 3 or 4)`.
        targets: As many images of the same shape.
        luma: Whether to compare the luma of colour images (Y of ITU-R BT.601, 16 to 235, not rounded) instead of R, G and B.
        border: Pixels to leave out at each edge.

    Returns:
        float64 array of shape `(n,)`.

    Raises:
        ValueError: If the images are not uint8, none, or differ in size or number, or the border leaves nothing.
    """

    def score(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        error = ((first - second) ** 2).reshape(len(first), -1).mean(axis=1)
        with np.errstate(divide="ignore"):
            return 10 * np.log10(255**2 / error)

    return _of_pairs(outputs, targets, luma, border, 1, score)


def ssim(outputs: ArrayLike, targets: ArrayLike, luma: bool = False, border: int = 0) -> np.ndarray:
    """Return the structural similarity of each image with its target: 1 for equal images.

    The Gaussian window has 11x11 pixels and a standard deviation of 1.5, and stays inside the image; variances are those of
    the population, and the result is the mean over pixels and channels. That is
    `skimage.metrics.structural_similarity(gaussian_weights=True, use_sample_covariance=False, data_range=255)`.

    Args:
        outputs: uint8 images of shape `(n, height, width, 1, 3 or 4)`, at least 11 pixels high and wide without the border.
        targets: As many images of the same shape.
        luma: As in `psnr`.
        border: As in `psnr`.

    Returns:
        float64 array of shape `(n,)`.

    Raises:
        ValueError: If the images are not uint8, none, too small, or differ in size or number.

    Reference: Wang et al. 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity", section III.
    """
    return _of_pairs(outputs, targets, luma, border, WINDOW, lambda first, second: structural_similarity(first, second)[0])


def haarpsi(outputs: ArrayLike, targets: ArrayLike) -> np.ndarray:
    """Return the Haar wavelet-based perceptual similarity of each image with its target, from 0 to 1 for equal images.

    Among the indices that need no network, it agrees best with human judgement. Colour images are compared in luma and two
    colour differences.

    Args:
        outputs: uint8 images of shape `(n, height, width, 1, 3 or 4)`, at least 16 pixels high and wide.
        targets: As many images of the same shape.

    Returns:
        float64 array of shape `(n,)`.

    Raises:
        ValueError: If the images are not uint8, none, too small, or differ in size or number.

    Reference: Reisenhofer et al. 2018, "A Haar Wavelet-Based Perceptual Similarity Index for Image Quality Assessment",
    equations 9 to 14.
    """
    return _of_pairs(outputs, targets, False, 0, 2 * 2**_SCALES, _haarpsi)


def _of_pairs(
    outputs: ArrayLike,
    targets: ArrayLike,
    luma: bool,
    border: int,
    smallest: int,
    score: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> np.ndarray:
    """Return a score of each pair. `score` gets float64 arrays of shape `(n, channels, height, width)`, some at a time."""
    border = check_count("border", border, least=0)
    smallest += 2 * border
    first, second = check_pairs(outputs, targets, smallest)
    scores = np.empty(len(first))
    step = max(1, _PIXELS // first[0].size)
    for start in range(0, len(first), step):
        parts = [planes(_inner(images[start : start + step], border)) for images in (first, second)]
        if luma and parts[0].shape[1] == 3:
            parts = [np.tensordot(part, _LUMA, (1, 0))[:, None] + _BLACK for part in parts]
        scores[start : start + step] = score(*parts)
    return scores


def _inner(images: np.ndarray, border: int) -> np.ndarray:
    return images[:, border : images.shape[1] - border, border : images.shape[2] - border]


def _haarpsi(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    pairs = [_to_yiq(_mean_of_four(images)[..., ::2, ::2]) for images in (first, second)]
    lumas, colours = zip(*[(images[:, 0], images[:, 1:]) for images in pairs], strict=True)
    similarities, weights = [], []
    for axis in (1, 2):
        one, two = ([np.abs(_haar(luma, scale, axis)) for scale in range(1, _SCALES + 1)] for luma in lumas)
        similarities.append((_alike(one[0], two[0]) + _alike(one[1], two[1])) / 2)
        weights.append(np.maximum(one[2], two[2]))
    if colours[0].shape[1]:
        similarities.append(_alike(*(np.abs(_mean_of_four(colour)) for colour in colours)).mean(axis=1))
        weights.append((weights[0] + weights[1]) / 2)
    total = sum(weight.sum(axis=(1, 2)) for weight in weights)
    certain = sum(
        (weight / (1 + np.exp(-_ALPHA * similarity))).sum(axis=(1, 2))
        for similarity, weight in zip(similarities, weights, strict=True)
    )
    # Flat images have no coefficients, hence no weights, and are equal in all that is compared.
    share = np.divide(certain, total, out=np.full(len(first), 1 / (1 + np.exp(-_ALPHA))), where=total > 0)
    return (np.log(share / (1 - share)) / _ALPHA) ** 2


def _to_yiq(images: np.ndarray) -> np.ndarray:
    return images if images.shape[1] == 1 else np.einsum("ij,njhw->nihw", _YIQ, images)


def _alike(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return (2 * first * second + _C) / (first**2 + second**2 + _C)


def _mean_of_four(images: np.ndarray) -> np.ndarray:
    """Return the mean of each pixel with its right, lower and lower right neighbours, which are 0 outside the image."""
    padded = np.pad(images, ((0, 0), (0, 0), (0, 1), (0, 1)))
    return (padded[..., :-1, :-1] + padded[..., 1:, :-1] + padded[..., :-1, 1:] + padded[..., 1:, 1:]) / 4


def _haar(images: np.ndarray, scale: int, axis: int) -> np.ndarray:
    """Return the coefficients of the Haar wavelet along an axis, of as many pixels as the image has, which is 0 outside.

    The window of `2^scale` pixels reaches from `2^(scale - 1) - 1` before a pixel to `2^(scale - 1)` behind it.
    """
    size = 2**scale
    before, behind = size // 2 - 1, size // 2
    for each in (1, 2):
        padding = [(0, 0)] * 3
        padding[each] = (before + 1, behind)
        sums = np.cumsum(np.pad(images, padding), axis=each)
        middle = np.take(sums, range(size // 2, sums.shape[each] - size // 2), axis=each)
        first = np.take(sums, range(sums.shape[each] - size), axis=each)
        last = np.take(sums, range(size, sums.shape[each]), axis=each)
        images = last - 2 * middle + first if each == axis else last - first
    return images / 2**scale
