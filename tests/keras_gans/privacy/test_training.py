"""Private steps: clipped gradients against a loop, closed forms, budgets, logs and secret seeds."""

import shutil

import keras
import numpy as np
import pytest
from keras import layers, ops

import keras_gans
from keras_gans.adversarial import private_step
from keras_gans.adversarial.sample_gradients import clipped_sum, is_known
from keras_gans.backend import clipped_gradients, minimize
from keras_gans.callbacks import ExactResume
from keras_gans.data.batches import Batches
from keras_gans.data.poisson_batches import INCLUDED, PoissonBatches
from keras_gans.privacy import DPSGD
from tests.support.breaking_off import Kill, Killed
from tests.support.networks import make_networks

POINTS = keras_gans.data.mixtures.ring().sample(128)[0]
RNG = np.random.default_rng(0)


def make_gan(privacy, dropout=True, **options):
    keras.utils.set_random_seed(0)
    model = keras_gans.GAN(*make_networks(dropout=dropout), seed=0)
    model.compile(privacy=privacy, **options)
    return model


# Gradients of samples.

CRITICS = {
    "images": [
        keras.Input((12, 11, 2)),
        layers.Conv2D(3, 4, 2, "same"),
        layers.LeakyReLU(0.2),
        layers.Conv2D(4, 3, dilation_rate=2),
        layers.GroupNormalization(2),
        layers.Flatten(),
        layers.Dense(1),
    ],
    "sounds": [
        keras.Input((24, 1)),
        layers.Conv1D(3, 5, 3),
        layers.LeakyReLU(0.2),
        layers.Conv1D(2, 3),
        layers.Flatten(),
        layers.Dense(1),
    ],
    "depthwise": [keras.Input((6, 6, 2)), layers.SeparableConv2D(3, 3, padding="same"), layers.Flatten(), layers.Dense(1)],
    "volumes": [
        keras.Input((5, 4, 6, 1)),
        layers.Conv3D(2, (3, 1, 2), (2, 1, 3), "same"),
        layers.LayerNormalization(),
        layers.Dense(3),
        layers.ReLU(),
        layers.Dense(1),
    ],
    # Sentences, in which words come back, in both halves of a pair.
    "words": [keras.Input((6,), dtype="int32"), layers.Embedding(4, 3), layers.Flatten(), layers.Dense(1)],
    "long": [keras.Input((30,)), layers.Dense(40), layers.LeakyReLU(0.2), layers.Dense(1)],
}
WAYS = {
    "a loop": lambda critic, *given: clipped_gradients(*given),
    "a whole batch": clipped_sum,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", CRITICS)
def test_clipped_gradients_are_those_of_a_loop_over_samples(kind, way):
    keras.utils.set_random_seed(1)
    critic = keras.Sequential(CRITICS[kind])
    if way == "a whole batch" and kind == "depthwise":
        assert not is_known(critic)
        return
    assert is_known(critic) or kind == "depthwise"
    shape = (2, 5, *critic.input_shape[1:])
    values = RNG.integers(0, 4, shape).astype("int32") if kind == "words" else RNG.normal(size=shape).astype("float32")
    real, generated = values
    variables = critic.trainable_variables

    def loss(one):
        return ops.mean(ops.softplus(-critic(one["real"])) + ops.softplus(critic(one["generated"])))

    batch = {"real": ops.convert_to_tensor(real), "generated": ops.convert_to_tensor(generated)}
    included = ops.convert_to_tensor(np.array([1, 1, 1, 1, 0], "float32"))
    sums, norms = WAYS[way](critic, loss, variables, batch, included, 0.5)

    expected, lengths = [0.0] * len(variables), []
    for row in range(4):
        one = {name: each[row : row + 1] for name, each in batch.items()}
        slopes = gradient(lambda one=one: (loss(one), ()), variables)
        lengths.append(np.sqrt(sum(np.sum(slope**2) for slope in slopes)))
        expected = [total + slope * min(1, 0.5 / lengths[-1]) for total, slope in zip(expected, slopes, strict=True)]
    np.testing.assert_allclose(ops.convert_to_numpy(norms), [*lengths, 0.0], rtol=1e-5)
    assert min(lengths) < max(lengths)
    for one, other in zip(sums, expected, strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(one), other, atol=1e-5)


def gradient(loss_fn, variables):
    """Returns the gradient by each variable, read from a step of gradient descent."""
    optimizer = keras.optimizers.SGD(1.0)
    optimizer.build(variables)
    before = [np.array(ops.convert_to_numpy(variable)) for variable in variables]
    if keras.config.backend() == "jax":
        with keras.StatelessScope() as scope:
            minimize(loss_fn, variables, optimizer)
        after = [np.array(scope.get_current_value(variable)) for variable in variables]
    else:
        minimize(loss_fn, variables, optimizer)
        after = [np.array(ops.convert_to_numpy(variable)) for variable in variables]
    for variable, value in zip(variables, before, strict=True):
        variable.assign(value)
    return [old - new for old, new in zip(before, after, strict=True)]


def test_samples_have_dropout_of_their_own():
    generator = keras.random.SeedGenerator(3)
    seeds = np.asarray(private_step._seed_of_each(generator.state, 100))
    drawn = []
    for seed in seeds:
        generator.state.assign(seed)
        drawn.append(float(keras.random.uniform((), seed=generator)))
    assert len(set(drawn)) > 95


class SubtractMean(layers.Layer):
    """Mixes the samples of a batch, and tells nobody."""

    def call(self, x):
        return x - ops.mean(x, axis=0, keepdims=True)


class OwnScore(keras_gans.GAN):
    def score(self, *arguments, **options):
        return super().score(*arguments, **options)


@pytest.mark.parametrize(
    ("whole", "own", "layer", "options"),
    [
        (True, keras_gans.GAN, layers.LeakyReLU(0.2), {}),
        (False, keras_gans.GAN, SubtractMean(), {}),
        (False, keras_gans.GAN, layers.Activation(lambda x: x - ops.mean(x, axis=0, keepdims=True)), {}),
        # Last run: 0.1.0, 2026-11-30.
        pytest.param(False, keras_gans.GAN, layers.Dropout(0.5), {}, marks=pytest.mark.slow),
        pytest.param(False, keras_gans.GAN, layers.Dense(4, "tanh"), {}, marks=pytest.mark.slow),
        (False, OwnScore, layers.LeakyReLU(0.2), {}),
        (False, keras_gans.GAN, layers.LeakyReLU(0.2), {"penalties": ["r1"]}),
    ],
    ids=["plain", "mixes samples", "mixing activation", "dropout", "activation", "own score", "penalty"],
)
def test_samples_share_a_pass_only_where_none_can_see_another(whole, own, layer, options, monkeypatch):
    taken = []
    for name in ("clipped_sum", "clipped_gradients"):
        function = getattr(private_step, name)
        monkeypatch.setattr(private_step, name, lambda *given, name=name, to=function: (taken.append(name), to(*given))[1])
    generator = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
    critic = keras.Sequential([keras.Input((2,)), layers.Dense(4), layer, layers.Dense(1)])
    model = own(generator, critic, seed=0)
    model.compile(privacy=DPSGD(5, 1e-3), **options)
    model.fit(POINTS[:32], batch_size=16, verbose=0)
    assert set(taken) == {"clipped_sum" if whole else "clipped_gradients"}


# Whole trainings.


def test_training_spends_its_budget_and_says_so():
    model = make_gan(DPSGD(3, 1e-3), critic_steps=2)
    history = model.fit(POINTS, batch_size=16, epochs=3, verbose=0).history
    assert set(history) == {"loss", "g_loss", "d_grad", "g_grad", "epsilon"}  # nothing that real samples show
    assert history["epsilon"] == sorted(history["epsilon"])
    assert 2.9 < history["epsilon"][-1] <= 3.0
    assert np.isfinite(history["d_grad"]).all()
    statement = model.ledger.statement()
    assert statement["steps"] == 24
    assert statement["samples"] == 128
    assert 2.9 < statement["epsilon"] <= 3.0001
    assert statement["seed"] == "withheld"
    with pytest.raises(ValueError, match="The privacy budget is spent: epsilon is 3 after 24 steps"):
        model.fit(POINTS, batch_size=16, verbose=0)
    with pytest.raises(ValueError, match="compile it with the same settings, or build a new model"):
        model.compile(privacy=DPSGD(30, 1e-3))


def test_training_with_given_noise_ends_within_an_epoch_when_the_budget_is_spent():
    model = make_gan(DPSGD(3, 1e-3, noise=1.2))
    planned = DPSGD(3, 1e-3, noise=1.2).plan(128, 16, 10_000)[1]
    model.fit(POINTS, batch_size=16, epochs=20, verbose=0)
    assert model.ledger.steps == planned
    assert 0 < planned < 160
    assert planned % 8
    with pytest.raises(ValueError, match="budget is spent"):
        model.fit(POINTS, batch_size=16, epochs=20, verbose=0)


def test_another_fit_goes_on_with_the_same_data_only():
    model = make_gan(DPSGD(3, 1e-3, steps=24))
    model.fit(POINTS, batch_size=16, verbose=0)
    first = model.ledger.epsilon()
    with pytest.raises(ValueError, match="The noise was chosen for batches of 16 of 128 samples; this fit has batches of 8 of"):
        model.fit(POINTS, batch_size=8, verbose=0)
    model.fit(POINTS, batch_size=16, verbose=0)
    assert first < model.ledger.epsilon() < 3


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_penalties_and_augmentation_are_part_of_each_samples_loss():
    keras.utils.set_random_seed(0)
    generator = keras.Sequential([keras.Input((4,)), layers.Dense(64, "tanh"), layers.Reshape((8, 8, 1))])
    critic = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(4, "tanh"), layers.Dense(1)])
    model = keras_gans.WGANGP(generator, critic, seed=0)
    model.compile(privacy=DPSGD(5, 1e-3), critic_steps=1, augment="translation")
    images = RNG.uniform(-1, 1, (32, 8, 8, 1)).astype("float32")
    history = model.fit(images, batch_size=16, verbose=0).history
    assert np.isfinite(history["d_grad"]).all()
    assert model.ledger.steps == 2


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_classes_of_generated_samples_do_not_come_from_the_data():
    model = keras_gans.create_model("cgan", image_shape=(2,), num_classes=4, width=2, seed=0)
    model.compile_with(privacy=DPSGD(5, 1e-3))
    told = private_step.random_conditions(model, 4000)["labels"]
    shares = np.bincount(ops.convert_to_numpy(told), minlength=4) / 4000
    np.testing.assert_allclose(shares, 0.25, atol=0.04)
    # All real samples are of class 0, and training goes on.
    model.fit(POINTS, np.zeros(128, "int32"), batch_size=32, verbose=0)
    assert model.ledger.steps == 4


