"""Penalties against closed forms: critics whose gradients can be written down."""

import contextlib

import keras
import numpy as np
import pytest
from keras import ops

from keras_gans import penalties
from keras_gans.adversarial.noise import Noise
from keras_gans.backend import minimize

RNG = np.random.default_rng(0)
REAL = RNG.normal(size=(6, 4)).astype("float32")
FAKE = RNG.normal(1.0, 2.0, size=(6, 4)).astype("float32")


def critic_batch(score, real=REAL, fake=FAKE, step=0, seed=0):
    real, fake = (ops.convert_to_tensor(np.asarray(samples, "float32")) for samples in (real, fake))
    noise = Noise(keras.random.SeedGenerator(seed))
    return penalties.CriticBatch(score, real, fake, score(real), score(fake), noise, ops.convert_to_tensor(step))


def linear(*weights):
    """D(x) = w x: its gradient is w everywhere."""
    column = np.array(weights, "float32")[:, None]
    return lambda x: ops.matmul(x, column)


def half_square(x):
    """D(x) = |x|^2 / 2: its gradient is the point itself."""
    return 0.5 * ops.sum(ops.square(x), axis=tuple(range(1, len(x.shape))))[:, None]


def gradients(penalty, critic, real=REAL, fake=FAKE):
    """Returns the penalty and its gradient by each variable of a critic, read from a step of gradient descent."""

    def loss():
        batch = critic_batch(lambda x: ops.cast(critic(x, training=True), "float32"), real, fake)
        value = penalty(batch)
        # As beside an adversarial loss, every variable has a gradient.
        return value + 0.0 * ops.sum(batch.real_logits), value

    variables = critic.trainable_variables
    optimizer = keras.optimizers.SGD(1.0)
    if critic.layers[0].compute_dtype == "float16":
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer, initial_scale=2**13)  # as the model does
    optimizer.build(variables)
    before = [np.array(variable) for variable in variables]
    on_jax = keras.config.backend() == "jax"
    with keras.StatelessScope() if on_jax else contextlib.nullcontext() as scope:
        _, value, _ = minimize(loss, variables, optimizer)
    after = [scope.get_current_value(variable) if on_jax else variable for variable in variables]
    slopes = [old - np.array(new) for old, new in zip(before, after, strict=True)]
    for variable, old in zip(variables, before, strict=True):
        variable.assign(old)
    return float(value), slopes


WEIGHTS = [0.5, -1.5, 2.0, 1.0]
NORM = float(np.linalg.norm(WEIGHTS))


@pytest.mark.parametrize(
    ("penalty", "expected"),
    [
        (penalties.GradientPenalty(), 10.0 * (NORM - 1.0) ** 2),
        (penalties.GradientPenalty(3.0, target=4.0), 3.0 * (NORM / 4.0 - 1.0) ** 2),
        (penalties.GradientPenalty(one_sided=True), 10.0 * (NORM - 1.0) ** 2),
        (penalties.GradientPenalty(target=4.0, one_sided=True), 0.0),
        (penalties.R1(), 5.0 * NORM**2),
        (penalties.R2(2.0), NORM**2),
        (penalties.DRAGAN(), 10.0 * (NORM - 1.0) ** 2),
        (penalties.Drift(0.5), 0.5 * np.mean((REAL @ WEIGHTS) ** 2)),
    ],
)
def test_penalties_of_a_linear_critic(penalty, expected):
    value = penalty(critic_batch(linear(*WEIGHTS)))
    assert keras.backend.standardize_dtype(value.dtype) == "float32"
    assert ops.shape(value) == ()
    np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("shape", [(6, 4), (6, 2, 3, 2)])
def test_r1_looks_at_real_samples_only_and_r2_at_generated_ones(shape):
    real, fake = RNG.normal(size=shape), RNG.normal(2.0, size=shape)
    batch = critic_batch(half_square, real, fake)
    for penalty, samples in ((penalties.R1(1.0), real), (penalties.R2(1.0), fake)):
        np.testing.assert_allclose(penalty(batch), 0.5 * np.mean(np.sum(samples.reshape(6, -1) ** 2, 1)), rtol=1e-5)


def test_the_norm_is_taken_of_each_sample_over_all_its_axes():
    # All lines have length 0, so that the gradients are the samples: norms 5 and 1. A norm over the batch would be 5.1.
    samples = np.zeros((2, 2, 2, 1), "float32")
    samples[0, 0, 0], samples[0, 1, 1], samples[1, 1, 0] = 3.0, 4.0, 1.0
    value = penalties.GradientPenalty(1.0)(critic_batch(half_square, samples, samples))
    np.testing.assert_allclose(value, ((5.0 - 1.0) ** 2 + (1.0 - 1.0) ** 2) / 2, rtol=1e-6)


class Recorder:
    """A linear critic that keeps what it scored last."""

    def __call__(self, x):
        self.samples = ops.convert_to_numpy(x)
        return ops.sum(x, axis=tuple(range(1, len(x.shape))))[:, None]


