"""Against torch-fidelity 0.4 on the same features (`pip install torch-fidelity`; skipped where it is not installed)."""

import numpy as np
import pytest

pytest.importorskip("torch_fidelity")
import torch
from torch_fidelity import metric_fid, metric_isc, metric_kid, metric_prc

from keras_gans.metrics.frechet import frechet_distance
from keras_gans.metrics.inception_score import inception_score
from keras_gans.metrics.kernel import kernel_distance
from keras_gans.metrics.manifold import precision_recall


def features(n, d, seed, dtype=np.float64):
    """Correlated, not negative and with many zeros, as those of a network that ends in a ReLU."""
    random = np.random.default_rng(seed)
    basis = np.random.default_rng(9).normal(size=(16, d))
    x = random.normal(size=(n, 16)) @ basis * (0.3 + 0.02 * seed) + 0.2 * random.normal(size=(n, d)) + 0.1 * seed
    return np.maximum(x, 0).astype(dtype)


def fid(real, fake):
    statistics = (metric_fid.fid_features_to_statistics(torch.tensor(x)) for x in (fake, real))
    return metric_fid.fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"]


def kid(real, fake, **arguments):
    result = metric_kid.kid_features_to_metric(torch.tensor(fake), torch.tensor(real), verbose=False, **arguments)
    return result["kernel_inception_distance_mean"], result["kernel_inception_distance_std"]


def precision_recall_theirs(real, fake, **arguments):
    result = metric_prc.prc_features_to_metric(torch.tensor(fake), torch.tensor(real), verbose=False, **arguments)
    return result["precision"], result["recall"]


@pytest.mark.parametrize(("n", "m", "d"), [(1000, 900, 64), (5000, 3000, 192), (700, 700, 300)])
def test_frechet_distance(n, m, d):
    real, fake = features(n, d, 0), features(m, d, 1)
    assert frechet_distance(real, fake) == pytest.approx(fid(real, fake), rel=1e-6)


def test_frechet_distance_of_fewer_samples_than_features():
    real, fake = features(150, 400, 0), features(200, 400, 1)
    assert frechet_distance(real, fake) == pytest.approx(fid(real, fake), rel=1e-6)


def test_float32_features_are_measured_as_theirs_are_in_float64():
    # They sum means and kernels in the dtype of the features, and lose some 1e-6 of a small distance in float32.
    real, fake = features(3000, 64, 0, np.float32), features(3000, 64, 1, np.float32)
    wide_real, wide_fake = real.astype(np.float64), fake.astype(np.float64)
    assert frechet_distance(real, fake) == pytest.approx(fid(wide_real, wide_fake), rel=1e-9)
    theirs = kid(wide_real, wide_fake, kid_subsets=5, kid_subset_size=200)
    assert kernel_distance(real, fake, subsets=5, subset_size=200) == pytest.approx(theirs, abs=1e-9, rel=0)


@pytest.mark.parametrize(
    ("n", "m", "arguments"),
    [
        (1500, 1200, {}),
        (600, 900, {"subsets": 7, "subset_size": 100}),
        (300, 300, {"subsets": 3, "subset_size": 300}),
        (300, 200, {"subsets": 20, "subset_size": 50, "seed": 5}),
    ],
)
def test_kernel_distance(n, m, arguments):
    real, fake = features(n, 48, 0), features(m, 48, 1)
    names = {"subsets": "kid_subsets", "subset_size": "kid_subset_size", "seed": "rng_seed"}
    theirs = kid(real, fake, **{names[name]: value for name, value in arguments.items()})
    assert kernel_distance(real, fake, **arguments) == pytest.approx(theirs, abs=1e-9, rel=0)


@pytest.mark.parametrize(("n", "classes", "splits", "seed"), [(5000, 1008, 10, 2020), (103, 10, 7, 5), (10, 3, 10, 2020)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_inception_score(n, classes, splits, seed, dtype):
    logits = (3 * np.random.default_rng(0).normal(size=(n, classes))).astype(dtype)
    result = metric_isc.isc_features_to_metric(torch.tensor(logits), splits=splits, rng_seed=seed)
    theirs = result["inception_score_mean"], result["inception_score_std"]
    assert inception_score(logits, splits, seed, from_logits=True) == pytest.approx(theirs, abs=1e-9, rel=0)
    probabilities = torch.tensor(logits).double().softmax(dim=1).numpy()
    assert inception_score(probabilities, splits, seed) == pytest.approx(theirs, abs=1e-9, rel=0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("k", [3, 5])
@pytest.mark.parametrize("save_cpu_ram", [False, True])
def test_precision_and_recall(dtype, k, save_cpu_ram):
    real, fake = features(1200, 48, 0, dtype), features(900, 48, 1, dtype)
    theirs = precision_recall_theirs(real, fake, prc_neighborhood=k, prc_batch_size=500, save_cpu_ram=save_cpu_ram)
    assert 0.05 < min(theirs) < max(theirs) < 0.99
    # Theirs are float32 means: equal counts give equal float32 numbers.
    assert tuple(np.float32(precision_recall(real, fake, k))) == tuple(np.float32(theirs))


def test_precision_and_recall_of_memorised_and_repeated_samples():
    # On whole numbers their distances are exact as well, up to a root, and many are 0 or equal.
    real = np.random.default_rng(0).integers(0, 3, (300, 5)).astype(float)
    fake = np.random.default_rng(1).integers(0, 4, (200, 5)).astype(float)
    theirs = precision_recall_theirs(real, fake)
    assert tuple(np.float32(precision_recall(real, fake))) == tuple(np.float32(theirs))
