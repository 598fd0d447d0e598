"""The networks of `next_token_gan`: two LSTMs, of which one says how probable a token is, the other how real it would be."""

from keras import layers

from keras_gans.sequences import NextTokenDiscriminator, RecurrentLanguageModel


def build_generator(vocabulary_size, length, embedding_dim, units, dropout, ends, num_classes):
    """int32 tokens `(batch, length)` -> logits `(batch, length, vocabulary_size)`, and draws them one after another."""
    return _lstm(vocabulary_size, length, embedding_dim, units, dropout, ends, num_classes)


def build_discriminator(vocabulary_size, length, embedding_dim, units, dropout, ends, num_classes):
    """Tokens `(batch, length)` -> logits of each token that could be there, given those before it."""
    network = _lstm(vocabulary_size, length, embedding_dim, units, dropout, ends, num_classes, name="network")
    return NextTokenDiscriminator(network)


def _lstm(vocabulary_size, length, embedding_dim, units, dropout, ends, num_classes, **named):
    cell = layers.LSTMCell(units)
    return RecurrentLanguageModel(
        cell, vocabulary_size, length, embedding_dim, dropout, ends=ends, num_classes=num_classes, **named
    )
