import itertools
import math
import sys

import numpy as np
import pytest
from scipy import ndimage, signal

from keras_gans.metrics.ms_ssim import ms_ssim, ms_ssim_of_pairs

WEIGHTS = np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])


def pictures(n, *shape, seed=0, blur=2.0):
    images = np.random.default_rng(seed).normal(size=(n, *shape))
    images = ndimage.gaussian_filter(images, (0, blur, blur, 0))
    return np.clip(128 + 60 * images / images.std(), 0, 255).astype("uint8")


def disturbed(images, strength, seed=1):
    noise = np.random.default_rng(seed).normal(0, 1, images.shape) * np.reshape(strength, (-1, 1, 1, 1))
    return np.clip(images + noise, 0, 255).astype("uint8")


def reference(first, second):
    """One pair, `(height, width, channels)`, through SciPy's two-dimensional convolution."""
    first, second = first.astype("float64"), second.astype("float64")
    scales = next(count for count in range(5, 0, -1) if -(-min(first.shape[:2]) // 2 ** (count - 1)) >= 8 or count == 1)
    weights = WEIGHTS if scales == 5 else WEIGHTS[:scales] / WEIGHTS[:scales].sum()
    result = 1
    for scale, weight in enumerate(weights):
        size = min(11, *first.shape[:2])
        line = signal.windows.gaussian(size, 1.5 * size / 11)
        window = np.outer(line, line) / np.outer(line, line).sum()

        def local(values, window=window):
            return np.stack([signal.convolve2d(plane, window, "valid") for plane in np.moveaxis(values, -1, 0)])

        one, two = local(first), local(second)
        spread = local(first**2) + local(second**2) - one**2 - two**2
        contrast = (2 * (local(first * second) - one * two) + 58.5225) / (spread + 58.5225)
        if scale == scales - 1:
            contrast = contrast * (2 * one * two + 6.5025) / (one**2 + two**2 + 6.5025)
        result *= max(contrast.mean(), 0) ** weight
        # The mean of a pixel and its right and lower neighbours, the last row and column being repeated.
        kernel = np.full((2, 2, 1), 0.25)
        first, second = (ndimage.convolve(values, kernel, mode="reflect")[::2, ::2] for values in (first, second))
    return result


@pytest.mark.parametrize(
    ("shape", "scales"),
    [((176, 192, 1), 5), ((181, 203, 1), 5), ((96, 100, 1), 4), ((45, 51, 1), 3), ((28, 28, 1), 2), ((11, 14, 1), 1)],
    ids=str,
)
def test_grey_images_score_as_in_tensorflow(shape, scales):
    tf = pytest.importorskip("tensorflow")
    first = pictures(6, *shape)
    # From nearly equal pairs to unrelated ones.
    second = np.concatenate([disturbed(first[:4], [2, 10, 40, 90]), pictures(2, *shape, seed=9)])
    weights = WEIGHTS if scales == 5 else WEIGHTS[:scales] / WEIGHTS[:scales].sum()
    expected = tf.image.ssim_multiscale(first, second, max_val=255, power_factors=weights.tolist()).numpy()
    assert expected[:4].min() > 0.01  # so that most of them say something
    np.testing.assert_allclose(ms_ssim_of_pairs(first, second), expected, rtol=2e-4, atol=1e-6)


@pytest.mark.parametrize(
    "shape", [(8, 8, 1), (8, 30, 3), (14, 15, 1), (15, 15, 3), (28, 28, 3), (29, 40, 1), (64, 57, 3), (128, 113, 3)], ids=str
)
def test_scores_are_those_of_the_definition_at_every_size(shape):
    first = pictures(5, *shape)
    second = np.concatenate([disturbed(first[:4], [2, 10, 40, 90]), pictures(1, *shape, seed=9)])
    expected = [reference(*pair) for pair in zip(first, second, strict=True)]
    np.testing.assert_allclose(ms_ssim_of_pairs(first, second), expected, rtol=1e-9)
    assert len(set(np.round(expected, 3))) >= 4


def test_one_scale_is_structural_similarity_window_by_window():
    first = pictures(1, 13, 12, 3)
    second = disturbed(first, 30)
    line = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    window = np.outer(line, line) / np.outer(line, line).sum()
    scores = []
    for top, left, channel in itertools.product(range(3), range(2), range(3)):
        one, two = (images[0, top : top + 11, left : left + 11, channel].astype("float64") for images in (first, second))
        mean_one, mean_two = (window * one).sum(), (window * two).sum()
        covariance = (window * (one - mean_one) * (two - mean_two)).sum()
        variances = (window * (one - mean_one) ** 2).sum() + (window * (two - mean_two) ** 2).sum()
        scores.append(
            (2 * mean_one * mean_two + 2.55**2) / (mean_one**2 + mean_two**2 + 2.55**2)
            * (2 * covariance + 7.65**2) / (variances + 7.65**2)
        )  # fmt: skip
    assert ms_ssim_of_pairs(first, second) == pytest.approx([np.mean(scores)], rel=1e-9)


@pytest.mark.parametrize("shape", [(28, 28, 1), (33, 45, 3)], ids=str)
def test_equal_images_score_one_and_order_does_not_matter(shape):
    first, second = pictures(4, *shape), pictures(4, *shape, seed=1)
    np.testing.assert_allclose(ms_ssim_of_pairs(first, first), 1, rtol=1e-12)
    assert ms_ssim_of_pairs(np.zeros_like(first), np.zeros_like(first)) == pytest.approx(np.ones(4))
    np.testing.assert_allclose(ms_ssim_of_pairs(first, second), ms_ssim_of_pairs(second, first), rtol=1e-12)


def test_opposite_images_score_zero_and_not_nan():
    images = pictures(3, 28, 28, 1)
    np.testing.assert_array_equal(ms_ssim_of_pairs(images, 255 - images), 0)


@pytest.mark.parametrize("shape", [(28, 28, 1), (21, 16, 3)], ids=str)
def test_a_pair_scores_the_same_in_any_company(shape, monkeypatch):
    first, second = pictures(16, *shape), pictures(16, *shape, seed=1)
    together = ms_ssim_of_pairs(first, second)
    alone = [ms_ssim_of_pairs(first[i : i + 1], second[i : i + 1])[0] for i in range(16)]
    np.testing.assert_array_equal(together, alone)
    monkeypatch.setattr(sys.modules[ms_ssim.__module__], "_PIXELS", 5 * first[0].size)
    np.testing.assert_array_equal(together, ms_ssim_of_pairs(first, second))


def test_few_images_are_all_paired():
    images = pictures(6, 16, 16, 1)
    first, second = np.array(list(itertools.combinations(range(6), 2))).T
    expected = ms_ssim_of_pairs(images[first], images[second]).mean()
    assert ms_ssim(images) == pytest.approx(expected, rel=1e-12)
    assert ms_ssim(images, pairs=15, seed=5) == pytest.approx(expected, rel=1e-12)


def test_random_pairs_have_the_mean_of_all():
    images = np.concatenate([pictures(20, 16, 16, 1), np.repeat(pictures(1, 16, 16, 1, seed=7), 20, axis=0)])
    first, second = np.array(list(itertools.combinations(range(40), 2))).T
    scores = ms_ssim_of_pairs(images[first], images[second])
    means = [ms_ssim(images, pairs=400, seed=seed) for seed in range(10)]
    assert np.mean(means) == pytest.approx(scores.mean(), abs=4 * scores.std() / np.sqrt(4000))
    assert np.std(means, ddof=1) < 2.5 * scores.std() / np.sqrt(400)
    assert means[3] == ms_ssim(images, pairs=400, seed=3)
    assert len(set(means)) == 10


def test_no_image_is_paired_with_itself():
    images = np.stack([np.full((8, 8, 1), value, "uint8") for value in (0, 100, 255)])
    # Three pairs there are, none of them alike; an image and itself would score 1.
    assert max(ms_ssim(images, pairs=2, seed=seed) for seed in range(50)) < 0.7


@pytest.mark.parametrize("copies", [2, 4, 8])
def test_repeated_images_raise_it_by_how_often_they_meet(copies):
    images = pictures(5, 16, 16, 1)
    alone = ms_ssim(images)
    met = 5 * math.comb(copies, 2) / math.comb(5 * copies, 2)
    assert ms_ssim(np.repeat(images, copies, axis=0)) == pytest.approx(alone * (1 - met) + met)
    assert alone < 0.5


def test_images_mapped_from_a_file(tmp_path):
    images = pictures(9, 16, 16, 3)
    np.save(tmp_path / "images.npy", images)
    assert ms_ssim(np.load(tmp_path / "images.npy", mmap_mode="r")) == ms_ssim(images)


GOOD = pictures(4, 16, 16, 3)


@pytest.mark.parametrize(
    ("images", "arguments", "message"),
    [
        (GOOD[:0], {}, "at least 2 image.*received 0"),
        (GOOD[:1], {}, "at least 2 image.*received 1"),
        (GOOD[0], {}, r"\(16, 16, 3\)"),
        (GOOD[:, :7], {}, "at least 8 pixels.*7x16"),
        (GOOD / 127.5 - 1, {}, "uint8 images; received float64.*to_uint8"),
        (np.full(GOOD.shape, np.nan), {}, "uint8"),
        (GOOD, {"pairs": 0}, "pairs.*received 0"),
        (GOOD, {"seed": 1.5}, "seed.*received 1.5"),
    ],
)
def test_bad_images_are_refused(images, arguments, message):
    with pytest.raises(ValueError, match=message):
        ms_ssim(images, **arguments)


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (GOOD[:0], "at least 1 image.*received 0"),
        (GOOD[:3], "4 first and 3 second"),
        (GOOD[..., :1], "16x16x3.*16x16x1"),
        (GOOD[:, :15], "16x16x3.*15x16x3"),
        (GOOD.astype("float32"), "second must be uint8"),
    ],
)
def test_bad_pairs_are_refused(second, message):
    with pytest.raises(ValueError, match=message):
        ms_ssim_of_pairs(GOOD, second)
