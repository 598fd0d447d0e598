"""The frozen network: what it computes, and that it adds nothing to files."""

import os
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

import keras_gans
from keras_gans.backend import input_gradient
from keras_gans.imagenet import TAPS, ImageNetFeatures, build_network

REFERENCE = Path(__file__).parent / "reference" / "pooled.npz"
# The original network with its classifier, beside the prepared data sets.
ORIGINAL = Path(os.environ.get("TFDS_DATA_DIR") or "missing").parent / "features" / "efficientnet_lite0"


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).uniform(-1, 1, (2, 33, 47, 3)).astype("float32")


def to_network(pixels):
    return pixels.astype("float32") / 127.5 - 1


def test_it_computes_what_the_original_network_computes():
    """Against outputs of the network in PyTorch."""
    with np.load(REFERENCE) as reference:
        pooled = build_network(taps=(), include_head=True)(to_network(reference["images"]))
        np.testing.assert_allclose(pooled, reference["pooled"], atol=1e-3)


@pytest.mark.skipif(not ORIGINAL.is_dir(), reason="TFDS_DATA_DIR names no folder beside the original network")
def test_logits_differ_little_from_those_of_the_original_network():
    with np.load(ORIGINAL / "reference.npz") as reference, np.load(ORIGINAL / "weights.npz") as weights:
        pooled = build_network(taps=(), include_head=True)(to_network(reference["images"]))
        logits = np.asarray(pooled) @ weights["logits/kernel"] + weights["logits/bias"]
        assert np.abs(logits - reference["logits"]).max() < 1e-3
        assert (logits.argmax(axis=1) == reference["logits"].argmax(axis=1)).all()


def test_taps_have_the_strides_that_they_should(images):
    maps = build_network()(images)
    assert [each.shape for each in maps] == [(2, 9, 12, 24), (2, 5, 6, 40), (2, 3, 3, 112), (2, 2, 2, 320)]
    assert [each.shape for each in build_network(image_shape=(33, 47, 3)).outputs] == [(None, *each.shape[1:]) for each in maps]
    *same, pooled = build_network(include_head=True)(images)
    for one, other in zip(maps, same, strict=True):
        np.testing.assert_array_equal(one, other)
    assert pooled.shape == (2, 1280)
    assert build_network().output_shape == [(None, None, None, channels) for channels in TAPS]


def test_half_precision_around_it_changes_nothing(images):
    expected = build_network(taps=(40,))(images)
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        found = build_network(taps=(40,))(images)
    finally:
        keras.config.set_dtype_policy(policy)
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    np.testing.assert_array_equal(found, expected)


def test_gradients_by_the_images_are_those_of_finite_differences():
    """In float32 on a smooth stretch: a small step along the gradient itself."""
    network = build_network()
    images = np.random.default_rng(3).uniform(-0.1, 0.1, (2, 33, 20, 3)).astype("float32")

    def scores(inputs):
        return sum(ops.mean(each, axis=(1, 2, 3)) for each in network(inputs))

    gradient = np.asarray(input_gradient(scores, ops.convert_to_tensor(images)))
    norm = np.sqrt(np.sum(np.square(gradient), axis=(1, 2, 3)))
    step = 1e-2 * gradient / norm[:, None, None, None]
    slope = (np.asarray(scores(images + step)) - np.asarray(scores(images - step))) / 2e-2
    np.testing.assert_allclose(slope, norm, rtol=0.03)


def test_a_model_that_contains_it_is_saved_without_it(tmp_path, images):
    inputs = keras.Input((33, 47, 3))
    maps = ImageNetFeatures(taps=(24, 40))(keras.layers.Conv2D(3, 1, name="before")(inputs))
    model = keras.Model(inputs, keras.layers.Conv2D(1, 3)(maps[1]))
    assert model.count_params() == 3 * 3 + 3 + 9 * 40 + 1
    model.save(tmp_path / "model.keras")
    assert (tmp_path / "model.keras").stat().st_size < 100_000
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(images), model(images))


def test_grey_images_are_those_of_three_equal_channels(images):
    grey = images[..., :1]
    found, expected = (ImageNetFeatures(taps=(24,))(each) for each in (grey, np.repeat(grey, 3, axis=-1)))
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("arguments", [{"taps": (24, 50)}, {"taps": (40, 24)}, {"taps": ()}])
def test_stages_that_do_not_exist_are_named(arguments):
    with pytest.raises(ValueError, match=r"16, 24, 40, 80, 112, 192, 320, in ascending order|give taps"):
        ImageNetFeatures(**arguments)


def test_other_images_are_refused():
    with pytest.raises(ValueError, match=r"1 or 3\); received shape \(2, 32, 32, 4\)"):
        ImageNetFeatures()(np.zeros((2, 32, 32, 4), "float32"))
    with pytest.raises(ValueError, match=r"takes floats in \[-1, 1\]; received .*uint8"):
        ImageNetFeatures()(np.zeros((2, 32, 32, 3), "uint8"))


def test_a_damaged_file_is_named(monkeypatch, tmp_path):
    from keras_gans.imagenet import weights

    (tmp_path / "weights.npz").write_bytes(weights.FILE.read_bytes()[:-1000])
    monkeypatch.setattr(weights, "FILE", tmp_path / "weights.npz")
    with pytest.raises(ValueError, match=r"weights\.npz is missing or damaged .* reinstall keras_gans"):
        weights.load_weights.__wrapped__()


def test_the_stored_weights_take_at_most_seven_megabytes():
    assert keras_gans.imagenet.weights.FILE.stat().st_size <= 7_000_000
