"""Ways from one sample to another."""

import numpy as np
import pytest
from scipy.spatial import geometric_slerp

import keras_gans
from keras_gans.editing import slerp
from tests.support.entries import build


def latent(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape).astype("float32")


@pytest.mark.parametrize("size", [2, 3, 100])
def test_slerp_of_unit_vectors_is_that_of_scipy(size):
    start, end = (latent(seed, size).astype("float64") for seed in (0, 1))
    start, end = start / np.linalg.norm(start), end / np.linalg.norm(end)
    expected = geometric_slerp(start, end, np.linspace(0, 1, 9))
    np.testing.assert_allclose(slerp(start, end, 9), expected, atol=1e-6)


def test_slerp_keeps_the_norm():
    start, end = latent(0, 64), latent(1, 64)
    end *= np.linalg.norm(start) / np.linalg.norm(end)
    norms = np.linalg.norm(slerp(start, end, 11), axis=1)
    np.testing.assert_allclose(norms, np.linalg.norm(start), rtol=1e-5)
    # A straight line would not.
    assert np.linalg.norm((start + end) / 2) < 0.8 * np.linalg.norm(start)


def test_slerp_changes_norm_and_direction_evenly():
    path = slerp(3 * np.eye(5)[0], 7 * np.eye(5)[1], 5)
    np.testing.assert_allclose(np.linalg.norm(path, axis=1), [3, 4, 5, 6, 7], rtol=1e-6)
    np.testing.assert_allclose(np.degrees(np.arctan2(path[:, 1], path[:, 0])), [0, 22.5, 45, 67.5, 90], atol=1e-4)


@pytest.mark.parametrize("shape", [(1,), (100,), (4, 4, 8)])
def test_slerp_ends_in_its_ends(shape):
    start, end = latent(0, *shape), latent(1, *shape)
    path = slerp(start, end, 6)
    assert path.shape == (6, *shape)
    assert path.dtype == np.float32
    np.testing.assert_array_equal(path[0], start)
    np.testing.assert_array_equal(path[-1], end)


@pytest.mark.parametrize(
    ("start", "end", "middle"),
    [((1, 0), (3, 0), (2, 0)), ((1, 0), (-1, 0), (0, 0)), ((0, 0), (4, 2), (2, 1)), ((1,), (-3,), (-1,))],
)
def test_slerp_between_latents_that_span_no_plane_is_a_straight_line(start, end, middle):
    np.testing.assert_allclose(slerp(np.array(start), np.array(end), 3)[1], middle, atol=1e-6)


def test_slerp_of_fewer_steps_than_ends_is_refused():
    with pytest.raises(ValueError, match="steps must be at least 2, for both ends; received 1"):
        slerp(np.ones(3), np.zeros(3), 1)


def test_a_way_passes_through_the_samples_of_its_seeds():
    model = keras_gans.load_pretrained("dcgan_digits")
    frames = model.interpolate([3, 7, 2**63 - 1], steps=4)
    assert frames.shape == (9, 28, 28, 1)
    np.testing.assert_allclose(frames[::4], model.generate(seeds=[3, 7, 2**63 - 1]), atol=1e-5)
    start, end = model.seeded_latents([3, 7])
    np.testing.assert_allclose(frames[:5], model.generate_from(slerp(start, end, 5)), atol=1e-5)
    # No step is a jump.
    changes = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2, 3))
    assert changes.max() < np.abs(frames[0] - frames[4]).mean()


def test_conditions_and_truncation_stay_the_same():
    model = build("cgan")
    frames = model.interpolate([1, 2], steps=3, labels=2, truncation=0.5, batch_size=2)
    np.testing.assert_allclose(frames[::3], model.generate(seeds=[1, 2], labels=2, truncation=0.5), atol=1e-5)
    with pytest.raises(ValueError, match="say which of its"):
        model.interpolate([1, 2])
    model = build("infogan")
    told = {"category": 3, "codes": [0.5, -1]}
    expected = model.generate(seeds=[1, 2], conditions={"category": [3, 3], "codes": [[0.5, -1]] * 2})
    np.testing.assert_allclose(model.interpolate([1, 2], steps=1, conditions=told), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("gan", {"seeds": [3]}, "two seeds or more"),
        ("gan", {"seeds": [3, -1]}, "seeds"),
        ("gan", {"seeds": [1, 2], "steps": 0}, "steps"),
        ("gan", {"seeds": [1, 2], "truncation": 5.0}, "truncation must be a number from 0 to 1; received 5.0"),
        ("gan", {"seeds": [1, 2], "labels": 3}, "not conditional"),
        ("seqgan", {"seeds": [1, 2]}, "normally distributed latents"),
    ],
)
def test_mistakes(name, arguments, message):
    with pytest.raises(ValueError, match=message):
        build(name).interpolate(**arguments)
