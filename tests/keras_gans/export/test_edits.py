"""The signature `edit`: samples moved along directions in latent space."""

import io

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from PIL import Image

import keras_gans
from keras_gans.editing import Directions, find_directions
from keras_gans.export.signatures import signatures_of
from keras_gans.media.pictures import to_uint8


def directions_for(model, count=3):
    vectors, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(model.latent_shape[0], count)))
    return Directions(vectors.T.astype("float32"), np.full(count, 0.1), "sefa")


@pytest.fixture(scope="module")
def model():
    """A model of images of three classes."""
    keras.utils.set_random_seed(0)
    return keras_gans.create_model("cgan", image_shape=(8, 8, 1), latent_dim=6, num_classes=3, seed=0)


@pytest.fixture(scope="module")
def edit(model):
    return signatures_of(model, directions=directions_for(model)).contents("saved_model").functions["edit"]


def test_samples_are_moved_along_directions(model, edit):
    seeds, labels = np.array([3, 2**40, 3]), np.array([0, 2, 0], "int32")
    weights = np.array([[2.0, 0.0, -1.5], [0.0, 4.0, 0.0], [0.0, 0.0, 0.0]], "float32")
    files = edit(tf.constant(seeds), tf.constant(labels), tf.constant(weights))["image_bytes"].numpy()
    found = np.stack([np.asarray(Image.open(io.BytesIO(file))) for file in files])[..., None]
    latents = model.seeded_latents(seeds) + weights @ directions_for(model).vectors
    expected = to_uint8(model.generate_from(latents, {"labels": labels}))
    assert np.abs(found.astype(int) - expected).max() <= 1
    assert np.abs(found[0].astype(int) - found[2]).max() > 1  # it has moved
    # Without weights, it is the sample of the seed.
    assert np.abs(found[2].astype(int) - to_uint8(model.generate(seeds=[3], labels=[0]))[0]).max() <= 1


def test_weights_out_of_range_are_refused(edit):
    for wrong in (101.0, np.nan):
        with pytest.raises(tf.errors.InvalidArgumentError, match="weights must be numbers from -100 to 100"):
            edit(tf.constant([1], tf.int64), tf.constant([0]), tf.constant([[0.0, wrong, 0.0]]))


def test_the_directions_are_a_file_of_the_export(model):
    content = signatures_of(model, directions=directions_for(model)).files["directions.npz"]
    np.testing.assert_array_equal(Directions.load(io.BytesIO(content)).vectors, directions_for(model).vectors)


@pytest.mark.slow  # last run: 0.1.0, 2026-11-29
def test_an_export_holds_its_directions(tmp_path):
    keras.utils.set_random_seed(0)
    model = keras_gans.create_model("gan", image_shape=(4, 4, 1), latent_dim=5, seed=0)
    given = find_directions(model, count=2)
    folder, difference = keras_gans.export.saved_model(model, tmp_path / "model", directions=given)
    assert difference <= 1e-4
    found = Directions.load(folder / "assets" / "directions.npz")
    np.testing.assert_array_equal(found.vectors, given.vectors)
    assert found.method == "sefa"


def test_directions_of_another_model_are_refused(model):
    other = Directions(np.eye(7, dtype="float32")[:2], np.zeros(2), "sefa")
    with pytest.raises(ValueError, match=r"for latents of shape \(7,\); those of this model have the shape \(6,\)"):
        signatures_of(model, directions=other)
    generator = keras.Sequential([keras.Input((7,), name="latents"), layers.Dense(2)])
    points = keras_gans.AdversarialModel(generator, keras.Sequential([keras.Input((2,)), layers.Dense(1)]))
    with pytest.raises(ValueError, match="Directions are exported with image models; this one generates points"):
        signatures_of(points, directions=other)


def test_there_is_none_without_directions(model):
    assert "edit" not in signatures_of(model).all
