"""Directions in latent space, held to what is known of linear generators."""

import keras
import numpy as np
import pytest
from keras import layers

import keras_gans
from keras_gans.editing import Directions, find_directions
from keras_gans.layers import PixelNormalization
from tests.support.entries import build

RNG = np.random.default_rng(0)


def linear(matrix, normalised=False, classes=None):
    """A GAN whose generator multiplies latents by a matrix, and whose samples have as many elements as its columns."""
    latents = keras.Input((matrix.shape[0],), name="latents")
    x = PixelNormalization()(latents) if normalised else latents
    inputs = latents
    if classes is not None:
        labels = keras.Input((), dtype="int32", name="labels")
        x = layers.Concatenate()([x, layers.Embedding(classes, 3)(labels)])
        inputs = [latents, labels]
    first = layers.Dense(matrix.shape[1], use_bias=False, name="first")
    generator = keras.Model(inputs, layers.Activation("tanh", name="last")(first(x)))
    first.kernel.assign(np.concatenate([matrix, RNG.normal(size=(3 if classes else 0, matrix.shape[1]))]))
    samples = keras.Input((matrix.shape[1],), name="samples")
    told = samples if classes is None else [samples, keras.Input((), dtype="int32", name="labels")]
    return keras_gans.AdversarialModel(generator, keras.Model(told, layers.Dense(1)(samples)), seed=0, num_classes=classes)


def with_sizes(sizes, columns=12):
    """A matrix with given singular values, and its left singular vectors in rows."""
    left, _ = np.linalg.qr(RNG.normal(size=(len(sizes), len(sizes))))
    right, _ = np.linalg.qr(RNG.normal(size=(columns, columns)))
    return ((left * sizes) @ right[: len(sizes)]).astype("float32"), left.T


def alignment(found, expected):
    return np.abs(np.sum(found * expected[: len(found)], axis=1))


@pytest.mark.parametrize("classes", [None, 4])
def test_sefa_finds_the_eigenvectors_of_the_first_layer_s_weights(classes):
    sizes = np.array([4.0, 3.0, 2.0, 1.0, 0.5])
    matrix, vectors = with_sizes(sizes)
    found = find_directions(linear(matrix, classes=classes), count=3, label=None if classes is None else 2)
    np.testing.assert_allclose(alignment(found.vectors, vectors), 1.0, atol=1e-4)
    np.testing.assert_allclose(found.shares, sizes[:3] ** 2 / np.sum(sizes**2), atol=1e-4)
    assert all(vector[np.abs(vector).argmax()] > 0 for vector in found.vectors)


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_normalised_latents_are_no_obstacle():
    matrix, vectors = with_sizes(np.array([5.0, 1.0, 0.5, 0.3, 0.2, 0.1]))
    found = find_directions(linear(matrix, normalised=True), count=1)
    assert alignment(found.vectors, vectors)[0] > 0.9


def test_ganspace_finds_principal_components_of_features():
    """They are the same eigenvectors, as features are linear and latents normal."""
    matrix, vectors = with_sizes(np.array([6.0, 3.0, 1.5, 0.7]))
    found = find_directions(linear(matrix), "ganspace", 2, layer="first", samples=5000)
    assert (alignment(found.vectors, vectors) > 0.995).all()
    np.testing.assert_allclose(found.shares, np.array([36, 9]) / (36 + 9 + 2.25 + 0.49), atol=0.02)


def test_samples_are_moved_drawn_and_stored(tmp_path):
    model = build("dcgan", image_shape=(16, 16, 1))
    found = find_directions(model, "ganspace", count=3, samples=50)
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1.0, atol=1e-5)
    latents = model.latents(2, seed=1)
    moved = found.move(latents, 1, [-2, 0, 2])
    assert moved.shape == (2, 3, 6)
    np.testing.assert_array_equal(moved[:, 1], latents)
    np.testing.assert_allclose(np.linalg.norm(moved[:, 2] - latents, axis=1), 2.0, atol=1e-5)
    picture = found.draw(model, seed=1, amounts=(-2, 0, 2))
    # A row for each direction, whose middle is the sample itself; a pixel is a square of 3.
    assert picture.shape == (3 * 50 + 2, 3 * 50 + 2, 1)
    tiles = [picture[2 + 50 * row : 50 + 50 * row, 52:100] for row in range(3)]
    np.testing.assert_array_equal(tiles[0], tiles[2])
    found.save(tmp_path / "directions.npz")
    loaded = Directions.load(tmp_path / "directions.npz")
    np.testing.assert_array_equal(loaded.vectors, found.vectors)
    assert loaded.method == "ganspace"


def test_what_cannot_be_edited():
    model = build("dcgan", image_shape=(16, 16, 1))
    with pytest.raises(ValueError, match="no method 'pca'"):
        find_directions(model, "pca")
    with pytest.raises(ValueError, match="no layer 'deep'"):
        find_directions(model, layer="deep")
    for name in ("edsr", "seqgan"):
        with pytest.raises(ValueError, match="needs latent vectors"):
            find_directions(build(name))
