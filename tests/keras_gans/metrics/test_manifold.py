import subprocess
import sys

import numpy as np
import pytest

from keras_gans.metrics import neighbours
from keras_gans.metrics.manifold import compare_manifolds, density_coverage, precision_recall


def gaussian(n, d, seed=0, spread=1.0, shift=0.0):
    return spread * np.random.default_rng(seed).normal(size=(n, d)) + shift


def lattice(n, d, seed=0, size=3):
    """Whole numbers: their distances are exact, and many are equal or 0."""
    return np.random.default_rng(seed).integers(0, size, (n, d)).astype(float)


def squared_distance(x, y):
    return sum((p - q) ** 2 for p, q in zip(x.tolist(), y.tolist(), strict=True))


def radii(x, k):
    """Squared distance to the k-th nearest other sample."""
    return [sorted(squared_distance(a, b) for j, b in enumerate(x) if j != i)[k - 1] for i, a in enumerate(x)]


def precision_recall_pair_by_pair(real, fake, k):
    on_real = [any(squared_distance(y, x) <= r for x, r in zip(real, radii(real, k), strict=True)) for y in fake]
    on_fake = [any(squared_distance(x, y) <= r for y, r in zip(fake, radii(fake, k), strict=True)) for x in real]
    return sum(on_real) / len(fake), sum(on_fake) / len(real)


def density_coverage_pair_by_pair(real, fake, k):
    inside = [[squared_distance(x, y) < r for y in fake] for x, r in zip(real, radii(real, k), strict=True)]
    return sum(map(sum, inside)) / (k * len(fake)), sum(map(any, inside)) / len(real)


MEMORISED = np.vstack([gaussian(20, 4)[:12], gaussian(10, 4, seed=1)])
PAIRS = {
    "apart": (gaussian(40, 3), gaussian(35, 3, seed=1, shift=1.5)),
    "wider": (gaussian(30, 5), gaussian(45, 5, seed=1, spread=2)),
    "memorised": (gaussian(20, 4), MEMORISED),
    "one image memorised": (gaussian(25, 4), np.repeat(gaussian(25, 4)[3:4], 20, axis=0)),
    "lattice": (lattice(50, 3), lattice(40, 3, seed=1)),
    "sparse lattice": (lattice(40, 5, size=4), lattice(40, 5, seed=1, size=6)),
    "constant and not": (np.full((10, 3), 1.0), lattice(30, 3)),
}


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("k", [1, 3, 7])
def test_equals_the_definition_pair_by_pair(name, k):
    real, fake = PAIRS[name]
    assert precision_recall(real, fake, k) == precision_recall_pair_by_pair(real, fake, k)
    assert density_coverage(real, fake, k) == pytest.approx(density_coverage_pair_by_pair(real, fake, k), rel=1e-14)
    assert precision_recall(fake, real, k) == precision_recall_pair_by_pair(fake, real, k)
    assert density_coverage(fake, real, k) == pytest.approx(density_coverage_pair_by_pair(fake, real, k), rel=1e-14)


@pytest.mark.parametrize("offset", [0, 2.0**20, 2.0**40])
def test_ties_and_duplicates_under_a_common_offset(offset):
    # Whole numbers stay exact under these offsets, whose squares do not fit in float64's digits.
    real, fake = lattice(60, 4), lattice(50, 4, seed=1)
    assert precision_recall(real + offset, fake + offset) == precision_recall_pair_by_pair(real, fake, 3)
    expected = density_coverage_pair_by_pair(real, fake, 5)
    assert density_coverage(real + offset, fake + offset) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("offset", [0, 1000])
def test_a_set_against_itself(dtype, offset):
    # Each ball holds its own sample and k - 1 others; the k-th is exactly on the border.
    x = (gaussian(700, 64) + offset).astype(dtype)
    assert precision_recall(x, x[::-1]) == (1, 1)
    assert density_coverage(x, x[::-1]) == pytest.approx((1, 1), rel=1e-14)


def test_both_measures_at_once_are_those_of_each():
    real, fake = lattice(60, 3), gaussian(50, 3, seed=1)
    squares = neighbours.nearest_squares(real, 5)
    expected = precision_recall(real, fake), density_coverage(real, fake)
    assert compare_manifolds(real, fake, 3, 5) == compare_manifolds(real, fake, 3, 5, squares) == expected


def test_sets_that_do_not_meet():
    assert precision_recall(gaussian(50, 8), gaussian(50, 8, shift=100)) == (0, 0)
    assert density_coverage(gaussian(50, 8), gaussian(50, 8, shift=100)) == (0, 0)


