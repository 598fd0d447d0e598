"""A decoder-only transformer as a language model."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from keras_gans._typing import Tensor
from keras_gans.errors import check_count
from keras_gans.sequences.language_model import LanguageModel


@keras.saving.register_keras_serializable(package="keras_gans")
class CausalBlock(layers.Layer):
    """A pre-norm transformer block with causal attention: each token attends to itself and to the tokens before it.

    Args:
        width: Length of a token vector, an integer >= 1.
        heads: Number of attention heads; it divides `width`.
        dropout: Dropout rate of the attention's and the feed-forward network's outputs. Default 0.
        **kwargs: As `keras.layers.Layer`.

    Raises:
        ValueError: If `heads` does not divide `width`.

    Reference: Vaswani et al. 2017, "Attention Is All You Need", section 3; Xiong et al. 2020 (pre-norm).
    """

    def __init__(self, width: int, heads: int, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        width, heads = check_count("width", width), check_count("heads", heads)
        if width % heads:
            raise ValueError(f"heads must divide width; received {heads} and {width}.")
        self.width, self.heads, self.dropout_rate = width, heads, dropout
        self.norm_attention, self.norm_feed = (layers.LayerNormalization(epsilon=1e-5, name=f"norm_{i}") for i in range(2))
        self.to_heads = layers.Dense(3 * width, name="to_heads")
        self.from_heads = layers.Dense(width, name="from_heads")
        self.widen, self.narrow = layers.Dense(4 * width, "gelu", name="widen"), layers.Dense(width, name="narrow")
        self.dropout = layers.Dropout(dropout)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create all weights."""
        wide = (*input_shape[:-1], 4 * self.width)
        for layer in (self.norm_attention, self.norm_feed, self.to_heads, self.from_heads, self.widen):
            layer.build(input_shape)
        self.narrow.build(wide)

    def _split(self, x: Tensor) -> Iterator[Tensor]:
        """Split `(..., 3 width)` into queries, keys and values of shape `(..., heads, width / heads)`."""
        shape = (*(-1 if size is None else size for size in x.shape[1:-1]), self.heads, self.width // self.heads)
        return (ops.reshape(part, (-1, *shape)) for part in ops.split(x, 3, axis=-1))

    def _attended(self, weights: Tensor, later: Tensor, values: Tensor, equation: str) -> Tensor:
        # In float32, because float16 cannot represent the numbers that mask later tokens.
        weights = ops.softmax(ops.cast(weights, "float32") * (self.width // self.heads) ** -0.5 + later)
        return ops.einsum(equation, ops.cast(weights, values.dtype), values)

    def _feed(self, x: Tensor, training: bool) -> Tensor:
        return x + self.dropout(self.narrow(self.widen(self.norm_feed(x))), training=training)

    def call(self, x: Tensor, training: bool = False) -> Tensor:
        """Map `(batch, length, width)` to the same shape."""
        length = x.shape[1]
        queries, keys, values = self._split(self.to_heads(self.norm_attention(x)))
        weights = ops.einsum("bqhd,bkhd->bhqk", queries, keys)
        later = np.triu(np.full((length, length), -1e9, "float32"), 1)
        attended = self._attended(weights, later, values, "bhqk,bkhd->bqhd")
        attended = ops.reshape(attended, (-1, length, self.width))
        return self._feed(x + self.dropout(self.from_heads(attended), training=training), training)

    def step(self, x: Tensor, position: Tensor, cache: tuple[Tensor, Tensor]) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Process one token, given the keys and values of the tokens before it.

        Args:
            x: Vector of the token, float32 of shape `(batch, width)`.
            position: Number of tokens before it, an int32 scalar.
            cache: Keys and values, each float32 of shape `(batch, length, heads, width / heads)`.

        Returns:
            `(x, cache)`: the new vector, and the cache with the keys and values of the token.
        """
        length = cache[0].shape[1]
        queries, *new = self._split(self.to_heads(self.norm_attention(x)))
        here = ops.reshape(ops.equal(ops.arange(length, dtype="int32"), position), (1, length, 1, 1))
        keys, values = (ops.where(here, part[:, None], kept) for part, kept in zip(new, cache, strict=True))
        weights = ops.einsum("bhd,bkhd->bhk", queries, keys)
        later = ops.where(ops.arange(length, dtype="int32") > position, -1e9, 0.0)
        attended = ops.reshape(self._attended(weights, later, values, "bhk,bkhd->bhd"), (-1, self.width))
        return self._feed(x + self.from_heads(attended), False), (keys, values)

    def get_config(self) -> dict[str, Any]:
        """Return the layer's arguments."""
        return {**super().get_config(), "width": self.width, "heads": self.heads, "dropout": self.dropout_rate}


@keras.saving.register_keras_serializable(package="keras_gans")
class AddPlaces(layers.Layer):
    """Adds a learned vector for each position to sequences of vectors `(batch, length, width)`."""

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the vectors."""
        normal = keras.initializers.RandomNormal(stddev=0.02)
        self.places = self.add_weight(shape=input_shape[1:], initializer=normal, name="places")

    def call(self, x: Tensor) -> Tensor:
        """Add the vectors."""
        return x + ops.cast(self.places, x.dtype)


@keras.saving.register_keras_serializable(package="keras_gans")
class TransformerLanguageModel(LanguageModel):
    """A decoder-only transformer with tied token vectors. In generation, keys and values are cached.

    Args:
        vocabulary_size: Number of tokens, an integer >= 2.
        length: Tokens per sequence, an integer >= 1.
        width: Length of a token vector. Default 64.
        depth: Number of blocks. Default 2.
        heads: Number of attention heads in each block. Default 4.
        dropout: Dropout rate of the blocks and their inputs. Default 0.
        ends: Whether token 0 ends a sequence. Default True.
        num_classes: Number of classes; the vector of a class is added to that of each token. Default None.
        context_length: Tokens of a context: see `LanguageModel`. Default 0.
        name: Name of the model.

    Reference: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", section 2.3.
    """

    def __init__(
        self,
        vocabulary_size: int,
        length: int,
        width: int = 64,
        depth: int = 2,
        heads: int = 4,
        dropout: float = 0.0,
        ends: bool = True,
        num_classes: int | None = None,
        context_length: int = 0,
        name: str = "generator",
    ) -> None:
        super().__init__(vocabulary_size, length, ends, num_classes, context_length, name)
        self.width, self.depth = check_count("width", width), check_count("depth", depth, 0)
        self.heads, self.dropout_rate = check_count("heads", heads), dropout
        vectors = keras.initializers.RandomNormal(stddev=0.02)
        self.embed = layers.Embedding(self.vocabulary_size, width, embeddings_initializer=vectors, name="embed")
        self.embed_place = layers.Embedding(self.places, width, embeddings_initializer=vectors, name="embed_place")
        self.embed_label = (
            None
            if num_classes is None
            else layers.Embedding(num_classes, width, embeddings_initializer=vectors, name="embed_label")
        )
        self.blocks = [CausalBlock(width, heads, dropout, name=f"block_{number}") for number in range(depth)]
        self.norm = layers.LayerNormalization(epsilon=1e-5, name="norm")
        self.dropout = layers.Dropout(dropout)
        self.bias = self.add_weight(shape=(self.vocabulary_size,), initializer="zeros", name="bias")
        self.build((None, self.places))

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights of each layer."""
        if self.built:
            return
        self.embed.build(input_shape)
        self.embed_place.build(input_shape)
        if self.embed_label is not None:
            self.embed_label.build((None,))
        for layer in (*self.blocks, self.norm):
            layer.build((*input_shape, self.width))

    def _embedded(self, tokens: Tensor, positions: Tensor, labels: Tensor | None) -> Tensor:
        x = self.embed(tokens) + self.embed_place(positions)
        if self.embed_label is None:
            return x
        of_class = self.embed_label(ops.reshape(labels, (-1,)))
        return x + (of_class[:, None] if len(x.shape) == 3 else of_class)

    def _logits(self, x: Tensor) -> Tensor:
        x = self.norm(x)
        table = ops.cast(self.embed.embeddings, x.dtype)
        return ops.cast(ops.matmul(x, ops.transpose(table)), "float32") + ops.cast(self.bias, "float32")

    def read(self, previous: Tensor, labels: Tensor | None, training: bool) -> Tensor:
        """Return the logits of each token of whole sequences: see `LanguageModel.read`."""
        positions = ops.arange(self.places, dtype="int32")[None]
        x = self.dropout(self._embedded(previous, positions, labels), training=training)
        for block in self.blocks:
            x = block(x, training=training)
        return self._logits(x[:, self.context_length :])

    def start(self, batch_size: int | Tensor, labels: Tensor | None) -> Any:
        """Return empty caches of keys and values."""
        empty = ops.zeros((batch_size, self.places, self.heads, self.width // self.heads), self.compute_dtype)
        return tuple((empty, empty) for _ in self.blocks)

    def step(self, previous: Tensor, position: Tensor, state: Any, labels: Tensor | None) -> tuple[Tensor, Any]:
        """Return the logits of one token and the next caches: see `LanguageModel.step`."""
        x = self._embedded(previous, ops.reshape(position, (1,)), labels)
        caches = []
        for block, cache in zip(self.blocks, state, strict=True):
            x, cache = block.step(x, position, cache)
            caches.append(cache)
        return self._logits(x), tuple(caches)

    def get_config(self) -> dict[str, Any]:
        """Return the model's arguments."""
        return {
            **super().get_config(),
            "width": self.width,
            "depth": self.depth,
            "heads": self.heads,
            "dropout": self.dropout_rate,
        }
