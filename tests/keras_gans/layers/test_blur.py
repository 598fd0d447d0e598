import keras
import numpy as np
import pytest
import scipy.ndimage
import scipy.signal

from keras_gans.layers.blur import Downsample2D, Upsample2D
from tests.keras_gans.layers.checks import check_gradients, check_saving, converted_to_tflite

RNG = np.random.default_rng(0)
FILTER = np.array([1.0, 3.0, 3.0, 1.0]) / 8


def each_plane(fn, images):
    return np.stack([np.stack([fn(image[..., channel]) for channel in range(image.shape[-1])], -1) for image in images])


def blurred_and_halved(plane):
    blurred = scipy.signal.convolve2d(plane, np.outer(FILTER, FILTER), mode="full")
    # The full convolution begins three pixels early; the filter's middle lies between its second and third weight.
    return blurred[2:-1:2, 2:-1:2]


def doubled(plane):
    """Zeros between the pixels, then the filter with the gain 2 in each direction that makes up for them."""
    wide = np.zeros((2 * plane.shape[0], 2 * plane.shape[1]))
    wide[::2, ::2] = plane
    return scipy.signal.convolve2d(wide, 4 * np.outer(FILTER, FILTER), mode="full")[1:-2, 1:-2]


@pytest.mark.parametrize("shape", [(3, 28, 28, 2), (2, 14, 6, 3), (1, 2, 2, 1)])
def test_halving_is_a_convolution_with_zeros_beyond_the_border(shape):
    images = RNG.normal(size=shape).astype("float32")
    layer = Downsample2D()
    outputs = np.array(layer(images))
    assert outputs.shape == (shape[0], shape[1] // 2, shape[2] // 2, shape[3]) == layer.compute_output_shape(shape)
    np.testing.assert_allclose(outputs, each_plane(blurred_and_halved, images), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape", [(3, 7, 7, 2), (2, 4, 5, 3), (1, 1, 1, 1)])
def test_doubling_is_a_convolution_of_pixels_with_zeros_between(shape):
    images = RNG.normal(size=shape).astype("float32")
    layer = Upsample2D()
    outputs = np.array(layer(images))
    assert outputs.shape == (shape[0], 2 * shape[1], 2 * shape[2], shape[3]) == layer.compute_output_shape(shape)
    np.testing.assert_allclose(outputs, each_plane(doubled, images), rtol=1e-5, atol=1e-6)


def test_doubling_is_bilinear_but_for_the_border():
    image = RNG.normal(size=(1, 6, 6, 1)).astype("float32")
    places = (np.arange(12) + 0.5) / 2 - 0.5
    bilinear = scipy.ndimage.map_coordinates(image[0, ..., 0], np.meshgrid(places, places, indexing="ij"), order=1)
    np.testing.assert_allclose(np.array(Upsample2D()(image))[0, 1:-1, 1:-1, 0], bilinear[1:-1, 1:-1], rtol=1e-5, atol=1e-6)


def test_both_leave_an_image_where_it_is():
    ramp = np.broadcast_to(np.arange(16, dtype="float32")[None, :, None, None], (1, 16, 16, 1))
    # The middle of two pixels, and the middle of quarters.
    np.testing.assert_allclose(np.array(Downsample2D()(ramp))[0, 1:-1, 3, 0], np.arange(2, 14, 2) + 0.5, rtol=1e-6)
    np.testing.assert_allclose(np.array(Upsample2D()(ramp))[0, 1:-1, 8, 0], np.arange(0.25, 15, 0.5), rtol=1e-6)


@pytest.mark.parametrize("layer", [Downsample2D, Upsample2D])
def test_networks_of_them_are_saved_and_differentiated_twice(layer, tmp_path):
    model = keras.Sequential([keras.Input((4, 8, 2)), layer(), keras.layers.Conv2D(1, 3, padding="same"), layer()])
    check_saving(model, RNG.normal(size=(3, 4, 8, 2)), tmp_path)
    check_gradients(layer(), RNG.normal(size=(2, 4, 2, 3)))


@pytest.mark.parametrize("layer", [Downsample2D, Upsample2D])
def test_tflite_has_builtin_operators_for_them(layer):
    model = keras.Sequential([keras.Input((6, 8, 2), batch_size=1), layer()])
    images = RNG.normal(size=(1, 6, 8, 2)).astype("float32")
    np.testing.assert_allclose(converted_to_tflite(model)(images), model(images), atol=1e-5)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_the_policy_decides_the_dtype(policy):
    images = np.ones((1, 8, 8, 1), "float32")
    for layer in (Downsample2D(dtype=policy), Upsample2D(dtype=policy)):
        outputs = layer(images)
        assert keras.backend.standardize_dtype(outputs.dtype) == layer.compute_dtype
        # Inside the border an even image stays as it is.
        np.testing.assert_array_equal(np.array(keras.ops.cast(outputs, "float32"))[:, 1:-1, 1:-1], 1.0)


def test_odd_sides_cannot_be_halved():
    with pytest.raises(ValueError, match=r"needs an even height and width.*\(7, 8, 1\)"):
        Downsample2D()(np.zeros((1, 7, 8, 1), "float32"))


@pytest.mark.parametrize("layer", [Downsample2D, Upsample2D])
def test_sides_have_to_be_known(layer):
    with pytest.raises(ValueError, match="fixed height and width"):
        layer()(keras.Input((None, 8, 1)))
