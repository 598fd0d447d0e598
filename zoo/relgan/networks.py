"""The networks of `relgan`: a generator with a relational memory, and a discriminator with several views of a sequence.

Reference: Nie et al. 2019, sections 2.1 and 2.4 and appendix A.
"""

import keras
from keras import layers

from keras_gans.sequences import RecurrentLanguageModel, RelationalMemoryCell, TokenDiscriminator

from ..seqgan.networks import add_class_vector, highway

_WIDTHS = (2, 3, 4, 5)


def build_generator(
    vocabulary_size: int,
    length: int,
    embedding_dim: int,
    slots: int,
    heads: int,
    head_size: int,
    dropout: float,
    ends: bool,
    num_classes: int | None,
    context_length: int,
) -> RecurrentLanguageModel:
    """int32 tokens `(batch, length)` -> logits `(batch, length, vocabulary_size)`."""
    cell = RelationalMemoryCell(slots, heads, head_size)
    return RecurrentLanguageModel(
        cell, vocabulary_size, length, embedding_dim, dropout, False, ends, num_classes, context_length
    )


def build_discriminator(
    vocabulary_size: int,
    length: int,
    representations: int,
    representation_dim: int,
    filters: int,
    dropout: float,
    num_classes: int | None,
    context_length: int,
) -> TokenDiscriminator:
    """Tokens `(batch, length)` -> logits `(batch, representations)`, one for each view of the sequence."""
    places = context_length + length
    vectors = keras.Input((places, representations * representation_dim), name="vectors")
    x, inputs = add_class_vector(vectors, num_classes)
    # Each view is a part of a token's vector; the same weights score all of them (Nie et al. 2019, figure 2).
    x = layers.Reshape((places, representations, representation_dim))(x)
    x = layers.Permute((2, 1, 3))(x)
    features = []
    for width in _WIDTHS:
        if width <= places:
            maps = layers.Conv2D(filters, (1, width), activation="relu", name=f"width_{width}")(x)
            features.append(layers.MaxPooling2D((1, places - width + 1))(maps))
    x = layers.Reshape((representations, -1))(layers.Concatenate()(features))
    x = layers.Dropout(dropout)(highway(x))
    # No bias: a constant added to all logits does not change the relativistic loss.
    x = layers.Dense(1, use_bias=False, dtype="float32", name="logits")(x)
    network = keras.Model(inputs, layers.Reshape((representations,))(x), name="network")
    return TokenDiscriminator(network, vocabulary_size, context_length=context_length)