def recorded(penalty, real, fake, seed=0):
    """The points at which a penalty takes the gradient."""
    if keras.config.backend() == "jax":
        pytest.skip("JAX traces the critic, and the points have no values there")
    critic = Recorder()
    penalty(critic_batch(critic, real, fake, seed=seed))
    return critic.samples


def test_each_sample_has_one_number_of_its_own_between_real_and_generated():
    real, fake = RNG.normal(size=(500, 3, 3, 2)).astype("float32"), RNG.normal(5.0, 1.0, (500, 3, 3, 2)).astype("float32")
    share = (recorded(penalties.GradientPenalty(), real, fake) - real) / (fake - real)
    of_samples = np.median(share.reshape(500, -1), axis=1)
    np.testing.assert_allclose(share, np.broadcast_to(of_samples[:, None, None, None], share.shape), atol=1e-3)
    # Uniform: the largest distance of the empirical distribution from the diagonal, with its 0.1 % point for n = 500.
    distance = np.abs(np.sort(of_samples) - (np.arange(500) + 0.5) / 500).max()
    assert distance < 1.95 / np.sqrt(500)
    assert np.corrcoef(of_samples[:-1], of_samples[1:])[0, 1] < 0.2


def test_the_points_are_new_in_each_call():
    batch = critic_batch(half_square)
    penalty = penalties.GradientPenalty()
    assert float(penalty(batch)) != float(penalty(batch))


def test_the_position_on_the_line_decides_the_penalty_of_each_sample():
    # One pair: the gradient is the point a in [0, 1] between 0 and 1, and the penalty (1 - a)^2, whose mean is 1/3.
    batch = critic_batch(half_square, np.zeros((4000, 1)), np.ones((4000, 1)))
    value = float(penalties.GradientPenalty(1.0)(batch))
    # With one number for the batch the value would be anywhere in [0, 1]; here its standard error is 0.298 / sqrt(4000).
    assert value == pytest.approx(1 / 3, abs=4 * 0.298 / np.sqrt(4000))


def test_dragan_raises_real_samples_by_up_to_half_a_standard_deviation():
    real = RNG.normal(3.0, 2.0, (400, 5)).astype("float32")
    rise = (recorded(penalties.DRAGAN(), real, real) - real) / real.std()
    assert rise.min() >= -1e-6
    assert rise.max() <= 0.5 + 1e-6
    # spread * share * number: both factors uniform and, but for the share of a sample, independent.
    assert rise.mean() == pytest.approx(0.5 / 4, abs=0.02)
    assert np.std(rise, axis=1).min() > 0.0
    wide = (recorded(penalties.DRAGAN(spread=2.0), real, real) - real) / real.std()
    np.testing.assert_allclose(wide, 4.0 * rise, atol=1e-4)


def make_critic(*layers):
    return keras.Sequential([keras.Input((4,)), *layers])


