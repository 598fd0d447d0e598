"""The networks of `acgan`: DCGAN's. The generator takes the class, and the discriminator returns it.

Reference: Odena et al. 2017, section 3 and appendix A (architectures).
"""

import keras
from keras import layers

from ..dcgan.networks import discriminator_features, generator_body, logits_layer


def build_generator(
    image_shape: tuple[int, ...], num_classes: int, latent_dim: int, width: int, kernel_size: int, embedding_dim: int
) -> keras.Model:
    """`[latents (batch, latent_dim), labels (batch,)]` -> images `(batch, *image_shape)` in [-1, 1]."""
    latents, labels = keras.Input((latent_dim,), name="latents"), keras.Input((), dtype="int32", name="labels")
    x = layers.Concatenate()([latents, layers.Embedding(num_classes, embedding_dim)(labels)])
    return keras.Model([latents, labels], generator_body(x, image_shape, width, kernel_size), name="generator")


def build_discriminator(
    image_shape: tuple[int, ...], num_classes: int, width: int, kernel_size: int, dropout: float
) -> keras.Model:
    """Images `(batch, *image_shape)` -> `[logits (batch, 1), class_logits (batch, num_classes)]`."""
    images = keras.Input(image_shape, name="images")
    # Made first: the order in which layers draw their seeds decides the initial weights.
    drop = layers.Dropout(dropout)
    features = drop(layers.Flatten()(discriminator_features(images, image_shape, width, kernel_size)))
    outputs = [logits_layer()(features), logits_layer(num_classes, "class_logits")(features)]
    return keras.Model(images, outputs, name="discriminator")
