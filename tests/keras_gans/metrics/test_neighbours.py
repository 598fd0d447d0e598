import numpy as np
import pytest
from scipy.spatial.distance import cdist

from keras_gans.metrics.neighbours import nearest_neighbours, neighbour_radii

TINY = 20_000  # bytes: a few rows at a time


def radii_by_sorting(x, k):
    distances = cdist(x, x)
    np.fill_diagonal(distances, np.inf)
    return np.sort(distances, axis=1)[:, k - 1]


def collapsed(n, d, modes, seed=0, jitter=0.0):
    random = np.random.default_rng(seed)
    return random.normal(size=(modes, d))[random.integers(modes, size=n)] + jitter * random.normal(size=(n, d))


SETS = {
    "normal": np.random.default_rng(0).normal(size=(200, 30)),
    "one feature": np.random.default_rng(0).normal(size=(150, 1)),
    "large offset": np.random.default_rng(0).normal(size=(200, 30)) + 1e6,
    "one far away": np.vstack([np.random.default_rng(0).normal(size=(150, 8)), np.full((1, 8), 1e9)]),
    "duplicates": collapsed(200, 30, 15),
    "near duplicates": collapsed(200, 30, 15, jitter=1e-9),
    "lattice": np.random.default_rng(0).integers(0, 3, (200, 4)).astype(float),
    "constant": np.full((60, 5), 0.1),
}


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("k", [1, 3, 50])
def test_radii(name, k):
    x = SETS[name]
    expected = radii_by_sorting(x, k)
    for block_bytes in (TINY, 2**28):
        radii = neighbour_radii(x, k, block_bytes)
        assert radii.dtype == np.float64
        np.testing.assert_allclose(radii, expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("name", SETS)
def test_nearest_of_another_set(name):
    x = SETS[name]
    queries = np.vstack([x[::3] + 0.01, x[::7], -x[:5]])
    expected = cdist(queries, x)
    for block_bytes in (TINY, 2**28):
        distances, indices = nearest_neighbours(queries, x, block_bytes)
        np.testing.assert_allclose(distances, expected.min(axis=1), rtol=1e-12, atol=0)
        np.testing.assert_allclose(expected[np.arange(len(queries)), indices], distances, rtol=1e-12, atol=0)
        assert (distances[len(x[::3]) :][: len(x[::7])] == 0).all()


def test_among_equally_near_ones_the_first():
    points = np.array([[0.0, 1], [1, 0], [0, -1], [0, 1], [-1, 0]]) + 1e5
    distances, indices = nearest_neighbours([[1e5, 1e5], [1e5, 1e5 + 1], [1e5, 1e5 - 0.5]], points)
    np.testing.assert_array_equal(distances, [1, 0, 0.5])
    np.testing.assert_array_equal(indices, [0, 0, 2])


def test_results_do_not_change_by_a_bit_with_the_blocks_or_the_order():
    x, y = (np.random.default_rng(seed).normal(size=(150, 17)).astype(np.float32) + 50 for seed in (0, 1))
    order = np.random.default_rng(2).permutation(150)
    for block_bytes in (1, TINY, 3 * TINY, 2**28):
        np.testing.assert_array_equal(neighbour_radii(x[order], 4, block_bytes), neighbour_radii(x, 4)[order])
        distances, indices = nearest_neighbours(y, x[order], block_bytes)
        np.testing.assert_array_equal(distances, nearest_neighbours(y, x)[0])
        np.testing.assert_array_equal(order[indices], nearest_neighbours(y, x)[1])


def test_zero_is_zero_whatever_its_sign():
    np.testing.assert_array_equal(neighbour_radii([[0.0, 1], [-0.0, 1], [5, 5]], 1)[:2], 0)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int8])
def test_any_dtype_is_computed_in_float64(dtype):
    x = (5 * np.random.default_rng(0).normal(size=(100, 6))).astype(dtype)
    np.testing.assert_array_equal(neighbour_radii(x, 2), neighbour_radii(x.astype(float), 2))
    np.testing.assert_array_equal(nearest_neighbours(x[:9], x[9:])[0], nearest_neighbours(x[:9].astype(float), x[9:])[0])


def test_a_collapsed_set_is_as_quick_as_any(monkeypatch):
    # Summing a distance for each pair of duplicates would be a hundred times the work.
    from keras_gans.metrics import neighbours

    summed = []
    resolve = neighbours.Stripe._resolve
    monkeypatch.setattr(neighbours.Stripe, "_resolve", lambda self, pairs: summed.append(len(pairs[0])) or resolve(self, pairs))
    for x in (collapsed(500, 20, 5), np.full((500, 20), 0.1), np.random.default_rng(0).normal(size=(500, 20))):
        summed.clear()
        neighbour_radii(x, 3)
        assert sum(summed) <= 500 * 3


def test_sets_that_have_no_neighbours():
    x = SETS["normal"]
    with pytest.raises(ValueError, match=r"3 sample.*k=3.*at least 4"):
        neighbour_radii(x[:3], 3)
    assert neighbour_radii(x[:4], 3).shape == (4,)
    for k in (0, 1.5):
        with pytest.raises(ValueError, match="k must be"):
            neighbour_radii(x, k)
    with pytest.raises(ValueError, match="NaN"):
        neighbour_radii(x * np.nan, 3)
    for queries, references, message in ((x, x[:0], "references"), (x, x[:, :4], "30.*4"), (x * np.nan, x, "queries.*NaN")):
        with pytest.raises(ValueError, match=message):
            nearest_neighbours(queries, references)
