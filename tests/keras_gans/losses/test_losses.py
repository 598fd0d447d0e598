import keras
import numpy as np
import pytest
from scipy.special import expit

from keras_gans import losses

REAL = np.array([[-3.0], [0.2], [1.7], [30.0]], "float32")
FAKE = np.array([[-20.0], [-0.5], [2.5], [0.1]], "float32")


def probability(x):
    return expit(x.astype("float64"))


# The papers' formulas in terms of probabilities, computed in float64.
REFERENCES = {
    "non_saturating": (
        lambda r, f: -np.log(probability(r)) - np.log(1 - probability(f)),
        lambda r, f: -np.log(probability(f)),
    ),
    "minimax": (
        lambda r, f: -np.log(probability(r)) - np.log(1 - probability(f)),
        lambda r, f: np.log(1 - probability(f)),
    ),
    "least_squares": (lambda r, f: ((r - 1) ** 2 + f**2) / 2, lambda r, f: (f - 1) ** 2 / 2),
    "hinge": (lambda r, f: np.maximum(0, 1 - r) + np.maximum(0, 1 + f), lambda r, f: -f),
    "wasserstein": (lambda r, f: f - r, lambda r, f: -f),
    "relativistic": (lambda r, f: -np.log(probability(r - f)), lambda r, f: -np.log(probability(f - r))),
    "relativistic_average": (
        lambda r, f: -0.5 * (np.log(probability(r - f.mean())) + np.log(probability(r.mean() - f))),
        lambda r, f: -0.5 * (np.log(probability(f - r.mean())) + np.log(probability(f.mean() - r))),
    ),
}


def test_every_loss_has_a_reference_here():
    assert losses.names() == sorted(REFERENCES)


@pytest.mark.parametrize("name", sorted(REFERENCES))
def test_losses_equal_the_papers_formulas(name):
    loss = losses.get(name)
    discriminator, generator = REFERENCES[name]
    # float32 rounds softplus(-30) to 0, whose reference is 1e-13.
    np.testing.assert_allclose(loss.discriminator_loss(REAL, FAKE), discriminator(REAL, FAKE), rtol=1e-5, atol=1e-6)
    real = REAL if loss.needs_real else None
    np.testing.assert_allclose(loss.generator_loss(FAKE, real), generator(REAL, FAKE), rtol=1e-5, atol=1e-6)


def test_label_smoothing_is_cross_entropy_with_a_smaller_target_for_real_samples_only():
    loss = losses.NonSaturating(label_smoothing=0.1)
    p, q = probability(REAL[:3]), probability(FAKE[:3])
    expected = -0.9 * np.log(p) - 0.1 * np.log(1 - p) - np.log(1 - q)
    np.testing.assert_allclose(loss.discriminator_loss(REAL[:3], FAKE[:3]), expected, rtol=1e-5)


@pytest.mark.parametrize("name", sorted(REFERENCES))
def test_losses_stay_finite_for_extreme_scores(name):
    loss = losses.get(name)
    extreme = np.array([[-1e4], [1e4]], "float32")
    assert np.isfinite(loss.discriminator_loss(extreme, -extreme)).all()
    assert np.isfinite(loss.generator_loss(extreme, -extreme)).all()


@pytest.mark.parametrize("loss", [losses.NonSaturating(0.2), losses.Hinge(), losses.RelativisticPairing()])
def test_losses_survive_serialization(loss):
    copy = losses.get(keras.saving.serialize_keras_object(loss))
    assert type(copy) is type(loss)
    assert copy.get_config() == loss.get_config()


def test_unknown_loss_names_the_nearest():
    with pytest.raises(ValueError, match="Did you mean 'hinge'"):
        losses.get("hing")


def test_label_smoothing_out_of_range_is_refused():
    with pytest.raises(ValueError, match="label_smoothing"):
        losses.Minimax(label_smoothing=0.7)
