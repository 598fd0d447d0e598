"""Images on a screen: grids of bytes or of what models generate."""

import numpy as np
import pytest
from PIL import Image

import keras_gans
from keras_gans import media
from keras_gans.media.pictures import grid

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3), "uint8")


def test_a_grid_of_what_a_model_generates_is_the_grid_of_its_pixels():
    floats = (PIXELS / 127.5 - 1).astype("float32")
    np.testing.assert_array_equal(grid(floats), grid(PIXELS))


def test_show_returns_one_image_that_notebooks_display():
    shown = media.show(PIXELS, columns=5)
    assert isinstance(shown, Image.Image)
    assert hasattr(shown, "_repr_png_")
    np.testing.assert_array_equal(np.asarray(shown), grid(PIXELS, 5, scale=7))
    assert media.show(PIXELS[0]).size == media.show(PIXELS[:1]).size
    assert media.show(PIXELS[0, ..., :1], scale=1).size == (12, 12)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (PIXELS.astype("float32"), r"must lie in \[-1, 1\]; these reach 25"),
        (PIXELS.astype("int64"), "uint8 .* or floats in .* received int64"),
        (PIXELS[..., :2], r"shape \(n, height, width, 1, 3 or 4\); received \(5, 8, 8, 2\)"),
        (np.full((1, 2, 2, 1), np.nan), "contain NaN"),
    ],
)
def test_what_cannot_be_drawn_is_refused(images, message):
    with pytest.raises(ValueError, match=message):
        media.show(images)


def test_samples_of_a_model_are_shown_as_they_are_drawn():
    import keras_gans

    model = keras_gans.create_model("gan", image_shape=(8, 8, 1), width=2, latent_dim=2, seed=0)
    shown = model.medium.show(model, 4, seed=3)
    assert isinstance(shown, Image.Image)
    np.testing.assert_array_equal(np.asarray(shown), model.draw(4, seed=3)[..., 0])


def test_a_model_shows_its_samples():
    model = keras_gans.create_model("gan", image_shape=(8, 8, 1), width=4, seed=0)
    shown = model.show(9, seed=3)
    assert isinstance(shown, Image.Image)
    np.testing.assert_array_equal(np.asarray(shown), model.draw(9, seed=3).squeeze())
