"""The networks of `acgan`: DCGAN's, whose generator is told the class and whose discriminator tells it.

Reference: Odena et al. 2017, section 3 and appendix A (architectures).
"""

import keras
from keras import layers

from ..dcgan.networks import look, paint, score


def build_generator(image_shape, num_classes, latent_dim, width, kernel_size, embedding_dim):
    """`[latents (batch, latent_dim), labels (batch,)]` -> images `(batch, *image_shape)` in [-1, 1]."""
    latents, labels = keras.Input((latent_dim,), name="latents"), keras.Input((), dtype="int32", name="labels")
    x = layers.Concatenate()([latents, layers.Embedding(num_classes, embedding_dim)(labels)])
    return keras.Model([latents, labels], paint(x, image_shape, width, kernel_size), name="generator")


def build_discriminator(image_shape, num_classes, width, kernel_size, dropout):
    """Images `(batch, *image_shape)` -> `[logits (batch, 1), class_logits (batch, num_classes)]`."""
    images = keras.Input(image_shape, name="images")
    features = layers.Dropout(dropout)(layers.Flatten()(look(images, image_shape, width, kernel_size)))
    return keras.Model(images, [score(features), score(features, num_classes, "class_logits")], name="discriminator")
