import keras
import numpy as np
import pytest

from keras_gans.adversarial import PlayersOptimizer


def rates(optimizer):
    return [float(keras.ops.convert_to_numpy(player.learning_rate)) for player in optimizer.optimizers]


def test_setting_the_learning_rate_keeps_the_ratio_of_the_players():
    optimizer = PlayersOptimizer(keras.optimizers.Adam(1e-4), keras.optimizers.Adam(4e-4))
    assert float(keras.ops.convert_to_numpy(optimizer.learning_rate)) == pytest.approx(1e-4)
    optimizer.learning_rate = 5e-5
    assert rates(optimizer) == pytest.approx([5e-5, 2e-4])


def test_the_ratio_survives_a_rate_of_zero():
    optimizer = PlayersOptimizer(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.3))
    optimizer.learning_rate = 0.0
    optimizer.learning_rate = 0.2
    assert rates(optimizer) == pytest.approx([0.2, 0.6])


def test_keras_sees_the_state_of_both_players(make_gan):
    optimizer = make_gan().optimizer
    inner = {id(v) for player in optimizer.optimizers for v in player.variables}
    assert inner <= {id(v) for v in optimizer.variables}
    # Adam keeps two moments for each trainable variable, a step count and a rate.
    assert len(inner) == 2 * (6 + 4) + 2 * 2


def test_one_object_for_both_players_is_refused():
    adam = keras.optimizers.Adam()
    with pytest.raises(ValueError, match="same optimizer object"):
        PlayersOptimizer(adam, adam)


def test_config_round_trip():
    optimizer = PlayersOptimizer(keras.optimizers.Adam(1e-4, beta_1=0.5), keras.optimizers.RMSprop(5e-5))
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(optimizer))
    assert type(copy.discriminator) is keras.optimizers.RMSprop
    assert copy.generator.beta_1 == 0.5
    np.testing.assert_allclose(rates(copy), [1e-4, 5e-5], rtol=1e-6)


def test_steps_are_left_to_the_players(make_gan):
    optimizer = make_gan().optimizer
    with pytest.raises(NotImplementedError, match="its own optimizer"):
        optimizer.apply([])


def test_a_schedule_is_set_for_both_and_keeps_their_ratio(make_gan, points, tmp_path):
    model = make_gan(generator_optimizer=keras.optimizers.SGD(0.1), discriminator_optimizer=keras.optimizers.SGD(0.4))
    model.optimizer.learning_rate = keras.optimizers.schedules.PiecewiseConstantDecay([1], [0.2, 0.02])
    assert rates(model.optimizer) == pytest.approx([0.2, 0.8])
    model.fit(points, batch_size=64, verbose=0)
    assert rates(model.optimizer) == pytest.approx([0.02, 0.08])
    model.save(tmp_path / "model.keras")
    assert rates(keras.models.load_model(tmp_path / "model.keras").optimizer) == pytest.approx([0.02, 0.08])
    with pytest.raises(TypeError, match="LearningRateSchedule, which a number cannot replace"):
        model.optimizer.learning_rate = 0.1


def test_a_rate_that_one_optimizer_refuses_changes_neither():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    optimizer = PlayersOptimizer(keras.optimizers.SGD(0.3), keras.optimizers.SGD(schedule))
    with pytest.raises(TypeError, match="discriminator's learning rate"):
        optimizer.learning_rate = 0.2
    assert rates(optimizer) == pytest.approx([0.3, 0.1])
