"""The networks of `next_token_gan`: one LSTM for the probability of each next token, one for its score."""

from keras import layers

from keras_gans.sequences import NextTokenDiscriminator, RecurrentLanguageModel


def build_generator(
    vocabulary_size: int,
    length: int,
    embedding_dim: int,
    units: int,
    dropout: float,
    ends: bool,
    num_classes: int | None,
    context_length: int,
) -> RecurrentLanguageModel:
    """int32 tokens `(batch, length)` -> logits `(batch, length, vocabulary_size)`."""
    return _lstm(vocabulary_size, length, embedding_dim, units, dropout, ends, num_classes, context_length)


def build_discriminator(
    vocabulary_size: int,
    length: int,
    embedding_dim: int,
    units: int,
    dropout: float,
    ends: bool,
    num_classes: int | None,
    context_length: int,
) -> NextTokenDiscriminator:
    """Tokens `(batch, length)` -> scores `(batch, length)` of each token, given those before it."""
    network = _lstm(vocabulary_size, length, embedding_dim, units, dropout, ends, num_classes, context_length, name="network")
    return NextTokenDiscriminator(network)


def _lstm(
    vocabulary_size: int,
    length: int,
    embedding_dim: int,
    units: int,
    dropout: float,
    ends: bool,
    num_classes: int | None,
    context_length: int,
    name: str = "generator",
) -> RecurrentLanguageModel:
    cell = layers.LSTMCell(units)
    return RecurrentLanguageModel(
        cell, vocabulary_size, length, embedding_dim, dropout, False, ends, num_classes, context_length, name
    )
