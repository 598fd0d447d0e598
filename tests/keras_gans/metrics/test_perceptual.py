import numpy as np
import pytest
from PIL import Image, ImageFilter

from keras_gans.losses import PerceptualDistance
from keras_gans.metrics import perceptual, perceptual_distance
from tests.conftest import ROOT

PHOTOGRAPHS = ROOT / "tests" / "keras_gans" / "imagenet" / "reference" / "pooled.npz"


@pytest.fixture(scope="module")
def photographs():
    with np.load(PHOTOGRAPHS) as reference:
        pictures = [Image.fromarray(image).resize((48, 48), Image.Resampling.BICUBIC) for image in reference["images"]]
    return np.stack([np.asarray(picture) for picture in pictures])


def test_it_is_the_loss_of_each_pair_however_many_there_are(photographs, monkeypatch):
    first, second = np.resize(photographs, (5, 48, 48, 3)), np.resize(photographs[::-1], (5, 48, 48, 3))[:, ::-1]
    expected = PerceptualDistance(reduction="none")(first / np.float32(127.5) - 1, second / np.float32(127.5) - 1)
    monkeypatch.setattr(perceptual, "_PIXELS", 2 * 48 * 48)  # parts of 2, 2 and 1
    found = perceptual_distance(first, second)
    assert (found.dtype, found.shape) == (np.float64, (5,))
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    np.testing.assert_allclose(perceptual_distance(second, first), found, rtol=1e-4)


def test_blur_moves_photographs_away_and_other_photographs_are_farther(photographs):
    def blurred(radius):
        return np.stack([np.asarray(Image.fromarray(each).filter(ImageFilter.GaussianBlur(radius))) for each in photographs])

    distances = [perceptual_distance(photographs, blurred(radius)) for radius in (0, 0.5, 1, 2)]
    assert (distances[0] < 1e-12).all()
    assert (np.diff(distances, axis=0) > 0).all()
    assert (perceptual_distance(photographs, photographs[::-1]) > distances[-1]).all()


def test_images_without_partners_are_refused(photographs):
    with pytest.raises(ValueError, match="2 first and 1 second"):
        perceptual_distance(photographs, photographs[:1])
    with pytest.raises(ValueError, match="must be uint8 images"):
        perceptual_distance(photographs / 255, photographs)
    with pytest.raises(ValueError, match="bring both to one size"):
        perceptual_distance(photographs, photographs[..., :1])
