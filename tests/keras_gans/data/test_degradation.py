"""Parts of the degradation, against SciPy, and what comes out of all of them."""

import numpy as np
import pytest
import scipy.ndimage
import scipy.special
from PIL import Image

from keras_gans.data import degradation
from keras_gans.data.degradation import Degradation, Stage, blur_kernel, sinc_kernel

RNG = np.random.default_rng
# Rounds that change nothing but the size.
NOTHING = Stage(blur=0.0, resize=(0, 0, 1), gaussian_noise=1.0, noise=(0.0, 0.0), quality=(100.0, 100.0))


def photograph(side=64):
    rows, columns = np.mgrid[0:side, 0:side] / side
    waves = [np.sin(7 * rows + 3 * columns), np.cos(5 * columns), np.sin(11 * rows * columns)]
    return np.rint(127.5 + 120 * np.stack(waves, axis=-1)).astype("uint8")


def test_a_gaussian_kernel_is_scipy_s():
    point = np.zeros((21, 21))
    point[10, 10] = 1.0
    expected = scipy.ndimage.gaussian_filter(point, 1.5, truncate=10)
    np.testing.assert_allclose(blur_kernel(21, (1.5, 1.5), 0.3), expected, atol=1e-6)


def test_long_kernels_are_turned():
    kernel = blur_kernel(21, (3.0, 1.0), np.pi / 2)
    assert kernel[16, 10] > kernel[10, 16]  # along the rows
    np.testing.assert_allclose(kernel, blur_kernel(21, (1.0, 3.0), 0.0), atol=1e-12)
    plateau = blur_kernel(21, (2.0, 2.0), 0.0, 2.0, plateau=True)
    assert plateau[10, 9] / plateau[10, 10] > blur_kernel(21, (2.0, 2.0), 0.0)[10, 9] / blur_kernel(21, (2.0, 2.0), 0.0)[10, 10]
    assert plateau.sum() == pytest.approx(1.0)


def test_bessel_s_function_is_scipy_s():
    x = np.linspace(0, 50, 200)
    np.testing.assert_allclose(degradation._bessel_1(x), scipy.special.j1(x), atol=1e-12)


def test_a_sinc_filter_passes_low_frequencies_and_stops_high_ones():
    for seed in range(5):
        kernel = sinc_kernel(RNG(seed))
        response = np.abs(np.fft.fft2(kernel, (128, 128)))
        assert response[0, 0] == pytest.approx(1.0)
        assert kernel.min() < 0  # it leaves ringing
        assert response[0, 5] > 0.9


def test_a_blur_is_scipy_s_convolution():
    x, kernel = RNG(0).random((20, 33, 3), dtype="float32"), RNG(1).random((7, 7))
    expected = np.stack([scipy.ndimage.convolve(x[..., n], kernel, mode="reflect") for n in range(3)], axis=-1)
    np.testing.assert_allclose(degradation._convolve(x, kernel), expected, rtol=1e-4)


def test_noise_has_the_strength_that_is_asked_for():
    x = np.full((200, 200, 3), 0.5, "float32")
    gaussian = degradation._disturb(x, Stage(gaussian_noise=1.0, noise=(10.0, 10.0), grey_noise=0.0), RNG(0)) - x
    assert gaussian.std() * 255 == pytest.approx(10.0, rel=0.02)
    assert abs(np.corrcoef(gaussian[..., 0].ravel(), gaussian[..., 1].ravel())[0, 1]) < 0.02
    grey = degradation._disturb(x, Stage(gaussian_noise=1.0, grey_noise=1.0), RNG(0)) - x
    np.testing.assert_array_equal(grey[..., 0], grey[..., 2])
    # Two levels: the mean number of photons of the upper one is 1, the standard deviation, too.
    two = np.where(np.arange(200)[:, None, None] % 2, 0.2, 0.1) * np.ones((200, 200, 3), "float32")
    poisson = degradation._disturb(two, Stage(gaussian_noise=0.0, poisson=(1.0, 1.0), grey_noise=0.0), RNG(0)) - two
    assert poisson[1::2].std() == pytest.approx(np.sqrt(0.2 / 2), rel=0.1)


def test_without_anything_else_it_is_a_reduction():
    image = photograph()[..., :1]  # JPEG would halve the resolution of colours
    made = Degradation(NOTHING, NOTHING, final_sinc=0.0).degrade(image, 2, RNG(0))
    filters = (Image.Resampling.BOX, Image.Resampling.BILINEAR, Image.Resampling.BICUBIC)
    errors = [
        np.abs(np.asarray(Image.fromarray(image[..., 0]).resize((32, 32), by)).astype(int) - made[..., 0]).mean()
        for by in filters
    ]
    assert min(errors) < 1.5  # JPEG of the best quality


@pytest.mark.parametrize("channels", [1, 3])
def test_it_is_a_function_of_the_random_numbers(channels):
    image = photograph()[..., :channels]
    made = [Degradation().degrade(image, 4, RNG(seed)) for seed in (0, 0, 1)]
    assert (made[0].shape, made[0].dtype) == ((16, 16, channels), np.uint8)
    np.testing.assert_array_equal(made[0], made[1])
    assert (made[0] != made[2]).mean() > 0.5


def test_on_average_it_keeps_the_colours_and_loses_detail():
    image = photograph()
    plain = np.asarray(Image.fromarray(image).resize((16, 16), Image.Resampling.BICUBIC)).astype(float)
    made = np.stack([Degradation().degrade(image, 4, RNG(seed)) for seed in range(30)]).astype(float)
    assert np.abs(made.mean(axis=(0, 1, 2)) - plain.mean(axis=(0, 1))).max() < 6
    assert 5 < np.abs(made - plain).mean() < 60


def test_settings_come_from_a_file(tmp_path):
    path = tmp_path / "mild.toml"
    path.write_text("final_sinc = 0\n[first]\nnoise = [1, 5]\nblur = 0.5\n")
    found = Degradation.read(path)
    assert (found.final_sinc, found.first.noise, found.first.blur) == (0.0, (1.0, 5.0), 0.5)
    assert found.second == Degradation().second
    for text, message in (
        ("[first]\nnoize = [1, 5]", "no setting of a round 'noize'. Did you mean 'noise'"),
        ("third = 1", "no setting 'third'"),
        ("[second]\nnoise = 3", "noise takes 2 numbers; received 3"),
        ("[second", "is not a TOML file"),
    ):
        path.write_text(text)
        with pytest.raises(ValueError, match=message):
            Degradation.read(path)
