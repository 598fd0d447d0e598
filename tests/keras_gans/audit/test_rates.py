"""The statistics of an audit against SciPy, scikit-learn and enumeration."""

import numpy as np
import pytest

from keras_gans.audit import area_under_curve, found_at
from keras_gans.audit.rates import exact_interval

RNG = np.random.default_rng(0)
MEMBERS, OTHERS = RNG.normal(0.4, 1.0, 300).round(1), RNG.normal(0.0, 1.0, 300).round(1)  # rounded: with ties


def test_the_area_is_the_share_of_pairs_in_the_right_order():
    pairs = np.sign(MEMBERS[:, None] - OTHERS[None])
    assert area_under_curve(MEMBERS, OTHERS)["value"] == pytest.approx(np.mean((pairs + 1) / 2), abs=1e-12)
    metrics = pytest.importorskip("sklearn.metrics")
    truth = np.repeat([1, 0], 300)
    assert area_under_curve(MEMBERS, OTHERS)["value"] == pytest.approx(
        metrics.roc_auc_score(truth, np.concatenate([MEMBERS, OTHERS])), abs=1e-12
    )


def test_its_interval_has_the_variance_of_delong():
    # The definition: variances of the components over members and over others.
    order = (np.sign(MEMBERS[:, None] - OTHERS[None]) + 1) / 2
    variance = order.mean(axis=1).var(ddof=1) / 300 + order.mean(axis=0).var(ddof=1) / 300
    area = area_under_curve(MEMBERS, OTHERS)
    assert (area["high"] - area["low"]) / 2 == pytest.approx(1.959964 * np.sqrt(variance), rel=1e-5)


def test_the_interval_of_an_uninformative_attack_contains_a_half_as_often_as_it_says():
    areas = [area_under_curve(RNG.normal(size=200), RNG.normal(size=200)) for _ in range(1000)]
    covered = np.mean([area["low"] <= 0.5 <= area["high"] for area in areas])
    assert 0.93 < covered < 0.97


def test_members_are_found_at_the_threshold_of_the_false_alarms():
    others = np.arange(100.0)
    members = np.array([98.5, 99.5, 50.0, 0.0])
    assert found_at(members, others, 0.01)["value"] == 0.5  # one false alarm: 99
    assert found_at(members, others, 0.001)["value"] == 0.25  # none
    assert found_at(members, others, 1.0)["value"] == 1.0


@pytest.mark.parametrize(("count", "total"), [(0, 20), (3, 20), (20, 20), (57, 1000)])
def test_intervals_of_shares_are_those_of_clopper_and_pearson(count, total):
    stats = pytest.importorskip("scipy.stats")
    reference = stats.binomtest(count, total).proportion_ci(0.95, method="exact")
    assert exact_interval(count, total) == pytest.approx((reference.low, reference.high), abs=1e-8)
