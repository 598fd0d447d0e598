"""The networks of `relgan`: a generator with a relational memory, and a discriminator with several views of a sequence.

Reference: Nie et al. 2019, sections 2.1 and 2.4 and appendix A.
"""

import keras
from keras import layers

from keras_gans.sequences import RecurrentLanguageModel, RelationalMemoryCell, TokenDiscriminator

from ..seqgan.networks import add_class, highway

WIDTHS = (2, 3, 4, 5)


def build_generator(vocabulary_size, length, embedding_dim, slots, heads, head_size, dropout, ends, num_classes):
    """int32 tokens `(batch, length)` -> logits `(batch, length, vocabulary_size)`, and draws them one after another."""
    cell = RelationalMemoryCell(slots, heads, head_size)
    return RecurrentLanguageModel(cell, vocabulary_size, length, embedding_dim, dropout, ends=ends, num_classes=num_classes)


def build_discriminator(vocabulary_size, length, representations, representation_dim, filters, dropout, num_classes):
    """Tokens `(batch, length)` -> logits `(batch, representations)`: one of each view of the sequence."""
    vectors = keras.Input((length, representations * representation_dim), name="vectors")
    x, inputs = add_class(vectors, num_classes)
    # Each view is a part of a token's vector; all are judged by the same weights (Nie et al. 2019, figure 2).
    x = layers.Reshape((length, representations, representation_dim))(x)
    x = layers.Permute((2, 1, 3))(x)
    features = []
    for width in WIDTHS:
        if width <= length:
            maps = layers.Conv2D(filters, (1, width), activation="relu", name=f"width_{width}")(x)
            features.append(layers.MaxPooling2D((1, length - width + 1))(maps))
    x = layers.Reshape((representations, -1))(layers.Concatenate()(features))
    x = layers.Dropout(dropout)(highway(x))
    # No bias: what is added to all logits is of no meaning to the relativistic loss.
    x = layers.Dense(1, use_bias=False, dtype="float32", name="logits")(x)
    return TokenDiscriminator(keras.Model(inputs, layers.Reshape((representations,))(x), name="network"), vocabulary_size)
