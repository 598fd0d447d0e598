"""The accountant against dp-accounting 0.6.0, numerical integration, and published settings."""

import math

import numpy as np
import pytest

from keras_gans.privacy import DPSGD, divergence, epsilon_of, noise_for, steps_within

# dp_accounting.rdp.RdpAccountant(ORDERS) of version 0.6.0, composed of SelfComposedDpEvent(PoissonSampledDpEvent(rate,
# GaussianDpEvent(noise)), steps); epsilon by its default orders. Where the package is installed, the last test compares both.
ORDERS = [2, 5, 16, 31, 64, 128, 256]
REFERENCES = [
    (
        128 / 60000,
        1.0,
        450000,
        1e-05,
        9.969651056,
        [3.519027425, 8.953426619, 648035.4065, 4115217.647, 11588539.62, 26010677.11, 54821615.63],
    ),
    (
        512 / 60000,
        2.0,
        174000,
        1e-05,
        10.0791223,
        [3.59864813, 9.068208891, 29.90576809, 60.55944379, 549948.987, 1948576.365, 4735852.536],
    ),
    (
        128 / 60000,
        5.0,
        325000,
        1e-05,
        0.9940904322,
        [0.06036366395, 0.1509490372, 0.4835055923, 0.9380341771, 1.942260629, 3.906787623, 7.904753727],
    ),
    (
        512 / 60000,
        14.0,
        165000,
        1e-05,
        1.003550436,
        [0.0614573144, 0.1536632699, 0.491957131, 0.9537878761, 1.971938553, 3.954908739, 7.954442798],
    ),
    (
        256 / 60000,
        0.57,
        5000,
        1e-05,
        9.172039919,
        [1.884906837, 4411.79574, 94011.21844, 210340.8348, 464741.5172, 957418.985, 1942445.262],
    ),
    (
        64 / 1797,
        1.03,
        2000,
        0.0001,
        10.03994011,
        [3.970366638, 13.52913134, 7966.929312, 22328.15886, 53550.28385, 113929.7752, 234608.4143],
    ),
    (1.0, 4.0, 100, 1e-06, 15.32798403, [6.25, 15.625, 50, 96.875, 200, 400, 800]),
    (
        0.5,
        1.5,
        10,
        0.001,
        4.663615158,
        [1.309456927, 4.781311017, 28.17562495, 61.72638476, 135.1807271, 277.4583941, 561.9302348],
    ),
]


@pytest.mark.parametrize(("rate", "noise", "steps", "delta", "epsilon", "divergences"), REFERENCES)
def test_divergences_are_those_of_dp_accounting(rate, noise, steps, delta, epsilon, divergences):
    np.testing.assert_allclose(steps * divergence(rate, noise, ORDERS), divergences, rtol=1e-6)
    # Its fractional orders are bounds that lie up to 50 % above the integral; so epsilon may be a little smaller here.
    ours = epsilon_of(rate, noise, steps, delta)
    assert ours <= epsilon * (1 + 1e-6)
    assert ours == pytest.approx(epsilon, rel=5e-3)


@pytest.mark.parametrize("order", [1.1, 1.5, 2.5, 3.7, 8.3, 10.9])
@pytest.mark.parametrize(("rate", "noise"), [(0.002, 1.0), (0.0085, 14.0), (0.0043, 0.57), (0.5, 1.5)])
def test_fractional_orders_are_the_integral_of_their_definition(rate, noise, order):
    integrate = pytest.importorskip("scipy.integrate")

    def beyond_one(x):
        density = math.exp(-x * x / (2 * noise**2)) / (noise * math.sqrt(2 * math.pi))
        excess = rate * math.expm1((2 * x - 1) / (2 * noise**2))
        return density * ((1 + excess) ** order - 1 - order * excess)  # the linear term has the mean 0

    value, _ = integrate.quad(beyond_one, -12 * noise, order + 12 * noise, limit=500, epsabs=1e-16, epsrel=1e-11)
    assert divergence(rate, noise, [order])[0] == pytest.approx(math.log1p(value) / (order - 1), rel=1e-7)


PUBLISHED = [(128, 1, 450_000, 10), (512, 2, 174_000, 10), (128, 5, 325_000, 1), (512, 14, 165_000, 1)]


@pytest.mark.parametrize(("batch_size", "noise", "steps", "epsilon"), PUBLISHED)
def test_the_settings_of_private_gans_revisited_spend_what_the_paper_says(batch_size, noise, steps, epsilon):
    assert epsilon_of(batch_size / 60_000, noise, steps, 1e-5) == pytest.approx(epsilon, rel=0.03)


def test_the_noise_that_is_chosen_spends_the_budget_and_no_more():
    noise = noise_for(3.0, 0.05, 200, 1e-4)
    assert 2.99 < epsilon_of(0.05, noise, 200, 1e-4) <= 3.0
    assert epsilon_of(0.05, noise - 2e-4, 200, 1e-4) > 3.0
    steps = steps_within(3.0, 0.05, noise, 1e-4)
    assert steps >= 200
    assert epsilon_of(0.05, noise, steps, 1e-4) <= 3.0 < epsilon_of(0.05, noise, steps + 1, 1e-4)


def test_more_steps_less_noise_and_larger_batches_spend_more():
    usual = epsilon_of(0.01, 1.0, 1000, 1e-5)
    assert epsilon_of(0.01, 1.0, 2000, 1e-5) > usual
    assert epsilon_of(0.01, 0.8, 1000, 1e-5) > usual
    assert epsilon_of(0.02, 1.0, 1000, 1e-5) > usual
    assert epsilon_of(0.01, 1.0, 0, 1e-5) == 0.0


def test_training_is_told_when_the_budget_does_not_suffice():
    with pytest.raises(ValueError, match=r"One step with noise=0.1 .* spends more than epsilon=0.5"):
        DPSGD(epsilon=0.5, delta=1e-5, noise=0.1).plan(1000, 500, 10)
    assert DPSGD(epsilon=3, delta=1e-4, steps=200).plan(1000, 50, 7) == (noise_for(3, 0.05, 200, 1e-4), 200)


def test_dp_accounting_itself_agrees():
    accounting = pytest.importorskip("dp_accounting")
    from dp_accounting.rdp import RdpAccountant

    event = accounting.PoissonSampledDpEvent(0.01, accounting.GaussianDpEvent(1.1))
    reference = RdpAccountant(ORDERS)
    reference.compose(accounting.SelfComposedDpEvent(event, 1000))
    np.testing.assert_allclose(1000 * divergence(0.01, 1.1, ORDERS), reference._rdp, rtol=1e-6)
