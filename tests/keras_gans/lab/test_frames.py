"""The layers of a frame, against the model, SciPy and finite differences."""

import numpy as np
import pytest
from scipy.stats import norm

import keras_gans
from keras_gans.data import mixtures
from keras_gans.lab.arrays import decode, encode
from keras_gans.lab.frames import ARROWS, CELLS, LINES, MEASURED, FrameMaker, latent_grid
from keras_gans.metrics import grid_density, js_divergence


@pytest.fixture(scope="module")
def model():
    model = keras_gans.create_model("gan", image_shape=(2,), width=8, latent_dim=3, seed=0)
    rng = np.random.default_rng(0)
    for weight in (*model.generator.weights, *model.discriminator.weights):
        weight.assign(rng.normal(0, 0.5, weight.shape))
    return model


@pytest.fixture(scope="module")
def maker(model):
    return FrameMaker(model, mixtures.ring().sample(16_384)[0], mixtures.ring())


def test_layers_are_what_the_model_computes(model, maker):
    before = model.get_weights(), np.asarray(model.noise_seed.state)
    np.random.seed(1)
    state = np.random.get_state()[1].copy()
    frame = maker.frame()
    np.testing.assert_array_equal(state, np.random.get_state()[1])
    points = decode(frame["generated"]).reshape(512, 2)
    np.testing.assert_allclose(points, model.generate(512, seed=0), atol=1 / 32_767)
    low, high = frame["scores"]
    for row, column in [(0, 0), (3, 17), (39, 5)]:
        place = (np.array([[column, row]]) + 0.5) * 2 / CELLS - 1
        score = float(np.asarray(model.discriminator(place.astype("float32")))[0, 0])
        assert low + decode(frame["heat"])[row * CELLS + column] * (high - low) == pytest.approx(score, abs=1e-4 * (high - low))
    gradients = decode(frame["gradients"]).reshape(ARROWS, 2)

    def score(at):
        return np.asarray(model.discriminator(at.astype("float32")), "float64")[:, 0]

    exact, step = model.generate(ARROWS, seed=0), 1e-3
    numeric = np.stack([(score(exact + step * e) - score(exact - step * e)) / (2 * step) for e in np.eye(2)], axis=1)
    # A leaky unit may bend between both points.
    assert np.mean(np.abs(numeric - gradients).max(axis=1) < 0.01 * np.abs(gradients).max()) > 0.95
    for one, other in zip(before[0], model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(before[1], np.asarray(model.noise_seed.state))


def test_cells_of_the_latent_grid_hold_equal_shares(model):
    grid = latent_grid(model).reshape(LINES, LINES, 3)
    np.testing.assert_allclose(grid[0, :, 0], norm.ppf((np.arange(LINES) + 0.5) / LINES), atol=1e-6)
    np.testing.assert_allclose(grid[:, 0, 1], norm.ppf((np.arange(LINES) + 0.5) / LINES), atol=1e-6)
    assert (grid[..., 2] == 0).all()
    model.latent_noise = "uniform"
    try:
        uniform = latent_grid(model).reshape(LINES, LINES, 3)
    finally:
        model.latent_noise = "normal"
    np.testing.assert_allclose(uniform[0, :, 0], (np.arange(LINES) + 0.5) / LINES, atol=1e-6)
    assert (uniform[..., 2] == 0.5).all()


def test_measures(model, maker):
    same = maker.constants()["same"]
    assert 0 < same["js"] < 0.02 and 0 < same["kl"] < 0.1
    points = mixtures.ring().sample(MEASURED, seed=9)[0]
    assert maker.divergences(points)["js"] == pytest.approx(same["js"], abs=0.01)
    rng = np.random.default_rng(1)
    reference = mixtures.ring().sample(16_384)[0][rng.integers(16_384, size=MEASURED)]
    measures = maker.measures()
    generated = grid_density(model.generate(MEASURED, seed=1))
    assert measures["js"] == pytest.approx(js_divergence(grid_density(reference), generated), rel=1e-4)
    assert measures["kl"] > 1 and measures["modes"] == 0


def test_numbers_that_are_not_finite_are_sent_as_missing(model, maker):
    saved = model.generator.get_weights()
    try:
        model.generator.set_weights([np.full_like(each, np.nan) for each in saved])
        frame, measures = maker.frame(), maker.measures()
    finally:
        model.generator.set_weights(saved)
    assert np.isnan(decode(frame["generated"])).all() and measures["js"] is None


@pytest.mark.parametrize("values", [[0.5, -1.0, np.nan], [3e38, -2.0], [np.inf, -np.inf], []])
def test_arrays_return(values):
    values = np.array(values, "float32")
    found, bound = decode(encode(values)), encode(values)["bound"]
    expected = np.where(np.isfinite(values), values, np.nan)
    np.testing.assert_allclose(found, expected, atol=0.5001 * bound / 32_767, equal_nan=True)
