"""A GAN in the manner of the examples on keras.io: https://keras.io/examples/generative/dcgan_overriding_train_step/"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras import ops


class KerasIoGAN(keras.Model):
    """Two optimizers, new noise and samples for each network, real and generated samples in one batch."""

    def __init__(self, generator: keras.Model, discriminator: keras.Model) -> None:
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        self.seed_generator = keras.random.SeedGenerator(0)
        self.discriminator_tracker = keras.metrics.Mean(name="d_loss")
        self.generator_tracker = keras.metrics.Mean(name="g_loss")
        self.built = True
        self.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True))
        self.discriminator_optimizer = keras.optimizers.Adam(2e-4, beta_1=0.5)
        self.generator_optimizer = keras.optimizers.Adam(2e-4, beta_1=0.5)
        self.loss_fn = keras.losses.BinaryCrossentropy(from_logits=True)

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        return [self.discriminator_tracker, self.generator_tracker]

    def train_step(self, data: Any) -> dict[str, Any]:
        real = data[0] if isinstance(data, tuple) else data
        batch_size = ops.shape(real)[0]
        latent_shape = (batch_size, *self.generator.input_shape[1:])
        fake = self.generator(keras.random.normal(latent_shape, seed=self.seed_generator))
        images = ops.concatenate([fake, real], axis=0)
        labels = ops.concatenate([ops.zeros((batch_size, 1)), ops.ones((batch_size, 1))], axis=0)
        with tf.GradientTape() as tape:
            discriminator_loss = self.loss_fn(labels, self.discriminator(images, training=True))
        gradients = tape.gradient(discriminator_loss, self.discriminator.trainable_weights)
        self.discriminator_optimizer.apply_gradients(zip(gradients, self.discriminator.trainable_weights, strict=True))

        noise = keras.random.normal(latent_shape, seed=self.seed_generator)
        with tf.GradientTape() as tape:
            logits = self.discriminator(self.generator(noise, training=True), training=True)
            generator_loss = self.loss_fn(ops.ones((batch_size, 1)), logits)
        gradients = tape.gradient(generator_loss, self.generator.trainable_weights)
        self.generator_optimizer.apply_gradients(zip(gradients, self.generator.trainable_weights, strict=True))

        self.discriminator_tracker.update_state(discriminator_loss)
        self.generator_tracker.update_state(generator_loss)
        return {metric.name: metric.result() for metric in self.metrics}
