import numpy as np
import pytest
import scipy.special
import scipy.stats
from keras import ops

from keras_gans.sequences import InverseTemperature, relaxed

RNG = np.random.default_rng(0)
LOGITS = np.array([0.3, -1.0, 1.2, 0.0], "float32")


def drawn(n, sharpness):
    """Tokens drawn from LOGITS, and their relaxed vectors."""
    tokens = RNG.choice(4, n, p=scipy.special.softmax(LOGITS)).astype("int32")
    uniform = RNG.random((n, 1, 4), dtype="float32")
    soft = relaxed(np.tile(LOGITS, (n, 1, 1)), tokens[:, None], uniform, sharpness)
    return tokens, ops.convert_to_numpy(soft)[:, 0]


def test_the_largest_component_is_the_token_that_was_drawn():
    tokens, soft = drawn(5_000, 1.0)
    np.testing.assert_array_equal(soft.argmax(axis=1), tokens)
    np.testing.assert_allclose(soft.sum(axis=1), 1.0, rtol=1e-5)


def test_relaxed_vectors_are_distributed_as_those_of_gumbel_noise():
    _, soft = drawn(20_000, 2.0)
    direct = scipy.special.softmax(2.0 * (LOGITS + RNG.gumbel(size=(20_000, 4))), axis=1)
    for component in range(4):
        assert scipy.stats.ks_2samp(soft[:, component], direct[:, component]).pvalue > 1e-3
    # Together, too, not only each by itself.
    for first, second in ((0, 1), (2, 3)):
        assert scipy.stats.ks_2samp(soft[:, first] - soft[:, second], direct[:, first] - direct[:, second]).pvalue > 1e-3


def test_the_sharper_the_nearer_to_tokens():
    largest = [drawn(2_000, sharpness)[1].max(axis=1).mean() for sharpness in (0.1, 1.0, 10.0, 1000.0)]
    assert largest == sorted(largest)
    assert largest[-1] > 0.99


def test_the_gradient_is_that_of_the_softmax_with_the_noise_held_fixed():
    from keras_gans.backend import input_gradient

    tokens, uniform = np.array([[2]], "int32"), RNG.random((1, 1, 4), dtype="float32")
    weights = np.array([1.0, -2.0, 0.5, 3.0], "float32")

    def score(logits):
        return ops.sum(relaxed(logits, tokens, uniform, 3.0) * weights, axis=(1, 2))

    soft = ops.convert_to_numpy(relaxed(LOGITS[None, None], tokens, uniform, 3.0))[0, 0].astype("float64")
    by_sum = 3.0 * (np.diag(soft) - np.outer(soft, soft)) @ weights
    # Logits enter as log-probabilities, whose own derivative takes the mean away; a softmax does not mind.
    gradient = ops.convert_to_numpy(input_gradient(score, ops.convert_to_tensor(LOGITS[None, None])))[0, 0]
    np.testing.assert_allclose(gradient, by_sum, atol=2e-4)


def test_extreme_logits_and_numbers_stay_finite():
    logits = np.array([[[80.0, -80.0, 0.0]]], "float32")
    for uniform in (0.0, 1.0 - 2.0**-24):
        for token in (0, 1, 2):
            soft = ops.convert_to_numpy(relaxed(logits, np.array([[token]]), np.full((1, 1, 3), uniform, "float32"), 1.0))
            assert np.isfinite(soft).all()


def test_the_inverse_temperature_rises_exponentially_and_stays():
    rise = InverseTemperature(100.0, 1000)
    assert [float(rise(step)) for step in (0, 500, 1000, 5000)] == pytest.approx([1.0, 10.0, 100.0, 100.0], rel=1e-5)
    assert InverseTemperature.from_config(rise.get_config()).get_config() == {"largest": 100.0, "steps": 1000}
    with pytest.raises(ValueError, match="at least 1"):
        InverseTemperature(0.5)