@pytest.mark.parametrize(
    ("penalty", "slope"),
    [
        (penalties.GradientPenalty(), 20.0 * (NORM - 1.0) / NORM),
        (penalties.GradientPenalty(10.0, target=4.0), 20.0 * (NORM / 4.0 - 1.0) / 4.0 / NORM),
        (penalties.R1(), 10.0),
        (penalties.R2(), 10.0),
        (penalties.DRAGAN(), 20.0 * (NORM - 1.0) / NORM),
    ],
    ids=["gradient_penalty", "target", "r1", "r2", "dragan"],
)
def test_the_gradient_by_the_weights_of_a_linear_critic(penalty, slope):
    critic = make_critic(keras.layers.Dense(1))
    column = np.array(WEIGHTS, "float32")[:, None]
    critic.set_weights([column, np.ones(1, "float32")])
    _, (kernel, bias) = gradients(penalty, critic)
    np.testing.assert_allclose(kernel, slope * column, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(bias, 0.0)


@pytest.mark.parametrize("name", penalties.names())
def test_the_gradient_by_the_weights_of_a_network_is_that_of_finite_differences(name):
    keras.utils.set_random_seed(0)
    critic = make_critic(keras.layers.Dense(5, activation="tanh"), keras.layers.Dense(1))
    penalty = penalties.get(name)
    _, analytic = gradients(penalty, critic)
    weights = critic.get_weights()
    direction = [RNG.normal(size=weight.shape) / 5 for weight in weights]
    ends = []
    for size in (1e-2, -1e-2):
        critic.set_weights([weight + size * step for weight, step in zip(weights, direction, strict=True)])
        ends.append(float(penalty(critic_batch(critic))))
    slope = sum(float(np.sum(gradient * step)) for gradient, step in zip(analytic, direction, strict=True))
    assert slope == pytest.approx((ends[0] - ends[1]) / 2e-2, rel=0.01, abs=1e-4)


@pytest.mark.parametrize("name", penalties.names())
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_a_critic_without_slope_gives_finite_values_and_gradients(name, activation):
    critic = make_critic(keras.layers.Dense(5, activation=activation), keras.layers.Dense(1))
    for weights in (critic.get_weights(), [0.0 * weight for weight in critic.get_weights()]):
        critic.set_weights([weights[0], weights[1] - 100.0, 0.0 * weights[2], weights[3]])
        value, slopes = gradients(penalties.get(name), critic)
        assert np.isfinite(value)
        assert all(np.isfinite(slope).all() for slope in slopes)
    assert float(penalties.GradientPenalty()(critic_batch(critic))) == pytest.approx(10.0)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_a_critic_in_low_precision(policy):
    # float16 holds numbers below 6e-5 to fewer digits, the smaller the fewer.
    critic = make_critic(keras.layers.Dense(1, dtype=policy))
    for column in (np.array(WEIGHTS)[:, None], 1e-5 * np.array(WEIGHTS)[:, None]):
        critic.set_weights([column, np.zeros(1)])
        norm = np.linalg.norm(column)
        value, (slope, _) = gradients(penalties.R1(2.0), critic)
        np.testing.assert_allclose(value, norm**2, rtol=0.03)
        np.testing.assert_allclose(slope, 2.0 * column, rtol=0.03)
        value, _ = gradients(penalties.GradientPenalty(1.0), critic)
        np.testing.assert_allclose(value, (norm - 1.0) ** 2, rtol=0.03)


def test_a_target_of_750_is_a_relative_one():
    column = [750.0 / NORM * weight for weight in WEIGHTS]
    penalty = penalties.GradientPenalty(target=750.0)
    assert float(penalty(critic_batch(linear(*column)))) == pytest.approx(0.0, abs=1e-9)
    flat = penalty(critic_batch(linear(0.0, 0.0, 0.0, 0.0)))
    assert float(flat) == pytest.approx(10.0)
    steep = penalty(critic_batch(linear(*[3 * weight for weight in column])))
    assert float(steep) == pytest.approx(10.0 * 2.0**2, rel=1e-5)


def test_a_one_sided_penalty_leaves_small_norms_alone_one_sample_at_a_time():
    samples = np.array([[0.2, 0.0], [0.0, 3.0]], "float32")
    value = penalties.GradientPenalty(1.0, one_sided=True)(critic_batch(half_square, samples, samples))
    np.testing.assert_allclose(value, (3.0 - 1.0) ** 2 / 2, rtol=1e-6)


def test_weights_can_follow_a_schedule():
    schedule = keras.optimizers.schedules.PolynomialDecay(10.0, decay_steps=100, end_learning_rate=2.0)
    penalty = penalties.R1(schedule)
    for step, weight in ((0, 10.0), (50, 6.0), (500, 2.0)):
        value = penalty(critic_batch(linear(1.0, 0.0, 0.0, 0.0), step=step))
        np.testing.assert_allclose(value, weight / 2, rtol=1e-6)
    copy = penalties.get(keras.saving.serialize_keras_object(penalty))
    assert copy.weight.get_config() == schedule.get_config()


@pytest.mark.parametrize(
    "penalty",
    [
        penalties.GradientPenalty(3.0, 750.0, one_sided=True),
        penalties.R1(0.1),
        penalties.R2(0.2),
        penalties.Drift(0.3),
        penalties.DRAGAN(0.4, spread=0.7),
    ],
)
def test_penalties_survive_serialization(penalty):
    copy = penalties.get(keras.saving.serialize_keras_object(penalty))
    assert type(copy) is type(penalty)
    assert copy.get_config() == penalty.get_config()


def test_only_the_drift_term_takes_no_gradient():
    assert [name for name in penalties.names() if not penalties.get(name).takes_gradient] == ["drift"]


def test_one_or_several_or_none_can_be_named():
    assert penalties.get_all(None) == ()
    (alone,) = penalties.get_all("r1")
    assert type(alone) is penalties.R1
    own = penalties.Drift(0.2)
    first, second = penalties.get_all(["gradient_penalty", own])
    assert type(first) is penalties.GradientPenalty
    assert second is own


def test_unknown_penalties_name_the_nearest():
    with pytest.raises(ValueError, match="Did you mean 'gradient_penalty'"):
        penalties.get("gradient_penalties")
    with pytest.raises(ValueError, match="There is no penalty '7'"):
        penalties.get_all([7])


@pytest.mark.parametrize("weight", [-1.0, float("nan"), "10", None, True])
@pytest.mark.parametrize("name", penalties.names())
def test_weights_that_are_none_are_refused(name, weight):
    with pytest.raises(ValueError, match="weight"):
        type(penalties.get(name))(weight)


@pytest.mark.parametrize("value", [0.0, -1.0, "1"])
def test_targets_and_spreads_have_to_be_positive(value):
    with pytest.raises(ValueError, match="target must be"):
        penalties.GradientPenalty(target=value)
    with pytest.raises(ValueError, match="spread must be"):
        penalties.DRAGAN(spread=value)
