"""The networks of `transformer_gan`: a decoder-only transformer, and a transformer or a convolutional network that judges."""

import keras
from keras import layers

from keras_gans.sequences import AddPlaces, CausalBlock, TokenDiscriminator, TransformerLanguageModel

from ..seqgan.networks import add_class, judge


def build_generator(vocabulary_size, length, width, depth, heads, dropout, ends, num_classes):
    """int32 tokens `(batch, length)` -> logits `(batch, length, vocabulary_size)`, and draws them one after another."""
    return TransformerLanguageModel(vocabulary_size, length, width, depth, heads, dropout, ends, num_classes)


def build_discriminator(kind, dense, vocabulary_size, length, width, depth, heads, dropout, filters, num_classes):
    """Tokens `(batch, length)` -> logits: `(batch, 1)` if `kind` is "cnn", `(batch, length)` if it is "transformer"."""
    vectors = keras.Input((length, width), name="vectors")
    x, inputs = add_class(vectors, num_classes)
    logits = judge(x, filters, dropout, 0.0) if kind == "cnn" else judge_prefixes(x, depth, heads, dropout)
    return TokenDiscriminator(keras.Model(inputs, logits, name="network"), vocabulary_size, dense)


def judge_prefixes(x, depth, heads, dropout):
    """Vectors `(batch, length, width)` -> logits `(batch, length)`: of the sequence up to each token."""
    length, width = x.shape[1:]
    x = layers.Dropout(dropout)(AddPlaces()(x))
    for _ in range(depth):
        x = CausalBlock(width, heads, dropout)(x)
    x = layers.LayerNormalization(epsilon=1e-5)(x)
    return layers.Reshape((length,))(layers.Dense(1, dtype="float32", name="logits")(x))
