"""The networks of `sgan`: DCGAN's generator, and a convolutional classifier.

Reference: Salimans et al. 2016, section 5: a classifier of K classes scores samples by the sum of the exponentials of its
logits. The noise on its input and the initialisation are those of the authors' code.
"""

import keras
from keras import layers, ops

from ..dcgan.networks import count_halvings, generator_body


def build_generator(image_shape: tuple[int, ...], latent_dim: int, width: int, kernel_size: int) -> keras.Model:
    """Latents `(batch, latent_dim)` -> images `(batch, *image_shape)` in [-1, 1]."""
    latents = keras.Input((latent_dim,), name="latents")
    return keras.Model(latents, generator_body(latents, image_shape, width, kernel_size), name="generator")


def build_discriminator(
    image_shape: tuple[int, ...], num_classes: int, width: int, kernel_size: int, hidden: int, noise: float, dropout: float
) -> keras.Model:
    """Images `(batch, *image_shape)` -> a dict of `class_logits`, `scores` and `features`."""
    images = keras.Input(image_shape, name="images")
    x = layers.GaussianNoise(noise)(images)
    # Without batch normalisation: the same few labelled images come again in each batch of them, and the statistics that
    # classify others would be theirs.
    for halving in range(count_halvings(image_shape)):
        x = layers.Conv2D(width << halving, kernel_size, 2, "same", kernel_initializer="he_normal")(x)
        x = layers.LeakyReLU(0.2)(x)
        if dropout:
            x = layers.Dropout(dropout)(x)
    features = layers.Dense(hidden, kernel_initializer="he_normal", name="hidden")(layers.Flatten()(x))
    features = layers.LeakyReLU(0.2, name="features")(features)
    logits = layers.Dense(num_classes, dtype="float32", name="class_logits")(features)
    scores = ops.logsumexp(logits, axis=-1, keepdims=True)
    return keras.Model(images, {"class_logits": logits, "scores": scores, "features": [features]}, name="discriminator")
