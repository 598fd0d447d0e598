"""The two ways to take an optimizer step, and the fused one, against Keras' own arithmetic."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_gans
from keras_gans.backend import prepare
from tests.support.networks import make_networks
from tests.support.slow import slow_but

POINTS = np.random.default_rng(0).uniform(-1, 1, (64, 2)).astype("float32")


def trained(prepared, **optimizer):
    """The weights of two networks after a few steps of Adam, with or without our preparation of it."""
    keras.utils.set_random_seed(0)
    model = keras_gans.GAN(*make_networks(batch_norm=False, dropout=False), seed=0)
    model.compile(keras.optimizers.Adam(1e-2, **optimizer), keras.optimizers.Adam(1e-2, **optimizer))
    if not prepared:
        for player in model.optimizer.optimizers:
            player.__dict__.pop("update_step", None)
    model.fit(POINTS, batch_size=16, epochs=3, verbose=0)
    return model.get_weights()


ADAM = [
    {},
    {"beta_1": 0.5, "epsilon": 1e-4},
    {"clipnorm": 0.1},
    {"global_clipnorm": 0.1},
    {"clipvalue": 0.01},
    {"weight_decay": 0.1},
    {"amsgrad": True},
    {"use_ema": True, "ema_momentum": 0.9},
    {"gradient_accumulation_steps": 2},
]


# Those that are slow were last run with 0.1.0, 2026-11-29.
@pytest.mark.parametrize(
    "arguments",
    slow_but(ADAM, ADAM[1], {"global_clipnorm": 0.1}, {"weight_decay": 0.1}),
    ids=lambda arguments: next(iter(arguments), "plain"),
)
def test_adam_in_one_pass_is_keras_adam(arguments):
    for fused, composed in zip(trained(True, **arguments), trained(False, **arguments), strict=True):
        np.testing.assert_allclose(fused, composed, rtol=1e-3, atol=2e-5)


def test_a_subclass_of_adam_keeps_its_own_step():
    class Slow(keras.optimizers.Adam):
        def update_step(self, gradient, variable, learning_rate):
            pass

    optimizer = Slow()
    prepare(optimizer)
    assert "update_step" not in optimizer.__dict__


def test_one_pass_through_the_generator_gives_the_gradient_of_two(monkeypatch):
    """The generator's step, taken by hand from Keras' pieces: its loss on the same latents, after the discriminator's step."""
    keras.utils.set_random_seed(0)
    generator, discriminator = make_networks(dropout=False)
    model = keras_gans.GAN(generator, discriminator, seed=0)
    model.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1))
    before = generator.get_weights()
    latents = keras.random.normal((64, 8), seed=keras.random.SeedGenerator(0))
    model.fit(POINTS, batch_size=64, epochs=1, verbose=0, shuffle=False)
    after = generator.get_weights()

    generator.set_weights(before)

    def loss():
        fake = generator(latents, training=True)
        return float(ops.mean(ops.softplus(-discriminator(fake, training=True))))

    # A finite difference along the step that was taken: the loss falls by rate * |gradient|^2, with gradient = step / rate.
    trainable = [index for index, weight in enumerate(generator.weights) if weight.trainable]
    steps = [after[index] - before[index] if index in trainable else 0.0 * before[index] for index in range(len(before))]
    size = 0.01
    generator.set_weights([old + size * step for old, step in zip(before, steps, strict=True)])
    forwards = loss()
    generator.set_weights([old - size * step for old, step in zip(before, steps, strict=True)])
    slope = (forwards - loss()) / (2 * size)
    expected = -sum(float(np.sum(step**2)) for step in steps) / 0.1
    assert slope == pytest.approx(expected, rel=0.02)
