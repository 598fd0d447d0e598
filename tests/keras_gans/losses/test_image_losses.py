"""Losses between images, against NumPy."""

import keras
import numpy as np
import pytest

from keras_gans.losses import Charbonnier, FocalFrequency, PerceptualDistance
from keras_gans.losses.images import get_image_loss


@pytest.fixture(scope="module")
def images():
    rng = np.random.default_rng(0)
    return [rng.uniform(-1, 1, (3, 12, 10, 2)).astype("float32") for _ in range(2)]


def test_charbonnier_is_the_absolute_difference_rounded_at_zero(images):
    targets, outputs = images
    expected = np.sqrt((targets - outputs) ** 2 + 0.3**2).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(Charbonnier(0.3, reduction="none")(targets, outputs), expected, rtol=1e-5)
    assert float(Charbonnier()(targets, targets)) == pytest.approx(1e-3)


@pytest.mark.parametrize("alpha", [0.0, 1.0, 2.0])
def test_focal_frequency_is_that_of_the_paper(images, alpha):
    targets, outputs = images
    spectra = [np.fft.fft2(each, axes=(1, 2), norm="ortho") for each in images]
    distance = np.abs(spectra[0] - spectra[1])
    weights = distance**alpha
    weights /= weights.max(axis=(1, 2), keepdims=True)
    expected = (weights * distance**2).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(FocalFrequency(alpha, reduction="none")(targets, outputs), expected, rtol=1e-4)
    # Without weights it is the squared difference of pixels (Parseval).
    if not alpha:
        np.testing.assert_allclose(expected, ((targets - outputs) ** 2).mean(axis=(1, 2, 3)), rtol=1e-5)


def test_equal_images_have_a_gradient_that_is_a_number(images):
    tf = pytest.importorskip("tensorflow")
    targets = tf.constant(images[0])
    for loss in (FocalFrequency(), Charbonnier()):
        with tf.GradientTape() as tape:
            tape.watch(targets)
            value = loss(images[0], targets)
        np.testing.assert_array_equal(tape.gradient(value, targets), 0.0)


@pytest.mark.parametrize("loss", [Charbonnier(0.1), FocalFrequency(0.5)], ids=["charbonnier", "frequency"])
def test_losses_are_stored_with_their_arguments(loss, images):
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert copy.get_config() == loss.get_config()
    assert float(copy(*images)) == float(loss(*images))


def test_names():
    assert isinstance(get_image_loss("charbonnier"), Charbonnier)
    assert isinstance(get_image_loss("frequency"), FocalFrequency)
    assert isinstance(get_image_loss("imagenet"), PerceptualDistance)
    ones, zeros = np.ones((2, 4, 4, 1), "float32"), np.zeros((2, 4, 4, 1), "float32")
    assert float(get_image_loss("l1")(ones, -0.5 * ones)) == pytest.approx(1.5)
    assert float(get_image_loss("l2")(zeros, 3 * ones)) == pytest.approx(9.0)
    loss = keras.losses.Huber()
    assert get_image_loss(loss) is loss
    with pytest.raises(ValueError, match=r"no loss of images 'l3'\. Did you mean 'l"):
        get_image_loss("l3")


@pytest.mark.parametrize(("loss", "value"), [(Charbonnier, 0.0), (FocalFrequency, -1.0), (Charbonnier, float("nan"))])
def test_values_out_of_range(loss, value):
    with pytest.raises(ValueError, match="must be a"):
        loss(value)
