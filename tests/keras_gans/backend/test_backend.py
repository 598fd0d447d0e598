import keras
import numpy as np
from keras import layers, ops

import keras_gans
from keras_gans.backend import accelerators, input_gradient


def test_input_gradient_of_a_quadratic_form():
    matrix = np.random.default_rng(0).normal(size=(3, 3)).astype("float32")
    x = np.random.default_rng(1).normal(size=(5, 3)).astype("float32")
    # d/dx of x' A x is x' (A + A').
    gradient = input_gradient(lambda t: ops.sum((t @ matrix) * t, axis=1), ops.convert_to_tensor(x))
    np.testing.assert_allclose(gradient, x @ (matrix + matrix.T), rtol=1e-5, atol=1e-6)


def test_accelerators_are_the_devices_that_are_no_cpus():
    # Keras lists those of the fastest kind.
    devices = [name for name in keras.distribution.list_devices() if not name.startswith("cpu")]
    assert len(accelerators()) == len(devices)


class GradientPenaltyGAN(keras_gans.GAN):
    """Adds the mean squared gradient of the critic at real samples (R1) to the discriminator's loss."""

    def discriminator_loss(self, real, generated, conditions=None, training=True):
        loss, *logits = super().discriminator_loss(real, generated, conditions, training)
        gradient = input_gradient(lambda x: self.score(x, conditions, training), real)
        return loss + ops.mean(ops.sum(ops.square(gradient), axis=1)), *logits


def test_a_penalty_on_the_input_gradient_trains_through_fit():
    # D(x) = v x has the input gradient v everywhere: R1 adds v^2 to the loss and 2 v to its gradient.
    results = []
    for cls in (keras_gans.GAN, GradientPenaltyGAN):
        generator, discriminator = (
            keras.Sequential([keras.Input((1,)), layers.Dense(1, use_bias=False, kernel_initializer="ones")]) for _ in range(2)
        )
        discriminator.set_weights([np.array([[3.0]], "float32")])
        model = cls(generator, discriminator, seed=0)
        model.compile(keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.1))
        logs = model.fit(np.ones((4, 1), "float32"), batch_size=4, verbose=0).history
        results.append((logs["d_loss"][0], float(discriminator.get_weights()[0][0, 0])))
    (plain_loss, plain_weight), (loss, weight) = results
    np.testing.assert_allclose(loss - plain_loss, 9.0, rtol=1e-5)
    np.testing.assert_allclose(weight - plain_weight, -0.1 * 2 * 3.0, rtol=1e-5)


def test_a_penalty_works_on_a_critic_with_batch_norm_and_dropout():
    generator = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
    discriminator = keras.Sequential(
        [keras.Input((2,)), layers.Dense(8), layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(1)]
    )
    model = GradientPenaltyGAN(generator, discriminator, seed=0)
    model.compile(critic_steps=2)
    history = model.fit(np.random.default_rng(0).normal(size=(64, 2)).astype("float32") / 4, batch_size=16, verbose=0).history
    assert np.isfinite(history["loss"]).all()
