"""The networks of `seqgan`: a recurrent generator, and a convolutional or a recurrent discriminator.

Reference: Yu et al. 2017, section 3.1 and appendices (the discriminator is that of Zhang and LeCun 2015 and Kim 2014 with a
highway layer, Srivastava et al. 2015).
"""

import keras
from keras import layers

from keras_gans._typing import Tensor
from keras_gans.sequences import RecurrentLanguageModel, TokenDiscriminator

# Number of filters for each width, from the authors' code.
_FILTERS = {1: 100, 2: 200, 3: 200, 4: 200, 5: 200, 6: 100, 7: 100, 8: 100, 9: 100, 10: 100, 15: 160, 20: 160}


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
    cell = layers.LSTMCell(units)
    return RecurrentLanguageModel(
        cell, vocabulary_size, length, embedding_dim, dropout, False, ends, num_classes, context_length
    )


def build_discriminator(
    kind: str,
    vocabulary_size: int,
    length: int,
    embedding_dim: int,
    filters: float,
    dropout: float,
    l2: float,
    num_classes: int | None,
    context_length: int,
) -> TokenDiscriminator:
    """Tokens `(batch, length)` -> logits: `(batch, 1)` if `kind` is "cnn", `(batch, length)` if it is "lstm"."""
    vectors = keras.Input((context_length + length, embedding_dim), name="vectors")
    x, inputs = add_class_vector(vectors, num_classes)
    logits = lstm_logits(x, filters, dropout) if kind == "lstm" else cnn_logits(x, filters, dropout, l2)
    network = keras.Model(inputs, logits, name="network")
    return TokenDiscriminator(network, vocabulary_size, dense=kind == "lstm", context_length=context_length)


def add_class_vector(vectors: Tensor, num_classes: int | None) -> tuple[Tensor, list[Tensor]]:
    """Add the vector of the class to that of each token, if there are classes.

    Returns:
        `(vectors, inputs)`: the sums, and the inputs of the network so far.
    """
    if num_classes is None:
        return vectors, [vectors]
    labels = keras.Input((), dtype="int32", name="labels")
    dim = vectors.shape[-1]
    class_vector = layers.Reshape((1, dim))(layers.Embedding(num_classes, dim)(labels))
    return layers.Add()([vectors, class_vector]), [vectors, labels]


def cnn_logits(x: Tensor, filters: float, dropout: float, l2: float) -> Tensor:
    """Vectors `(batch, length, dim)` -> logits `(batch, 1)` of whole sequences, by convolutions of many widths."""
    length = x.shape[1]
    features = []
    for width, count in _FILTERS.items():
        if width <= length:
            count = max(1, round(filters * count))
            maps = layers.Conv1D(count, width, activation="relu", name=f"width_{width}")(x)
            features.append(layers.GlobalMaxPooling1D()(maps))
    x = layers.Concatenate()(features)
    x = layers.Dropout(dropout)(highway(x))
    return layers.Dense(1, dtype="float32", kernel_regularizer=keras.regularizers.L2(l2), name="logits")(x)


def highway(x: Tensor) -> Tensor:
    """Apply a highway layer: a gate for each feature says how much of it changes."""
    gate = layers.Dense(x.shape[-1], "sigmoid", bias_initializer=keras.initializers.Constant(-2.0), name="gate")(x)
    changed = layers.Dense(x.shape[-1], "relu", name="changed")(x)
    kept = layers.Subtract()([x, layers.Multiply()([gate, x])])
    return layers.Add()([layers.Multiply()([gate, changed]), kept])


def lstm_logits(x: Tensor, filters: float, dropout: float) -> Tensor:
    """Vectors `(batch, length, dim)` -> logits `(batch, length)` of the sequence up to each token, by an LSTM."""
    x = layers.Dropout(dropout)(x)
    x = layers.LSTM(max(1, round(64 * filters)), return_sequences=True)(x)
    x = layers.Dense(1, dtype="float32", name="logits")(layers.Dropout(dropout)(x))
    return layers.Reshape((x.shape[1],))(x)
