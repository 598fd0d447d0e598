import keras
import numpy as np
import pytest
from PIL import Image

from keras_gans.layers import ImageNetInput
from tests.keras_gans.layers.checks import check_saving

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("shape", "size", "resized"), [((20, 28), 64, (64, 96)), ((100, 80), 32, (32, 32)), ((64, 64), 64, (64, 64))]
)
def test_images_are_resized_as_pillow_resizes_them(shape, size, resized):
    image = RNG.uniform(-1, 1, shape).astype("float32")
    found = np.array(ImageNetInput(size)(image[None, ..., None]))
    assert found.shape == (1, *resized, 3)
    expected = Image.fromarray(image).resize(resized[::-1], Image.Resampling.BILINEAR)
    for channel in range(3):  # a grey image has three equal colours
        np.testing.assert_allclose(found[0, ..., channel], expected, atol=1e-5)


def test_both_colour_and_transparency_show():
    """Whatever the transparency of a red image is, no opaque image looks like it, and neither does another transparency."""
    layer, seen = ImageNetInput(32), []
    for alpha in (-1.0, 0.0, 1.0):
        image = np.full((1, 32, 32, 4), (0.5, -1.0, -1.0, alpha), "float32")
        seen.append(np.array(layer(image))[0])
    clear, half, opaque = seen
    assert sorted(np.unique(clear)) == [-0.5, 0.5]
    np.testing.assert_allclose(clear[::4, ::4], np.where(np.indices((8, 8)).sum(0) % 2, -0.5, 0.5)[..., None].repeat(3, -1))
    np.testing.assert_allclose(opaque, np.broadcast_to([0.5, -1.0, -1.0], opaque.shape), atol=1e-6)
    np.testing.assert_allclose(half, (clear + opaque) / 2, atol=1e-6)


def test_it_is_saved(tmp_path):
    check_saving(keras.Sequential([keras.Input((16, 16, 4)), ImageNetInput(32)]), RNG.uniform(-1, 1, (2, 16, 16, 4)), tmp_path)


def test_what_it_cannot_take_is_refused():
    with pytest.raises(ValueError, match=r"multiple of 32 pixels; received 100\. The nearest is 96"):
        ImageNetInput(100)
    for shape in ((None, None, None, 3), (None, 8, 8, 2)):
        with pytest.raises(ValueError, match="1, 3 or 4 channels; received shape"):
            ImageNetInput(32).build(shape)