# Batches.


def test_batches_draw_each_sample_with_the_same_probability():
    batches = PoissonBatches(Batches(np.arange(400, dtype="float32")[:, None], np.arange(400), 40, seed=0))
    drawn = [batches.draw(epoch, step) for epoch in range(20) for step in range(10)]
    sizes = np.array([len(each) for each in drawn])
    counts = np.bincount(np.concatenate(drawn), minlength=400)
    # 200 batches: the size is binomial with mean 40 and variance 36, the count of a sample with mean 20 and variance 18.
    assert abs(sizes.mean() - 40) < 2
    assert 24 < sizes.var() < 50
    assert abs(counts.mean() - 20) < 1
    assert 13 < counts.var() < 24
    samples, conditions = batches.load(drawn[0], (0, 0, 0))
    count = len(drawn[0])
    assert conditions[INCLUDED].sum() == count
    np.testing.assert_array_equal(samples[:count, 0], conditions["labels"][:count])
    assert not samples[count:].any()
    other = PoissonBatches(Batches(np.zeros((400, 1), "float32"), None, 40, seed=0))
    assert other.seed != batches.seed  # the seed that the user gave determines nothing


def test_a_sample_that_cannot_be_read_is_not_replaced():
    class Broken(keras_gans.data.source.ArraySource):
        def read(self, positions, numbers=None):
            samples, found = super().read(positions, numbers)
            return samples, np.where(found == 3, 4, found)

    batches = PoissonBatches(Batches(Broken(POINTS), None, 16, seed=0))
    batches.load(np.array([1, 2]))
    with pytest.raises(ValueError, match="Sample number 3 cannot be read, and private training must not put another"):
        batches.load(np.array([1, 3]))


