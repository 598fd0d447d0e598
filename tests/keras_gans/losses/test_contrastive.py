import numpy as np
import pytest
from keras import ops

from keras_gans.backend import input_gradient
from keras_gans.losses import patch_contrast

RNG = np.random.default_rng(0)
QUERIES, KEYS = RNG.normal(size=(2, 2, 5, 3)).astype("float32")


def expected(queries, keys, temperature):
    """The softmax cross-entropy of finding the own key, in NumPy."""
    queries, keys = (each / np.linalg.norm(each, axis=-1, keepdims=True) for each in (queries, keys))
    found = np.empty(queries.shape[:2])
    for image in range(len(queries)):
        powers = np.exp(queries[image] @ keys[image].T / temperature)
        found[image] = -np.log(np.diag(powers) / powers.sum(axis=1))
    return found


@pytest.mark.parametrize("temperature", [0.07, 1.0])
def test_it_is_a_softmax_cross_entropy(temperature):
    found = np.asarray(patch_contrast(QUERIES, KEYS, temperature))
    np.testing.assert_allclose(found, expected(QUERIES, KEYS, temperature), rtol=1e-4, atol=1e-5)


def test_it_is_small_where_each_patch_is_nearest_to_itself():
    patches = np.eye(5, dtype="float32")[None] * 3
    assert np.asarray(patch_contrast(patches, patches)).max() < 1e-4
    assert np.asarray(patch_contrast(patches, patches[:, ::-1]))[0, 0] == pytest.approx(1 / 0.07, rel=1e-4)
    assert np.isfinite(np.asarray(patch_contrast(patches * 0, patches))).all()


def test_no_gradient_flows_through_keys():
    def of_keys(keys):
        return ops.mean(patch_contrast(QUERIES, keys), axis=1) + 2.0 * ops.sum(keys, axis=(1, 2))

    np.testing.assert_array_equal(input_gradient(of_keys, ops.convert_to_tensor(KEYS)), np.full(KEYS.shape, 2.0))
    queries = input_gradient(lambda each: ops.mean(patch_contrast(each, KEYS), axis=1), ops.convert_to_tensor(QUERIES))
    assert np.abs(np.asarray(queries)).max() > 0
