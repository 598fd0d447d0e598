"""A language model around any recurrent cell of Keras."""

import keras
from keras import layers, ops

from keras_gans.sequences.language_model import LanguageModel


@keras.saving.register_keras_serializable(package="keras_gans")
class RecurrentLanguageModel(LanguageModel):
    """Embedded tokens, a recurrent cell, and a dense layer to the logits of the next token.

    Args:
        cell: A Keras cell, such as `keras.layers.LSTMCell(32)`.
        vocabulary_size: As `LanguageModel`'s, like the others that are not named here.
        length: Tokens of a sequence.
        embedding_dim: Length of the vector of a token.
        dropout: The share of the cell's inputs and outputs that are left out in training.
        tied: Whether logits are products with the vectors of the tokens (Press and Wolf 2017), which the outputs are brought
            to the length of.
        ends: Whether 0 ends a sequence.
        num_classes: How many classes there are; a class's vector is added to that of each token.
    """

    def __init__(
        self,
        cell,
        vocabulary_size,
        length,
        embedding_dim=32,
        dropout=0.0,
        tied=False,
        ends=True,
        num_classes=None,
        name="generator",
    ):
        super().__init__(vocabulary_size, length, ends, num_classes, name)
        self.embedding_dim, self.dropout_rate, self.tied = embedding_dim, dropout, tied
        # Large enough for the cell to tell tokens apart from the first step on: text is learnt faster, and better.
        spread = keras.initializers.RandomNormal(stddev=0.3)
        self.embed = layers.Embedding(vocabulary_size, embedding_dim, embeddings_initializer=spread, name="embed")
        self.embed_label = None if num_classes is None else layers.Embedding(num_classes, embedding_dim, name="embed_label")
        self.rnn = layers.RNN(cell, return_sequences=True, name="rnn")
        self.dropout = layers.Dropout(dropout)
        if tied:
            self.project = layers.Dense(embedding_dim, use_bias=False, name="project")
            self.bias = self.add_weight(shape=(vocabulary_size,), initializer="zeros", name="bias")
        else:
            self.predict_token = layers.Dense(vocabulary_size, dtype="float32", name="logits")
        self.build_layers()

    def _embedded(self, tokens, labels):
        x = self.embed(tokens)
        if self.embed_label is None:
            return x
        of_class = self.embed_label(ops.reshape(labels, (-1,)))
        return x + (of_class[:, None] if len(x.shape) == 3 else of_class)

    def _logits(self, x):
        if not self.tied:
            return self.predict_token(x)
        x = self.project(x)
        table = ops.cast(self.embed.embeddings, x.dtype)
        return ops.cast(ops.matmul(x, ops.transpose(table)), "float32") + ops.cast(self.bias, "float32")

    def read(self, previous, labels, training):
        x = self.dropout(self._embedded(previous, labels), training=training)
        return self._logits(self.dropout(self.rnn(x, training=training), training=training))

    def start(self, batch_size, labels):
        return self.rnn.cell.get_initial_state(batch_size)

    def step(self, previous, position, state, labels):
        x, state = self.rnn.cell(self._embedded(previous, labels), state)
        return self._logits(x), state

    def get_config(self):
        return {
            **super().get_config(),
            "cell": keras.saving.serialize_keras_object(self.rnn.cell),
            "embedding_dim": self.embedding_dim,
            "dropout": self.dropout_rate,
            "tied": self.tied,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        cell = keras.saving.deserialize_keras_object(config["cell"], custom_objects=custom_objects)
        return cls(**{**config, "cell": cell})
