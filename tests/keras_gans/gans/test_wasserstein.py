import warnings

import keras
import numpy as np
import pytest
from keras import layers

import keras_gans
from keras_gans.adversarial import CriticSchedule
from keras_gans.layers import BatchNormalization
from tests.support.networks import make_networks


def authors_loop(steps, first, every, thorough, count):
    """For each critic step of the authors' main loop, whether a generator step follows it."""
    due, generator_steps = [], 0
    while len(due) < count:
        extra = generator_steps < first or (every is not None and generator_steps % every == 0)
        due += [False] * ((thorough if extra else steps) - 1) + [True]
        generator_steps += 1
    return np.array(due[:count])


class Record(keras.callbacks.Callback):
    """Keeps what a function finds in the model after each step."""

    def __init__(self, look):
        super().__init__()
        self.look, self.found = look, []

    def on_train_batch_end(self, batch, logs=None):
        self.model.sync_state()
        self.found.append(self.look(self.model))


def largest_weight(model):
    return max(np.abs(weight).max() for weight in model.discriminator.get_weights())


# When the generator moves.


@pytest.mark.parametrize(
    "schedule",
    [
        (5, 25, 500, 100),  # the authors': more than three periods of 2,595 critic steps, after 4,875
        (2, 3, 7, 4),
        (2, 10, 5, 3),
        (2, 11, 5, 3),
        (1, 0, 3, 2),
        (7, 0, 2, 1),
        (3, 5, None, 2),
        (5, 0, None, 100),
        (1, 4, None, 1),
        (1, 0, None, 100),
    ],
    ids=str,
)
def test_the_schedule_is_the_authors_loop(schedule):
    count = 13_000 if schedule[2] == 500 else 400
    expected = authors_loop(*schedule, count)
    is_due = CriticSchedule(schedule[0], first=schedule[1], every=schedule[2], thorough=schedule[3]).is_due
    done = range(1, count + 1)
    np.testing.assert_array_equal([is_due(number) for number in done], expected)
    due = is_due(keras.ops.convert_to_tensor(list(done), "int32"))
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(due), expected)


def test_wgan_has_the_authors_schedule_and_optimizers():
    model = keras_gans.WGAN(*make_networks())
    model.compile()
    assert model.critic_schedule.get_config() == {"steps": 5, "first": 25, "every": 500, "thorough": 100}
    for player in model.optimizer.optimizers:
        assert isinstance(player, keras.optimizers.RMSprop)
        assert float(keras.ops.convert_to_numpy(player.learning_rate)) == pytest.approx(5e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": 0}, "critic_steps must be an integer of at least 1; received 0"),
        ({"steps": 5, "first": -1}, "first"),
        ({"steps": 5, "every": 1}, "every"),
        ({"steps": 5, "thorough": 0}, "thorough"),
        ({"steps": 2.5}, "critic_steps"),
    ],
    ids=str,
)
def test_schedules_that_make_no_sense(arguments, message):
    with pytest.raises(ValueError, match=message):
        CriticSchedule(**arguments)


# Clipped weights.


@pytest.fixture(scope="module")
def clipped():
    """A WGAN of 20 steps with a critic of large rates, what was seen after each step, and its largest weight before."""
    keras.utils.set_random_seed(0)
    model = keras_gans.WGAN(*make_networks(), seed=0, clip=0.05)
    before = largest_weight(model)
    rates = keras.optimizers.RMSprop(1e-3), keras.optimizers.RMSprop(0.02)
    model.compile(*rates, critic_steps=CriticSchedule(2, first=1, every=3, thorough=4))

    def look(model):
        moves = int(keras.ops.convert_to_numpy(model.optimizer.generator.iterations))
        return largest_weight(model), moves, model.generator.get_weights()[0]

    record = Record(look)
    points = keras_gans.data.mixtures.ring().sample(160)[0]
    model.fit(points, batch_size=16, epochs=2, verbose=0, callbacks=[record])
    return model, record.found, before


def test_weights_of_the_critic_are_clipped_from_the_beginning_and_after_each_step(clipped):
    _, found, before = clipped
    limit = np.float32(0.05)
    assert before == limit  # Glorot's are larger
    sizes = [size for size, _, _ in found]
    assert len(sizes) == 20
    assert max(sizes) <= limit
    assert sizes[-1] == limit  # steps this large come up against it


def test_the_generator_moves_when_it_is_due_and_no_other_time(clipped):
    _, found, _ = clipped
    due = authors_loop(2, 1, 3, 4, 20)
    assert [moves for _, moves, _ in found] == np.cumsum(due).tolist()
    for is_due, (_, _, old), (_, _, new) in zip(due[1:], found[:-1], found[1:], strict=True):
        assert (np.abs(new - old).max() > 0) == is_due


