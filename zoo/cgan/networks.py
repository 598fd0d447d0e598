"""The networks of `cgan`: DCGAN's, or multilayer perceptrons for points, told the class in one of two ways.

References: Mirza and Osindero 2014, figure 1 (labels beside the input of either network); Miyato and Koyama 2018, figure 1 (d)
and equation 3 (projection), whose generators normalise by class.
"""

import math

import keras
from keras import layers

from keras_gans.layers import ConditionalBatchNormalization

from ..dcgan.networks import look, normal, paint, score


def build_generator(image_shape, num_classes, latent_dim, width, kernel_size, conditioning, embedding_dim):
    """`[latents (batch, latent_dim), labels (batch,)]` -> samples `(batch, *image_shape)` in [-1, 1]."""
    latents, labels = keras.Input((latent_dim,), name="latents"), _label_input()
    x = layers.Concatenate()([latents, layers.Embedding(num_classes, embedding_dim)(labels)])
    if conditioning == "projection":
        # Gains and offsets of a normalisation, which begin alike for all classes, would part them slowly by themselves; beside
        # the latents the class is also told as in Brock et al. 2019, appendix B.
        samples = paint(x, image_shape, width, kernel_size, lambda y: _class_norm(num_classes)([y, labels]))
    else:
        samples = paint(x, image_shape, width, kernel_size) if len(image_shape) == 3 else _perceptron(x, image_shape, width)
    return keras.Model([latents, labels], samples, name="generator")


def build_discriminator(image_shape, num_classes, width, kernel_size, conditioning, embedding_dim):
    """`[samples (batch, *image_shape), labels (batch,)]` -> logits `(batch, 1)`."""
    samples, labels = keras.Input(image_shape, name="samples"), _label_input()
    if conditioning == "projection":
        # How alike features are to the class's vector is added to the score. The paper sums features over pixels, which its
        # deep networks see from the whole image; those of two or three convolutions tell classes apart by where they are.
        features = layers.Flatten(dtype="float32")(look(samples, image_shape, width, kernel_size))
        of_class = layers.Embedding(num_classes, features.shape[-1], embeddings_initializer=normal(), dtype="float32")(labels)
        logits = layers.Add(name="projected")([score(features), layers.Dot(1)([features, of_class])])
    elif len(image_shape) == 3:
        # The class as one more channel.
        channel = layers.Dense(math.prod(image_shape[:2]))(layers.Embedding(num_classes, embedding_dim)(labels))
        x = layers.Concatenate()([samples, layers.Reshape((*image_shape[:2], 1))(channel)])
        logits = score(layers.Flatten()(look(x, image_shape, width, kernel_size)))
    else:
        x = layers.Concatenate()([layers.Flatten()(samples), layers.Embedding(num_classes, embedding_dim)(labels)])
        for _ in range(3):
            x = layers.LeakyReLU(0.2)(layers.Dense(4 * width)(x))
        logits = layers.Dense(1, dtype="float32", name="logits")(x)
    return keras.Model([samples, labels], logits, name="discriminator")


def _label_input():
    return keras.Input((), dtype="int32", name="labels")


def _class_norm(num_classes):
    return ConditionalBatchNormalization(num_classes, momentum=0.9, epsilon=1e-5)


def _perceptron(x, shape, width):
    for _ in range(3):
        x = layers.LeakyReLU(0.2)(layers.Dense(4 * width)(x))
    x = layers.Reshape(shape)(layers.Dense(math.prod(shape))(x))
    return layers.Activation("tanh", dtype="float32", name="samples")(x)
