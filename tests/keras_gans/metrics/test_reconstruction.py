"""PSNR and SSIM against scikit-image, HaarPSI against values of piq."""

import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from keras_gans.metrics import haarpsi, psnr, ssim
from tests.conftest import ROOT

PHOTOGRAPHS = ROOT / "tests" / "keras_gans" / "imagenet" / "reference" / "pooled.npz"


def jpeg(image, quality):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def blurred(image, radius):
    return np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(radius)))


@pytest.fixture(scope="module")
def pairs():
    """Photographs with noise, blur and the faults of JPEG, and others; each with what it should be."""
    with np.load(PHOTOGRAPHS) as reference:
        images = reference["images"][:2]
    noise = np.random.default_rng(0).normal(0, 20, images.shape)
    noisy = np.clip(images + noise, 0, 255).astype("uint8")
    worse = [noisy, *([np.stack([spoil(image, of) for image in images])] for spoil, of in ((blurred, 2), (jpeg, 10)))]
    return np.concatenate([worse[0], *worse[1], *worse[2], images[::-1]]), np.concatenate([images] * 4)


def grey(images):
    return np.stack([np.asarray(Image.fromarray(image).convert("L")) for image in images])[..., None]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("border", [0, 4])
def test_psnr_and_ssim_are_those_of_scikit_image(pairs, channels, border):
    metrics = pytest.importorskip("skimage.metrics")
    outputs, targets = pairs if channels == 3 else map(grey, pairs)
    outputs, targets = outputs[:, :60, :71], targets[:, :60, :71]
    inner = slice(border, -border or None)
    cut = [(one[inner, inner], two[inner, inner]) for one, two in zip(outputs, targets, strict=True)]
    expected = [metrics.peak_signal_noise_ratio(two, one, data_range=255) for one, two in cut]
    np.testing.assert_allclose(psnr(outputs, targets, border=border), expected, rtol=1e-9)
    expected = [
        metrics.structural_similarity(
            one, two, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255, channel_axis=-1
        )
        for one, two in cut
    ]
    np.testing.assert_allclose(ssim(outputs, targets, border=border), expected, rtol=1e-9)


def test_luma_is_that_of_the_papers(pairs):
    """`skimage.color.rgb2ycbcr` has MATLAB's range, 16 to 235."""
    color = pytest.importorskip("skimage.color")
    metrics = pytest.importorskip("skimage.metrics")
    outputs, targets = (images[:, :40, :40] for images in pairs)
    lumas = [color.rgb2ycbcr(images)[..., 0] for images in (outputs, targets)]
    expected = [metrics.peak_signal_noise_ratio(two, one, data_range=255) for one, two in zip(*lumas, strict=True)]
    np.testing.assert_allclose(psnr(outputs, targets, luma=True), expected, rtol=1e-6)
    np.testing.assert_array_equal(psnr(grey(outputs), grey(targets), luma=True), psnr(grey(outputs), grey(targets)))


def test_values_that_can_be_computed_by_hand():
    targets = np.full((1, 16, 16, 3), 100, "uint8")
    assert psnr(targets + 10, targets)[0] == pytest.approx(20 * np.log10(25.5))
    assert psnr(targets, targets)[0] == np.inf
    # Luma changes by 219 / 255 of what grey changes by.
    assert psnr(targets + 10, targets, luma=True)[0] == pytest.approx(20 * np.log10(25.5 * 255 / 219))
    for measure in (ssim, haarpsi):
        assert measure(targets, targets)[0] == pytest.approx(1, abs=1e-12)
    outputs = targets.copy()
    outputs[:, :4] = outputs[:, -4:] = outputs[:, :, :4] = outputs[:, :, -4:] = 0
    assert psnr(outputs, targets, border=4)[0] == np.inf


# piq.haarpsi 0.8.0 (torch 2.14.1, float64) of the pairs; its colour matrix has four digits, the paper's code three.
def test_haarpsi_is_that_of_piq(pairs):
    outputs, targets = pairs
    cut = [grey(images)[:, :97, :101] for images in pairs]
    expected = [0.712394, 0.731487, 0.784912, 0.663374, 0.701785, 0.692184, 0.203475, 0.203475]
    np.testing.assert_allclose(haarpsi(*cut), expected, atol=1e-6)
    expected = [0.690534, 0.71134, 0.829138, 0.759569, 0.717586, 0.621795, 0.266718, 0.266718]
    np.testing.assert_allclose(haarpsi(outputs, targets), expected, atol=2e-4)


@pytest.mark.parametrize("measure", [psnr, ssim, haarpsi])
def test_worse_images_score_worse_and_one_pair_like_many(pairs, measure):
    targets = pairs[1][:1]
    scores = [measure(np.stack([blurred(targets[0], radius)]), targets)[0] for radius in (1, 2, 4, 8)]
    assert scores == sorted(scores, reverse=True)
    np.testing.assert_allclose(measure(*pairs)[3], measure(pairs[0][3:4], pairs[1][3:4])[0], rtol=1e-12)


@pytest.mark.parametrize(
    ("measure", "arguments", "message"),
    [
        (psnr, (np.zeros((2, 8, 8, 3), "uint8"), np.zeros((1, 8, 8, 3), "uint8")), "received 2 outputs and 1 targets"),
        (psnr, (np.zeros((1, 8, 8, 3), "float32"), np.zeros((1, 8, 8, 3), "uint8")), "outputs must be uint8"),
        (psnr, (np.zeros((1, 8, 8, 3), "uint8"), np.zeros((1, 8, 9, 3), "uint8")), "8x8x3 images and targets are 8x9x3"),
        (ssim, (np.zeros((1, 10, 20, 1), "uint8"),) * 2, "outputs must be at least 11 pixels high and wide; received 10x20"),
        (haarpsi, (np.zeros((1, 20, 15, 1), "uint8"),) * 2, "at least 16 pixels"),
    ],
)
def test_images_that_cannot_be_compared(measure, arguments, message):
    with pytest.raises(ValueError, match=message):
        measure(*arguments)


def test_borders_that_leave_nothing():
    images = np.zeros((1, 8, 8, 1), "uint8")
    with pytest.raises(ValueError, match="at least 9 pixels high and wide; received 8x8"):
        psnr(images, images, border=4)
    with pytest.raises(ValueError, match="border must be an integer of at least 0"):
        psnr(images, images, border=-1)
