"""The networks of `gan`: by default, a generator with layers 100-256-512-1024-784 and a discriminator with 784-512-256-1."""

import math

import keras
from keras import layers


def build_generator(sample_shape: tuple[int, ...], latent_dim: int, width: int) -> keras.Model:
    """Latents `(batch, latent_dim)` -> samples `(batch, *sample_shape)` in [-1, 1]."""
    return keras.Sequential(
        [
            keras.Input((latent_dim,), name="latents"),
            layers.Dense(width),
            layers.LeakyReLU(0.2),
            layers.Dense(2 * width),
            layers.LeakyReLU(0.2),
            layers.Dense(4 * width),
            layers.LeakyReLU(0.2),
            layers.Dense(math.prod(sample_shape)),
            layers.Reshape(sample_shape),
            layers.Activation("tanh", dtype="float32", name="samples"),
        ],
        name="generator",
    )


def build_discriminator(sample_shape: tuple[int, ...], width: int) -> keras.Model:
    """Samples `(batch, *sample_shape)` -> logits `(batch, 1)`."""
    return keras.Sequential(
        [
            keras.Input(sample_shape, name="samples"),
            layers.Flatten(),
            layers.Dense(2 * width),
            layers.LeakyReLU(0.2),
            layers.Dense(width),
            layers.LeakyReLU(0.2),
            layers.Dense(1, dtype="float32", name="logits"),
        ],
        name="discriminator",
    )