def test_equal_distributions_have_the_coverage_of_the_paper():
    # Naeem et al. 2020, section 3.3: 1 - (n-1)...(n-k) / ((2n-1)...(2n-k)), which tends to 1 - 2^-k.
    n, k, runs = 400, 2, 20
    expected = 1 - (n - 1) * (n - 2) / ((2 * n - 1) * (2 * n - 2))
    results = np.array([density_coverage(gaussian(n, 6, seed), gaussian(n, 6, 100 + seed), k) for seed in range(runs)])
    errors = results.std(axis=0) / np.sqrt(runs)
    assert abs(results[:, 1].mean() - expected) < 4 * errors[1]
    assert abs(results[:, 0].mean() - 1) < 4 * errors[0]


def test_what_each_measure_tells():
    real = gaussian(500, 6)
    narrow, wide = gaussian(500, 6, seed=1, spread=0.3), gaussian(500, 6, seed=1, spread=3)
    assert precision_recall(real, narrow).precision > 0.95 > 0.5 > precision_recall(real, narrow).recall
    assert precision_recall(real, wide).recall > 0.95 > 0.5 > precision_recall(real, wide).precision
    assert density_coverage(real, narrow).density > 1.5 > 0.5 > density_coverage(real, narrow).coverage
    # One real outlier opens a ball that holds everything: precision is fooled, density is not.
    far = gaussian(500, 6, seed=2, shift=20)
    with_outlier = np.vstack([real, np.full((1, 6), 60.0)])
    assert precision_recall(real, far).precision == 0
    assert precision_recall(with_outlier, far).precision == 1
    assert density_coverage(with_outlier, far).density == pytest.approx(1 / 5)


def test_constant_features():
    ones = np.ones((10, 4))
    assert precision_recall(ones, ones) == (1, 1)
    assert precision_recall(ones, ones + 1) == (0, 0)
    assert density_coverage(ones, ones) == (0, 0)
    real, fake = gaussian(60, 4), gaussian(60, 4, seed=1)
    dead = np.full((60, 3), 0.1)
    assert precision_recall(np.hstack([real, dead]), np.hstack([fake, dead])) == precision_recall(real, fake)


def test_results_do_not_change_with_the_blocks(monkeypatch):
    real, fake = lattice(300, 5), gaussian(250, 5, shift=1)
    expected = precision_recall(real, fake), density_coverage(real, fake)
    stripes = neighbours.stripes
    for module in ("neighbours", "manifold"):
        monkeypatch.setattr(f"keras_gans.metrics.{module}.stripes", lambda a, b=None, block_bytes=0: stripes(a, b, 30_000))
    assert len(list(neighbours.stripes(real, fake))) > 20
    assert (precision_recall(real, fake), density_coverage(real, fake)) == expected


def test_too_few_samples():
    x = gaussian(20, 3)
    for few, enough in ((x[:3], x), (x, x[:3])):
        with pytest.raises(ValueError, match=r"3 sample.*k=3.*at least 4"):
            precision_recall(few, enough)
    assert precision_recall(x[:4], x[:4]) == (1, 1)
    with pytest.raises(ValueError, match=r"real holds 5 sample.*k=5.*at least 6"):
        density_coverage(x[:5], x)
    # The generated samples' own neighbours are not asked for.
    assert density_coverage(x, x[:1]).coverage > 0
    for measure in (precision_recall, density_coverage):
        with pytest.raises(ValueError, match="k must be"):
            measure(x, x, k=0)


@pytest.mark.parametrize("measure", [precision_recall, density_coverage])
def test_features_that_cannot_be_measured(measure):
    good = gaussian(20, 3)
    for bad, message in ((good[:, :2], "2"), (good * np.nan, "NaN"), (good[:0], "0 sample"), (good[0], "shape")):
        for arguments in ((bad, good), (good, bad)):
            with pytest.raises(ValueError, match=message):
                measure(*arguments)


_PEAK = """
import resource, sys, time
import numpy as np
from keras_gans.metrics.manifold import precision_recall
n, d = int(sys.argv[1]), int(sys.argv[2])
random = np.random.default_rng(0)
real, fake = random.normal(size=(2, n, d)).astype(np.float32)
begun = time.perf_counter()
precision_recall(real, fake)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, time.perf_counter() - begun)
"""


def peak_memory(n, d):
    """Returns GiB and seconds of precision and recall, in a process of their own."""
    run = subprocess.run([sys.executable, "-c", _PEAK, str(n), str(d)], capture_output=True, text=True, check=True)
    return map(float, run.stdout.split())


@pytest.mark.slow
def test_precision_and_recall_stay_under_two_gib(n=10_000, d=2048):
    """Python and the features included.

    Last run: 2026-11-24: 0.49 and 0.66 GiB; 120 s on two cores at a load of 6 to 7.
    """
    gib, seconds = peak_memory(n, d)
    print(f"{gib:.2f} GiB, {seconds:.0f} s")
    assert gib < 2
