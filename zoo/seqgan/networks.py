"""The networks of `seqgan`: a recurrent generator, and a convolutional or a recurrent discriminator.

Reference: Yu et al. 2017, section 3.1 and appendices (the discriminator is that of Zhang and LeCun 2015 and Kim 2014 with a
highway layer, Srivastava et al. 2015).
"""

import keras
from keras import layers

from keras_gans.sequences import RecurrentLanguageModel, TokenDiscriminator

# Widths of the convolutions and how many there are of each, from the authors' code.
FILTERS = {1: 100, 2: 200, 3: 200, 4: 200, 5: 200, 6: 100, 7: 100, 8: 100, 9: 100, 10: 100, 15: 160, 20: 160}


def build_generator(vocabulary_size, length, embedding_dim, units, dropout, ends, num_classes):
    """int32 tokens `(batch, length)` -> logits `(batch, length, vocabulary_size)`, and draws them one after another."""
    cell = layers.LSTMCell(units)
    return RecurrentLanguageModel(
        cell, vocabulary_size, length, embedding_dim, dropout, tied=False, ends=ends, num_classes=num_classes
    )


def build_discriminator(kind, vocabulary_size, length, embedding_dim, filters, dropout, l2, num_classes):
    """Tokens `(batch, length)` -> logits: `(batch, 1)` if `kind` is "cnn", `(batch, length)` if it is "lstm"."""
    vectors = keras.Input((length, embedding_dim), name="vectors")
    x, inputs = add_class(vectors, num_classes)
    logits = judge_each_token(x, filters, dropout) if kind == "lstm" else judge(x, filters, dropout, l2)
    network = keras.Model(inputs, logits, name="network")
    return TokenDiscriminator(network, vocabulary_size, dense=kind == "lstm")


def add_class(vectors, num_classes):
    """Adds the class's vector to that of each token, if there are classes. Returns the sums, and the inputs so far."""
    if num_classes is None:
        return vectors, [vectors]
    labels = keras.Input((), dtype="int32", name="labels")
    dim = vectors.shape[-1]
    of_class = layers.Reshape((1, dim))(layers.Embedding(num_classes, dim)(labels))
    return layers.Add()([vectors, of_class]), [vectors, labels]


def judge(x, filters, dropout, l2):
    """Vectors `(batch, length, dim)` -> logits `(batch, 1)`, by convolutions of many widths."""
    length = x.shape[1]
    features = []
    for width, count in FILTERS.items():
        if width <= length:
            count = max(1, round(filters * count))
            maps = layers.Conv1D(count, width, activation="relu", name=f"width_{width}")(x)
            features.append(layers.GlobalMaxPooling1D()(maps))
    x = layers.Concatenate()(features)
    x = layers.Dropout(dropout)(highway(x))
    return layers.Dense(1, dtype="float32", kernel_regularizer=keras.regularizers.L2(l2), name="logits")(x)


def highway(x):
    """A gate of each feature says how much of it is changed."""
    gate = layers.Dense(x.shape[-1], "sigmoid", bias_initializer=keras.initializers.Constant(-2.0), name="gate")(x)
    changed = layers.Dense(x.shape[-1], "relu", name="changed")(x)
    kept = layers.Subtract()([x, layers.Multiply()([gate, x])])
    return layers.Add()([layers.Multiply()([gate, changed]), kept])


def judge_each_token(x, filters, dropout):
    """Vectors `(batch, length, dim)` -> logits `(batch, length)`: of the sequence up to each token, by an LSTM."""
    x = layers.Dropout(dropout)(x)
    x = layers.LSTM(max(1, round(64 * filters)), return_sequences=True)(x)
    x = layers.Dense(1, dtype="float32", name="logits")(layers.Dropout(dropout)(x))
    return layers.Reshape((x.shape[1],))(x)