def test_a_batch_may_be_empty():
    batches = PoissonBatches(Batches(np.ones((4, 2), "float32"), None, 1, seed=0))
    samples, conditions = batches.load(np.zeros(0, "int64"))
    assert samples.shape[1:] == (2,)
    assert not samples.any()
    assert not conditions[INCLUDED].any()
    model = make_gan(DPSGD(50, 0.1, steps=8))
    model.fit(POINTS[:4], batch_size=1, epochs=2, verbose=0)  # a third of the batches are
    assert all(np.isfinite(value).all() for value in model.discriminator.get_weights())


# Leaks. A linear discriminator that starts at 0 shows the gradient of its first step: each canary has a weight of its own.

CANARIES = 200


def run_with_canaries(monkeypatch=None, leak=None):
    """Trains one step on canaries that a coin chose; returns the coins, what the attacker measures, and the promise."""
    generator = keras.Sequential([keras.Input((2,)), layers.Dense(CANARIES, kernel_initializer="zeros")])
    critic = keras.Sequential([keras.Input((CANARIES,)), layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    model = keras_gans.GAN(generator, critic, seed=0)
    model.compile(optimizer=keras.optimizers.SGD(1.0), privacy=DPSGD(1.0, 1e-5, clip=1.0))
    coins = np.random.default_rng(5).random(CANARIES) < 0.5
    canaries = 100 * np.eye(CANARIES, dtype="float32")[coins]
    count = len(canaries)
    if leak == "clip off":
        true_function = private_step.clipped_sum
        monkeypatch.setattr(private_step, "clipped_sum", lambda *given: true_function(*given[:-1], 1e9))
    if leak == "noise off":
        monkeypatch.setattr(type(model.ledger), "noisy_mean", lambda ledger, sums: [each / count for each in sums])
    secret = np.array(ops.convert_to_numpy(model.ledger.secret.state))
    model.fit(canaries, batch_size=count, verbose=0)
    measured = model.discriminator.get_weights()[0][:, 0] * count
    if leak == "seed known":
        generator = keras.random.SeedGenerator(0)
        generator.state.assign(secret)
        noise = keras.random.normal((CANARIES, 1), seed=generator)
        measured = measured + model.ledger.noise * ops.convert_to_numpy(noise)[:, 0]
    return coins, measured, model.ledger.epsilon()


def found(coins, measured):
    """The epsilon that an attacker proves who calls the highest half of canaries members, and the lowest others."""
    order = np.argsort(measured)
    guesses = np.zeros(CANARIES, bool)
    guesses[order[CANARIES // 2 :]] = True
    sure = [*order[:50], *order[-50:]]
    right = int(np.sum(guesses[sure] == coins[sure]))
    return keras_gans.privacy.epsilon_found(CANARIES, 100, right, 1e-5)


def test_an_attack_on_a_private_step_stays_within_the_promise():
    coins, measured, epsilon = run_with_canaries()
    assert epsilon == pytest.approx(1.0, abs=0.01)
    assert found(coins, measured) <= epsilon


@pytest.mark.parametrize("leak", ["clip off", "noise off", "seed known"])
def test_leaks_are_found(leak, monkeypatch):
    coins, measured, epsilon = run_with_canaries(monkeypatch, leak)
    assert found(coins, measured) > epsilon
    if leak == "seed known":  # which also checks the step: the sum of clipped gradients, and nothing else
        np.testing.assert_allclose(measured, coins.astype("float32"), atol=1e-3)


def test_the_bound_of_the_attack_is_that_of_the_binomial_test():
    # With delta 0: the epsilon at which `right` or more of `guesses` have a probability of 5 %.
    stats = pytest.importorskip("scipy.stats")
    epsilon = keras_gans.privacy.epsilon_found(1000, 100, 90, 0.0)
    assert stats.binom.sf(89, 100, 1 / (1 + np.exp(-epsilon))) == pytest.approx(0.05, abs=1e-3)
    assert keras_gans.privacy.epsilon_found(1000, 100, 55, 0.0) == 0.0
    assert keras_gans.privacy.epsilon_found(1000, 100, 90, 1e-4) < epsilon


# Secret seeds, and resuming.


def checkpointed(folder, model, kill_at=None, epochs=3):
    resume = ExactResume(folder, every_steps=1, every_seconds=None, keep=100, time_share=float("inf"))
    callbacks = [resume, Kill(resume, *kill_at)] if kill_at else [resume]
    try:
        model.fit(POINTS, batch_size=16, epochs=epochs, verbose=0, callbacks=callbacks)
    except Killed:
        resume.release()
    return model


def test_a_run_that_breaks_off_ends_with_the_same_weights_and_the_same_noise(tmp_path):
    settings = DPSGD(3, 1e-3, steps=100)  # not spent at the end: the secrets stay
    checkpointed(tmp_path / "one", make_gan(settings), kill_at=(1, 3))
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    ends = [checkpointed(tmp_path / name, make_gan(settings)) for name in ("one", "two")]
    assert ends[0].ledger.steps == ends[1].ledger.steps == 24
    for one, other in zip(ends[0].get_weights(), ends[1].get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    other_run = checkpointed(tmp_path / "three", make_gan(settings))
    assert not np.array_equal(other_run.discriminator.get_weights()[0], ends[0].discriminator.get_weights()[0])


def test_secrets_are_forgotten_when_the_budget_is_spent(tmp_path):
    model = make_gan(DPSGD(3, 1e-3))
    before = np.array(ops.convert_to_numpy(model.ledger.secret.state))
    checkpointed(tmp_path, model)
    assert model.ledger.is_spent
    (checkpoint,) = tmp_path.glob("epoch_*.npz")
    with np.load(checkpoint, allow_pickle=False) as archive:
        stored = [archive[name] for name in archive.files if name.startswith("model/")]
    assert not any(each.shape == before.shape and each[0] == before[0] for each in stored)