def test_a_saved_wgan_is_clipped_still(clipped, tmp_path):
    clipped[0].save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.clip == 0.05
    assert loaded.critic_schedule.get_config() == {"steps": 2, "first": 1, "every": 3, "thorough": 4}
    assert all(variable.constraint is not None for variable in loaded.discriminator.trainable_variables)


@pytest.mark.parametrize("clip", [0, -0.01])
def test_a_limit_that_makes_no_sense(clip):
    with pytest.raises(ValueError, match="limit above 0"):
        keras_gans.WGAN(*make_networks(), clip=clip)


def test_each_critic_step_sees_a_fresh_batch():
    # G(z) = 0 and D(x) = v x, so that a critic step of rate 1 adds the mean of the real batch to v.
    networks = [keras.Sequential([keras.Input((1,)), layers.Dense(1, use_bias=False)]) for _ in range(2)]
    networks[0].set_weights([np.zeros((1, 1), "float32")])
    model = keras_gans.WGANGP(*networks, seed=0)
    model.compile(keras.optimizers.SGD(0.0), keras.optimizers.SGD(1.0), critic_steps=3, penalties=[])
    batches = 2.0 ** -np.arange(6)
    start = model.discriminator.get_weights()[0].item()
    record = Record(lambda model: model.discriminator.get_weights()[0].item())
    data = np.repeat(batches, 4)[:, None].astype("float32")
    model.fit(data, batch_size=4, shuffle=False, epochs=1, verbose=0, callbacks=[record])
    np.testing.assert_allclose(np.diff([start, *record.found]), batches, rtol=1e-5)


# The gradient penalty.


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_networks_of_ones_own_train_in_ten_lines():
    keras.utils.set_random_seed(0)
    generator = keras.Sequential([keras.Input((4,)), layers.Dense(32, "relu"), layers.Dense(2)])
    critic = keras.Sequential([keras.Input((2,)), layers.Dense(32, "relu"), layers.Dense(32, "relu"), layers.Dense(1)])
    model = keras_gans.WGANGP(generator=generator, discriminator=critic, seed=0)
    model.compile(keras.optimizers.Adam(2e-3, beta_1=0.5), keras.optimizers.Adam(2e-3, beta_1=0.5))
    points = np.random.default_rng(0).normal([0.6, -0.4], 0.1, (640, 2)).astype("float32")
    before = np.abs(model.generate(500, seed=0).mean(axis=0) - [0.6, -0.4]).max()
    logs = model.fit(points, batch_size=32, epochs=50, verbose=0).history
    after = np.abs(model.generate(500, seed=0).mean(axis=0) - [0.6, -0.4]).max()
    assert [int(keras.ops.convert_to_numpy(player.iterations)) for player in model.optimizer.optimizers] == [200, 1000]
    assert {"penalty", "d_loss", "g_loss"} <= set(logs)
    assert np.isfinite(logs["loss"]).all()
    assert logs["penalty"][-1] < logs["penalty"][0]
    assert before > 0.3
    assert after < 0.1


def normalised_critic(norm):
    return keras.Sequential([keras.Input((2,)), layers.Dense(4), norm, layers.Dense(1)])


@pytest.mark.parametrize("norm", [layers.BatchNormalization, BatchNormalization])
@pytest.mark.parametrize("penalties", [None, "r1", ["drift", "dragan"]])
def test_a_penalty_on_a_critic_with_batch_normalisation_warns(norm, penalties):
    if norm is BatchNormalization:
        critic = keras.Sequential([keras.Input((4, 4, 1)), norm(), layers.Flatten(), layers.Dense(1)])
        generator = keras.Sequential([keras.Input((4,)), layers.Dense(16), layers.Reshape((4, 4, 1))])
    else:
        critic, generator = normalised_critic(norm()), make_networks()[0]
    model = keras_gans.WGANGP(generator, critic)
    with pytest.warns(UserWarning, match="gradient of each sample's score.*all samples of the batch"):
        model.compile(penalties=penalties)


@pytest.mark.parametrize(
    ("norm", "penalties"),
    [(layers.BatchNormalization, []), (layers.BatchNormalization, "drift"), (layers.LayerNormalization, None)],
)
def test_no_warning_where_nothing_is_wrong(norm, penalties):
    # The generator's own batch normalisation is no one's concern.
    model = keras_gans.WGANGP(make_networks()[0], normalised_critic(norm()))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.compile(penalties=penalties)
