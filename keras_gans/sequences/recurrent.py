"""A language model around any recurrent cell of Keras."""

from typing import Any

import keras
from keras import layers, ops

from keras_gans._typing import Tensor
from keras_gans.sequences.language_model import LanguageModel


@keras.saving.register_keras_serializable(package="keras_gans")
class RecurrentLanguageModel(LanguageModel):
    """A recurrent language model: token vectors, a recurrent cell, and a dense layer that returns the logits of the next token.

    Args:
        cell: A Keras cell, such as `keras.layers.LSTMCell(32)`.
        vocabulary_size: Number of tokens, an integer >= 2.
        length: Tokens per sequence, an integer >= 1.
        embedding_dim: Length of a token vector. Default 32.
        dropout: Dropout rate of the cell's inputs and outputs. Default 0.
        tied: Whether logits are products with the token vectors (Press and Wolf 2017), to whose length the cell's outputs are
            projected. Default False.
        ends: Whether token 0 ends a sequence. Default True.
        num_classes: Number of classes; the vector of a class is added to that of each token. Default None.
        context_length: Tokens of a context: see `LanguageModel`. Default 0.
        name: Name of the model.
    """

    def __init__(
        self,
        cell: keras.layers.Layer,
        vocabulary_size: int,
        length: int,
        embedding_dim: int = 32,
        dropout: float = 0.0,
        tied: bool = False,
        ends: bool = True,
        num_classes: int | None = None,
        context_length: int = 0,
        name: str = "generator",
    ) -> None:
        super().__init__(vocabulary_size, length, ends, num_classes, context_length, name)
        self.embedding_dim, self.dropout_rate, self.tied = embedding_dim, dropout, tied
        # Large enough for the cell to tell tokens, and classes, apart from the first step on: training is faster and better,
        # and classes that differ in a few words are learnt at all.
        spread = keras.initializers.RandomNormal(stddev=0.3)
        self.embed = layers.Embedding(self.vocabulary_size, embedding_dim, embeddings_initializer=spread, name="embed")
        self.embed_label = (
            None
            if num_classes is None
            else layers.Embedding(num_classes, embedding_dim, embeddings_initializer=spread.clone(), name="embed_label")
        )
        self.rnn = layers.RNN(cell, return_sequences=True, name="rnn")
        self.dropout = layers.Dropout(dropout)
        if tied:
            self.project = layers.Dense(embedding_dim, use_bias=False, name="project")
            self.bias = self.add_weight(shape=(self.vocabulary_size,), initializer="zeros", name="bias")
        else:
            self.predict_token = layers.Dense(self.vocabulary_size, dtype="float32", name="logits")
        self.build_layers()

    def build_layers(self) -> None:
        """Create all weights."""
        cells = getattr(self.rnn.cell, "cells", [self.rnn.cell])
        if any(type(each).build is layers.Layer.build for each in cells):
            # Cells of users may build their weights when they are called.
            super().build_layers()
        else:
            self.build((None, self.places))

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights of each layer."""
        if self.built:
            return
        vectors = (*input_shape, self.embedding_dim)
        self.embed.build(input_shape)
        if self.embed_label is not None:
            self.embed_label.build((None,))
        self.rnn.build(vectors)
        outputs = self.rnn.compute_output_shape(vectors)
        (self.project if self.tied else self.predict_token).build(outputs)

    def _embedded(self, tokens: Tensor, labels: Tensor | None) -> Tensor:
        x = self.embed(tokens)
        if self.embed_label is None:
            return x
        of_class = self.embed_label(ops.reshape(labels, (-1,)))
        return x + (of_class[:, None] if len(x.shape) == 3 else of_class)

    def _logits(self, x: Tensor) -> Tensor:
        if not self.tied:
            return self.predict_token(x)
        x = self.project(x)
        table = ops.cast(self.embed.embeddings, x.dtype)
        return ops.cast(ops.matmul(x, ops.transpose(table)), "float32") + ops.cast(self.bias, "float32")

    def read(self, previous: Tensor, labels: Tensor | None, training: bool) -> Tensor:
        """Return the logits of each token of whole sequences: see `LanguageModel.read`."""
        x = self.dropout(self._embedded(previous, labels), training=training)
        x = self.rnn(x, training=training)[:, self.context_length :]
        return self._logits(self.dropout(x, training=training))

    def start(self, batch_size: int | Tensor, labels: Tensor | None) -> Any:
        """Return the initial state of the cell."""
        return self.rnn.cell.get_initial_state(batch_size)

    def step(self, previous: Tensor, position: Tensor, state: Any, labels: Tensor | None) -> tuple[Tensor, Any]:
        """Return the logits of one token and the next state of the cell: see `LanguageModel.step`."""
        x, state = self.rnn.cell(self._embedded(previous, labels), state)
        return self._logits(x), state

    def get_config(self) -> dict[str, Any]:
        """Return the model's arguments."""
        return {
            **super().get_config(),
            "cell": keras.saving.serialize_keras_object(self.rnn.cell),
            "embedding_dim": self.embedding_dim,
            "dropout": self.dropout_rate,
            "tied": self.tied,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> "LanguageModel":
        """Make a model from `get_config`."""
        cell = keras.saving.deserialize_keras_object(config["cell"], custom_objects=custom_objects)
        return cls(**{**config, "cell": cell})
