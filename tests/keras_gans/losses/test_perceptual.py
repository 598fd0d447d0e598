import keras
import numpy as np
import pytest
from keras import ops

from keras_gans.backend import input_gradient
from keras_gans.imagenet import build_network
from keras_gans.losses import PerceptualDistance


@pytest.fixture(scope="module")
def images():
    rng = np.random.default_rng(0)
    return [rng.uniform(-1, 1, (3, 32, 40, 3)).astype("float32") for _ in range(2)]


def formula(first, second, taps):
    """Equation 1 of Zhang et al. 2018 with w = 1, in float64 and NumPy."""
    network, total = build_network(taps), 0
    for one, other in zip(network(first), network(second), strict=True):
        one, other = (np.asarray(maps, "float64") for maps in (one, other))
        one, other = (maps / np.linalg.norm(maps, axis=-1, keepdims=True) for maps in (one, other))
        total = total + ((one - other) ** 2).sum(axis=-1).mean(axis=(1, 2))
    return total


def test_it_is_the_formula_of_lpips(images):
    expected = formula(*images, (24, 112))
    found = PerceptualDistance((24, 112), reduction="none")(*images)
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    np.testing.assert_allclose(PerceptualDistance((24, 112))(*images), expected.mean(), rtol=1e-4)


def test_equal_images_have_no_distance_and_a_finite_gradient(images):
    loss = PerceptualDistance(reduction="none")
    np.testing.assert_array_equal(loss(images[0], images[0]), 0)
    black = np.full((1, 16, 16, 1), -1, "float32")
    gradient = input_gradient(lambda x: loss(black, x), ops.convert_to_tensor(black))
    assert np.isfinite(gradient).all()


def test_descent_along_its_gradient_makes_images_more_alike(images):
    target, start = (each[:, :24, :24] for each in images)
    loss = PerceptualDistance((24,), reduction="none")
    gradient = np.asarray(input_gradient(lambda x: loss(target, x), ops.convert_to_tensor(start)))
    step = 0.3 * gradient / np.sqrt(np.square(gradient).sum(axis=(1, 2, 3), keepdims=True))
    assert (np.asarray(loss(target, start - step)) < np.asarray(loss(target, start))).all()


def test_a_compiled_model_is_saved_with_it(tmp_path, images):
    model = keras.Sequential([keras.Input((16, 16, 3)), keras.layers.Conv2D(3, 1, activation="tanh")])
    model.compile("sgd", loss=PerceptualDistance((24,), name="mine"))
    model.save(tmp_path / "model.keras")
    assert (tmp_path / "model.keras").stat().st_size < 100_000
    loss = keras.models.load_model(tmp_path / "model.keras").loss
    assert (loss.name, loss.get_config()["taps"]) == ("mine", [24])
    corner = images[0][:, :16, :16], images[1][:, :16, :16]
    np.testing.assert_array_equal(loss(*corner), model.loss(*corner))
