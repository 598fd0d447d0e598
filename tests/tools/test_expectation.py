"""The time that a run is expected to take, before its first step."""

from types import SimpleNamespace

import pytest

import keras_gans
from keras_gans_tools.common import expectation


def test_a_step_costs_what_its_passes_do(monkeypatch):
    """Times of the networks are given: 1 s to generate and 2 s to score 8 samples."""
    monkeypatch.setattr(expectation, "_forward_seconds", lambda model, count: (count / 8, count / 4))
    monkeypatch.setattr(keras_gans.backend, "accelerators", list)
    judged = SimpleNamespace(takes_gradient=True)

    def expect(batch_size=16, shape=(64, 64, 3), **changes):
        model = {"data_shape": shape, "sample_shape": shape, "latent_shape": (4,), "penalties": [], "critic_steps": 1}
        return expectation.expected_seconds(SimpleNamespace(**{**model, **changes}), batch_size)

    assert expect() == 2 * (3 * 1 + 8 * 2)
    assert expect(batch_size=4) == (3 * 1 + 8 * 2) / 2
    assert expect(critic_steps=5) == 2 * ((3 * 1 + 2 * 2) / 5 + 6 * 2)
    assert expect(penalties=[judged]) == 2 * (3 * 1 + 11 * 2)
    assert expect(shape=(28, 28, 1)) is expect(shape=(5,)) is expect(latent_shape=None) is None
    assert expect(sample_shape=(4, 4, 3)) is None  # still growing
    monkeypatch.setattr(keras_gans.backend, "accelerators", lambda: ["GPU"])
    assert expect() is None


@pytest.mark.parametrize("name", ["dcgan", "cgan"])
def test_networks_are_timed(name):
    classes = {"num_classes": 2} if name == "cgan" else {}
    model = keras_gans.create_model(name, image_shape=(64, 64, 1), width=2, latent_dim=4, **classes)
    assert 0 < expectation.expected_seconds(model, 2) < 60


@pytest.mark.parametrize(
    ("step", "steps", "lines"),
    [
        (None, 1000, []),
        (1.0, 599, []),
        (1.25, 1000, ["Expected on this CPU: about 1.2 s per step, 20 min 50 s in all."]),
        (75.0, 2000, ["Expected on this CPU: about 1 min 15 s per step, 1 d 17 h in all.", "To take less time: a GPU."]),
    ],
)
def test_long_runs_are_announced(step, steps, lines):
    assert expectation.describe(step, steps, "To take less time: a GPU.") == lines
