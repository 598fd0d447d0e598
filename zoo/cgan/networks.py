"""The networks of `cgan`: DCGAN's, or multilayer perceptrons for points. They use the class in one of two ways.

Reference: Mirza and Osindero 2014, figure 1 (labels concatenated with the input of both networks); Miyato and Koyama 2018,
figure 1 (d) and equation 3 (projection, with class-conditional normalisation in the generator).
"""

import math

import keras
from keras import layers

from keras_gans._typing import Tensor
from keras_gans.layers import ConditionalBatchNormalization

from ..dcgan.networks import discriminator_features, generator_body, initializer, logits_layer, normalizer


def build_generator(
    image_shape: tuple[int, ...],
    num_classes: int,
    latent_dim: int,
    width: int,
    kernel_size: int,
    conditioning: str,
    embedding_dim: int,
    normalization: str,
) -> keras.Model:
    """`[latents (batch, latent_dim), labels (batch,)]` -> samples `(batch, *image_shape)` in [-1, 1]."""
    latents, labels = keras.Input((latent_dim,), name="latents"), _label_input()
    x = layers.Concatenate()([latents, layers.Embedding(num_classes, embedding_dim)(labels)])
    if conditioning == "projection":
        # Class-conditional gains and offsets start equal for all classes and would separate them slowly on their own. The class
        # is therefore also concatenated with the latents, as in Brock et al. 2019, appendix B.
        samples = generator_body(x, image_shape, width, kernel_size, lambda y: _class_norm(num_classes)([y, labels]))
    elif len(image_shape) == 3:
        samples = generator_body(x, image_shape, width, kernel_size, normalizer(normalization))
    else:
        samples = _perceptron(x, image_shape, width)
    return keras.Model([latents, labels], samples, name="generator")


def build_discriminator(
    image_shape: tuple[int, ...],
    num_classes: int,
    width: int,
    kernel_size: int,
    conditioning: str,
    embedding_dim: int,
    normalization: str,
) -> keras.Model:
    """`[samples (batch, *image_shape), labels (batch,)]` -> logits `(batch, 1)`."""
    samples, labels = keras.Input(image_shape, name="samples"), _label_input()
    normalize = normalizer(normalization)
    if conditioning == "projection":
        # The product of the features and the class's vector is added to the score. The paper sums features over pixels: in its
        # deep networks, each feature depends on the whole image. After two or three convolutions, position matters.
        features = discriminator_features(samples, image_shape, width, kernel_size, normalize)
        features = layers.Flatten(dtype="float32")(features)
        embedding = layers.Embedding(num_classes, features.shape[-1], embeddings_initializer=initializer(), dtype="float32")
        logits = layers.Add(name="projected")([logits_layer()(features), layers.Dot(1)([features, embedding(labels)])])
    elif len(image_shape) == 3:
        # The class as one more channel.
        channel = layers.Dense(math.prod(image_shape[:2]))(layers.Embedding(num_classes, embedding_dim)(labels))
        x = layers.Concatenate()([samples, layers.Reshape((*image_shape[:2], 1))(channel)])
        # In this order, which decides what seeds layers draw and hence the initial weights.
        features = layers.Flatten()(discriminator_features(x, image_shape, width, kernel_size, normalize))
        logits = logits_layer()(features)
    else:
        x = layers.Concatenate()([layers.Flatten()(samples), layers.Embedding(num_classes, embedding_dim)(labels)])
        for _ in range(3):
            x = layers.LeakyReLU(0.2)(layers.Dense(4 * width)(x))
        logits = layers.Dense(1, dtype="float32", name="logits")(x)
    return keras.Model([samples, labels], logits, name="discriminator")


def _label_input() -> Tensor:
    return keras.Input((), dtype="int32", name="labels")


def _class_norm(num_classes: int) -> ConditionalBatchNormalization:
    return ConditionalBatchNormalization(num_classes, momentum=0.9, epsilon=1e-5)


def _perceptron(x: Tensor, shape: tuple[int, ...], width: int) -> Tensor:
    for _ in range(3):
        x = layers.LeakyReLU(0.2)(layers.Dense(4 * width)(x))
    x = layers.Reshape(shape)(layers.Dense(math.prod(shape))(x))
    return layers.Activation("tanh", dtype="float32", name="samples")(x)
