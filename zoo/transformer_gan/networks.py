"""The networks of `transformer_gan`: a decoder-only transformer, and a transformer or a CNN as the discriminator."""

import keras
from keras import layers

from keras_gans._typing import Tensor
from keras_gans.sequences import AddPlaces, CausalBlock, TokenDiscriminator, TransformerLanguageModel

from ..seqgan.networks import add_class_vector, cnn_logits


def build_generator(
    vocabulary_size: int,
    length: int,
    width: int,
    depth: int,
    heads: int,
    dropout: float,
    ends: bool,
    num_classes: int | None,
    context_length: int,
) -> TransformerLanguageModel:
    """int32 tokens `(batch, length)` -> logits `(batch, length, vocabulary_size)`."""
    return TransformerLanguageModel(vocabulary_size, length, width, depth, heads, dropout, ends, num_classes, context_length)


def build_discriminator(
    kind: str,
    dense: bool,
    vocabulary_size: int,
    length: int,
    width: int,
    depth: int,
    heads: int,
    dropout: float,
    filters: float,
    num_classes: int | None,
    context_length: int,
) -> TokenDiscriminator:
    """Tokens `(batch, length)` -> logits: `(batch, 1)` if `kind` is "cnn", `(batch, length)` if it is "transformer"."""
    vectors = keras.Input((context_length + length, width), name="vectors")
    x, inputs = add_class_vector(vectors, num_classes)
    logits = cnn_logits(x, filters, dropout, 0.0) if kind == "cnn" else transformer_logits(x, depth, heads, dropout)
    return TokenDiscriminator(keras.Model(inputs, logits, name="network"), vocabulary_size, dense, context_length)


def transformer_logits(x: Tensor, depth: int, heads: int, dropout: float) -> Tensor:
    """Vectors `(batch, length, width)` -> logits `(batch, length)` of the sequence up to each token."""
    length, width = x.shape[1:]
    x = layers.Dropout(dropout)(AddPlaces()(x))
    for _ in range(depth):
        x = CausalBlock(width, heads, dropout)(x)
    x = layers.LayerNormalization(epsilon=1e-5)(x)
    return layers.Reshape((length,))(layers.Dense(1, dtype="float32", name="logits")(x))
