import keras
import numpy as np
import pytest
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


@pytest.mark.parametrize(("sides", "size", "stride"), [((6, 7), 3, 1), ((5, 8), 3, 2), ((7, 6), 5, 2), ((1, 2), 5, 2)])
def test_depthwise_convolutions_are_those_of_the_definition_with_their_gradients(sides, size, stride):
    rng = np.random.default_rng(0)
    kernel = rng.normal(size=(size, size, 2, 1)).astype("float32")
    x, v = rng.normal(size=(2, 3, *sides, 2)).astype("float32")

    def convolve(inputs):
        return keras_gans.backend.depthwise_conv(inputs, kernel, stride)

    # TensorFlow's "same": zeros on both sides, the odd one behind, for ceil(side / stride) outputs.
    counts = [-(-side // stride) for side in sides]
    zeros = [max((count - 1) * stride + size - side, 0) for count, side in zip(counts, sides, strict=True)]
    padded = np.pad(x, ((0, 0), *((each // 2, each - each // 2) for each in zeros), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(1, 2))[:, ::stride, ::stride]
    expected = np.einsum("nhwcij,ijc->nhwc", windows, kernel[..., 0])[:, : counts[0], : counts[1]]
    np.testing.assert_allclose(convolve(ops.convert_to_tensor(x)), expected, atol=1e-5)

    def gradient(inputs):
        return keras_gans.backend.input_gradient(lambda z: ops.sum(ops.square(convolve(z)), axis=(1, 2, 3)) / 2, inputs)

    # The map A is linear: v . A'Ax = Av . Ax, and the derivative of v . A'Ax by x is A'Av.
    x, v = map(ops.convert_to_tensor, (x, v))
    np.testing.assert_allclose(ops.sum(v * gradient(x)), ops.sum(convolve(v) * convolve(x)), rtol=1e-4)
    second = keras_gans.backend.input_gradient(lambda z: ops.sum(v * gradient(z), axis=(1, 2, 3)), x)
    np.testing.assert_allclose(second, gradient(v), atol=1e-3)
