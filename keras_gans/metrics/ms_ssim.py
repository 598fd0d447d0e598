"""Multi-scale structural similarity of images: how alike the samples of a generator are."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.errors import check_count
from keras_gans.metrics.image_checks import as_images, check_alike
from keras_gans.metrics.structure import planes, structural_similarity

_WEIGHTS = np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])
_SMALLEST = 8
_PIXELS = 2**18  # of either images at a time, few enough for the cache


def ms_ssim(images: ArrayLike, pairs: int = 10_000, seed: int = 0) -> float:
    """Return the mean multi-scale structural similarity of random pairs of images: lower means more diverse.

    1 means that all images are equal. It says nothing about quality (noise is diverse), and each data set has a value of its
    own: compare with that of as many real images of the same classes. See `ms_ssim_of_pairs` for how pairs are scored.

    Args:
        images: uint8 of shape `(n, height, width, 1, 3 or 4)`, at least 2, and at least 8 pixels high and wide.
        pairs: Number of pairs of different images, drawn with replacement. If there are fewer pairs, each is taken once.
        seed: Seed of the pairs; an integer of at least 0.

    Raises:
        ValueError: If the images are not uint8, fewer than two, or too small, or another argument is out of range.

    Reference: Odena et al. 2017, "Conditional Image Synthesis with Auxiliary Classifier GANs", section 4.2 (100 pairs a
    class); Karras et al. 2018, "Progressive Growing of GANs", section 6.
    """
    images = as_images(images, "images", smallest=_SMALLEST, least=2)
    pairs, seed = check_count("pairs", pairs), check_count("seed", seed, least=0)
    n = len(images)
    if pairs >= n * (n - 1) // 2:
        first, second = np.triu_indices(n, 1)
    else:
        rng = np.random.default_rng(seed)
        first = rng.integers(n, size=pairs)
        second = (first + rng.integers(1, n, size=pairs)) % n
    return float(_score(images, images, first, second).mean())


def ms_ssim_of_pairs(first: ArrayLike, second: ArrayLike) -> np.ndarray:
    """Return the multi-scale structural similarity of each image with its partner: 1 for equal images, never below 0.

    Each scale is half the one before, by the mean of 2x2 pixels; an odd side repeats its last row or column. There are five,
    or as many as have sides of at least 8: five from 113 pixels (the smaller side decides), four from 57, three from 29, two
    from 15. With fewer than five the weights of those left are divided by their sum: such numbers compare with those of the
    same size only. The Gaussian window has 11x11 pixels and a standard deviation of 1.5, stays inside the image, and shrinks
    as a whole where a side is below 11. The contrast of each scale and the structural similarity of the last are averaged
    over pixels and channels, and negative ones count as 0, which makes the product 0.

    Args:
        first: uint8 images of shape `(n, height, width, 1, 3 or 4)`, at least 8 pixels high and wide.
        second: As many images of the same shape.

    Returns:
        float64 array of shape `(n,)`.

    Raises:
        ValueError: If the images are not uint8, none, too small, or differ in size or number.

    Reference: Wang et al. 2003, "Multi-scale Structural Similarity for Image Quality Assessment", section 3; the shrinking
    window and the mean over channels are those of the code of Karras et al. 2018 (`metrics/ms_ssim.py`), which this equals
    where the scales are five and every side can be halved.
    """
    first = as_images(first, "first", smallest=_SMALLEST)
    second = as_images(second, "second", smallest=_SMALLEST)
    check_alike(first, second, ("first", "second"))
    if len(first) != len(second):
        raise ValueError(f"Each image needs one partner; received {len(first)} first and {len(second)} second images.")
    everything = np.arange(len(first))
    return _score(first, second, everything, everything)


def _score(images: np.ndarray, partners: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the score of each pair of an image and a partner, given by their positions."""
    scores = np.empty(len(first))
    step = max(1, _PIXELS // images[0].size)
    for start in range(0, len(first), step):
        block = slice(start, start + step)
        scores[block] = _multi_scale(planes(images[first[block]]), planes(partners[second[block]]))
    return scores


def _multi_scale(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    weights = _weights(min(first.shape[-2:]))
    product = np.ones(len(first))
    for weight in weights[:-1]:
        product = product * np.maximum(structural_similarity(first, second)[1], 0) ** weight
        first, second = _halve(first), _halve(second)
    return product * np.maximum(structural_similarity(first, second)[0], 0) ** weights[-1]


def _weights(side: int) -> np.ndarray:
    """Return the weight of each scale, finest first."""
    count = 1
    while count < len(_WEIGHTS) and (side := (side + 1) // 2) >= _SMALLEST:
        count += 1
    # The five do not add up to exactly 1, but are used as they are published.
    return _WEIGHTS if count == len(_WEIGHTS) else _WEIGHTS[:count] / _WEIGHTS[:count].sum()


def _halve(planes: np.ndarray) -> np.ndarray:
    """Return planes of half the size, by the mean of 2x2 pixels."""
    height, width = planes.shape[-2:]
    planes = np.pad(planes, ((0, 0), (0, 0), (0, height % 2), (0, width % 2)), mode="edge")
    return (planes[..., ::2, ::2] + planes[..., 1::2, ::2] + planes[..., ::2, 1::2] + planes[..., 1::2, 1::2]) / 4
