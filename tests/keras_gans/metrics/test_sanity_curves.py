"""What is done to real images at growing strength must move each measure the way that its definition says."""

import functools

import numpy as np
import pytest
from scipy import ndimage

import keras_gans
from keras_gans.metrics.frechet import frechet_distance
from keras_gans.metrics.kernel import kernel_distance
from keras_gans.metrics.manifold import density_coverage, precision_recall
from keras_gans.metrics.memorisation import authenticity, memorisation
from keras_gans.metrics.ms_ssim import ms_ssim
from keras_gans.metrics.sliced_wasserstein import sliced_wasserstein_distance

N = 340  # as many in every set, and as many as there are of the fewest classes that are kept


@functools.cache
def digits():
    """Three sets of real digits, the last with labels; no image is in two of them."""
    data = keras_gans.load_data("digits")
    order = np.random.default_rng(0).permutation(len(data))
    images, labels = data.samples[order], data.labels[order]
    return images[:N], images[N : 2 * N], images[2 * N :], labels[2 * N :]


def blurred(strength):
    return ndimage.gaussian_filter(digits()[2][:N], (0, strength, strength, 0))


def noisy(strength):
    noise = np.random.default_rng(1).normal(0, 1, (N, 28, 28, 1))
    return np.clip(np.rint(digits()[2][:N] + strength * noise), 0, 255).astype("uint8")


def of_few_classes(dropped):
    _, _, images, labels = digits()
    kept = images[labels >= dropped][:N]
    assert len(kept) == N
    return kept


def repeated(copies):
    return np.resize(digits()[2][: N // copies], (N, 28, 28, 1))


def copied(percent):
    """Some are copies of the training set."""
    count = N * percent // 100
    return np.concatenate([digits()[0][:count], digits()[2][count:N]])


def flat(images):
    return images.reshape(len(images), -1).astype("float64")


def on_features(measure):
    return lambda fake: measure(flat(digits()[0]), flat(fake))


MEASURES = {
    "fid": on_features(frechet_distance),
    "kid": on_features(lambda real, fake: kernel_distance(real / 255, fake / 255, subsets=30, subset_size=200)[0]),
    "precision": on_features(lambda real, fake: precision_recall(real, fake).precision),
    "recall": on_features(lambda real, fake: precision_recall(real, fake).recall),
    "density": on_features(lambda real, fake: density_coverage(real, fake).density),
    "coverage": on_features(lambda real, fake: density_coverage(real, fake).coverage),
    "authenticity": on_features(authenticity),
    "nearer to train": lambda fake: memorisation(flat(fake), *map(flat, digits()[:2])).nearer_to_train,
    "distance ratio": lambda fake: memorisation(flat(fake), *map(flat, digits()[:2])).distance_ratio,
    "swd": lambda fake: sliced_wasserstein_distance(digits()[0], fake, patches_per_image=32, directions=128).average,
    "ms-ssim": lambda fake: ms_ssim(fake, pairs=3000),
}


BLUR, NOISE = (blurred, (0, 1, 1.5, 2)), (noisy, (0, 20, 50, 100))
DROPPED, COPIES = (of_few_classes, (0, 3, 6)), (copied, (0, 25, 50, 100))


@pytest.mark.parametrize(
    ("change", "strengths", "measure", "direction"),
    [
        (*BLUR, "fid", +1),
        (*BLUR, "kid", +1),
        (*BLUR, "swd", +1),
        (*NOISE, "fid", +1),
        (*NOISE, "kid", +1),
        (*NOISE, "swd", +1),
        (*NOISE, "precision", -1),
        (*NOISE, "density", -1),
        (*NOISE, "coverage", -1),
        (*DROPPED, "fid", +1),
        (*DROPPED, "kid", +1),
        (*DROPPED, "recall", -1),
        (*DROPPED, "coverage", -1),
        (*DROPPED, "ms-ssim", +1),
        (repeated, (1, 2, 5, 20), "fid", +1),
        (repeated, (1, 2, 5, 20), "coverage", -1),
        # The third neighbour is another copy of the nearest other image for two copies, and for four a copy of the same.
        (repeated, (1, 2, 4), "recall", -1),
        # Of few pairs both are the same image until there are few images.
        (repeated, (1, 20, 85, 340), "ms-ssim", +1),
        (*COPIES, "authenticity", -1),
        (*COPIES, "nearer to train", +1),
        (*COPIES, "distance ratio", -1),
    ],
)
def test_the_stronger_the_change_the_further_the_measure_moves(change, strengths, measure, direction):
    values = [MEASURES[measure](change(strength)) for strength in strengths]
    assert np.isfinite(values).all()
    assert (np.diff(values) * direction > 0).all(), values
