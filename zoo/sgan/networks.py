"""The networks of `sgan`: DCGAN's generator, and a convolutional classifier with noise and dropout.

Reference: Salimans et al. 2016, section 5 (a classifier of K classes that scores samples by the sum of exponentials of its
logits, regularised by noise on its layers), and the authors' code.
"""

import keras
from keras import layers, ops

from ..dcgan.networks import count_halvings, generator_body


def build_generator(image_shape: tuple[int, ...], latent_dim: int, width: int, kernel_size: int) -> keras.Model:
    """Latents `(batch, latent_dim)` -> images `(batch, *image_shape)` in [-1, 1]."""
    latents = keras.Input((latent_dim,), name="latents")
    return keras.Model(latents, generator_body(latents, image_shape, width, kernel_size), name="generator")


def build_discriminator(
    image_shape: tuple[int, ...],
    num_classes: int,
    width: int,
    kernel_size: int,
    noise: float,
    dropout: float,
    hidden: int = 128,
) -> keras.Model:
    """Images `(batch, *image_shape)` -> a dict of `class_logits`, `scores` and `features`."""
    images = keras.Input(image_shape, name="images")
    x = layers.GaussianNoise(noise)(images)
    for halving in range(count_halvings(image_shape)):
        # Without batch normalisation: in a batch, the same few labelled images come again and again.
        x = layers.Conv2D(
            width << halving, kernel_size, strides=2, padding="same", kernel_initializer="he_normal", name=f"conv_{halving}"
        )(x)
        x = layers.Dropout(dropout)(layers.LeakyReLU(0.2)(x))
    x = layers.Dense(hidden, kernel_initializer="he_normal", name="hidden")(layers.Flatten()(x))
    features = layers.LeakyReLU(0.2)(x)
    logits = layers.Dense(num_classes, dtype="float32", name="class_logits")(features)
    scores = ops.logsumexp(logits, axis=-1, keepdims=True)
    return keras.Model(images, {"class_logits": logits, "scores": scores, "features": [features]}, name="discriminator")
