"""The networks of `speech_gan`: those of `dcgan` for spectrograms, with projections of several conditions.

Reference: Radford et al. 2016, "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks";
Miyato and Koyama 2018, "cGANs with Projection Discriminator", equation 3; Donahue et al. 2019, "Adversarial Audio Synthesis",
section 4 (spectrograms as images).
"""

from collections.abc import Mapping

import keras
from keras import layers

from keras_gans._typing import Tensor
from keras_gans.conditions import LABELS, Classes
from keras_gans.layers import ConditionalBatchNormalization

from ..dcgan.networks import discriminator_features, generator_body, initializer, logits_layer


def build_generator(
    shape: tuple[int, int, int],
    conditions: Mapping[str, Classes],
    latent_dim: int,
    width: int,
    kernel_size: int,
    embedding_dim: int,
) -> keras.Model:
    """Latents `(batch, latent_dim)` and numbers of classes `(batch,)` -> spectrograms `(batch, *shape)` in [-1, 1]."""
    latents, told = keras.Input((latent_dim,), name="latents"), _inputs(conditions)
    embedded = [layers.Embedding(condition.count, embedding_dim)(told[name]) for name, condition in conditions.items()]
    x = layers.Concatenate()([latents, *embedded])

    def normalize(features: Tensor) -> Tensor:
        norm = ConditionalBatchNormalization(conditions[LABELS].count, momentum=0.9, epsilon=1e-5)
        return norm([features, told[LABELS]])

    spectrograms = generator_body(x, shape, width, kernel_size, normalize)
    return keras.Model([latents, *told.values()], spectrograms, name="generator")


def build_discriminator(
    shape: tuple[int, int, int], conditions: Mapping[str, Classes], width: int, kernel_size: int
) -> keras.Model:
    """Spectrograms `(batch, *shape)` and numbers of classes `(batch,)` -> logits `(batch, 1)`."""
    samples, told = keras.Input(shape, name="samples"), _inputs(conditions)
    features = layers.Flatten(dtype="float32")(discriminator_features(samples, shape, width, kernel_size))
    terms = [logits_layer()(features)]
    for name, condition in conditions.items():
        embedding = layers.Embedding(condition.count, features.shape[-1], embeddings_initializer=initializer(), dtype="float32")
        terms.append(layers.Dot(1)([features, embedding(told[name])]))
    return keras.Model([samples, *told.values()], layers.Add(name="projected")(terms), name="discriminator")


def _inputs(conditions: Mapping[str, Classes]) -> dict[str, Tensor]:
    return {name: keras.Input((), dtype="int32", name=name) for name in conditions}
