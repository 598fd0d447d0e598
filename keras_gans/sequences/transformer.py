"""A language model that attends to all tokens before."""

import keras
import numpy as np
from keras import layers, ops

from keras_gans.sequences.language_model import LanguageModel


@keras.saving.register_keras_serializable(package="keras_gans")
class CausalBlock(layers.Layer):
    """A transformer block, normalised before each part, whose tokens attend to themselves and those before.

    Args:
        width: Length of a token's vector.
        heads: Attention heads; they divide `width`.
        dropout: Of what each part adds.

    Reference: Vaswani et al. 2017, "Attention Is All You Need", section 3; Xiong et al. 2020 (normalisation before).
    """

    def __init__(self, width, heads, dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        if width % heads:
            raise ValueError(f"heads must divide width; received {heads} and {width}.")
        self.width, self.heads, self.dropout_rate = width, heads, dropout
        self.norm_attention, self.norm_feed = (layers.LayerNormalization(epsilon=1e-5, name=f"norm_{i}") for i in range(2))
        self.to_heads = layers.Dense(3 * width, name="to_heads")
        self.from_heads = layers.Dense(width, name="from_heads")
        self.widen, self.narrow = layers.Dense(4 * width, "gelu", name="widen"), layers.Dense(width, name="narrow")
        self.dropout = layers.Dropout(dropout)

    def build(self, input_shape):
        wide = (*input_shape[:-1], 4 * self.width)
        for layer in (self.norm_attention, self.norm_feed, self.to_heads, self.from_heads, self.widen):
            layer.build(input_shape)
        self.narrow.build(wide)

    def _split(self, x):
        """`(..., 3 width)` -> queries, keys and values of shape `(..., heads, width / heads)`."""
        shape = (*(-1 if size is None else size for size in x.shape[1:-1]), self.heads, self.width // self.heads)
        return (ops.reshape(part, (-1, *shape)) for part in ops.split(x, 3, axis=-1))

    def _attended(self, weights, later, values, equation):
        # In float32: float16 cannot hold the numbers that hide what comes later.
        weights = ops.softmax(ops.cast(weights, "float32") * (self.width // self.heads) ** -0.5 + later)
        return ops.einsum(equation, ops.cast(weights, values.dtype), values)

    def _feed(self, x, training):
        return x + self.dropout(self.narrow(self.widen(self.norm_feed(x))), training=training)

    def call(self, x, training=False):
        """Maps `(batch, length, width)` to the same shape."""
        length = x.shape[1]
        queries, keys, values = self._split(self.to_heads(self.norm_attention(x)))
        weights = ops.einsum("bqhd,bkhd->bhqk", queries, keys)
        later = np.triu(np.full((length, length), -1e9, "float32"), 1)
        attended = self._attended(weights, later, values, "bhqk,bkhd->bqhd")
        attended = ops.reshape(attended, (-1, length, self.width))
        return self._feed(x + self.dropout(self.from_heads(attended), training=training), training)

    def step(self, x, position, cache):
        """Maps one token's `(batch, width)`, given the keys and values of those before, and returns these with its own.

        Args:
            x: float32 `(batch, width)`.
            position: int32 scalar.
            cache: Keys and values, float32 `(batch, length, heads, width / heads)` each.
        """
        length = cache[0].shape[1]
        queries, *new = self._split(self.to_heads(self.norm_attention(x)))
        here = ops.reshape(ops.equal(ops.arange(length, dtype="int32"), position), (1, length, 1, 1))
        keys, values = (ops.where(here, part[:, None], kept) for part, kept in zip(new, cache, strict=True))
        weights = ops.einsum("bhd,bkhd->bhk", queries, keys)
        later = ops.where(ops.arange(length, dtype="int32") > position, -1e9, 0.0)
        attended = ops.reshape(self._attended(weights, later, values, "bhk,bkhd->bhd"), (-1, self.width))
        return self._feed(x + self.from_heads(attended), False), (keys, values)

    def get_config(self):
        return {**super().get_config(), "width": self.width, "heads": self.heads, "dropout": self.dropout_rate}


@keras.saving.register_keras_serializable(package="keras_gans")
class AddPlaces(layers.Layer):
    """Adds a learnt vector for each place to sequences of vectors `(batch, length, width)`."""

    def build(self, input_shape):
        normal = keras.initializers.RandomNormal(stddev=0.02)
        self.places = self.add_weight(shape=input_shape[1:], initializer=normal, name="places")

    def call(self, x):
        return x + ops.cast(self.places, x.dtype)


@keras.saving.register_keras_serializable(package="keras_gans")
class TransformerLanguageModel(LanguageModel):
    """A decoder-only transformer; logits are products with the tokens' vectors. Generating, it keeps keys and values.

    Args:
        vocabulary_size: As `LanguageModel`'s, like the others that are not named here.
        length: Tokens of a sequence.
        width: Length of the vector of a token.
        depth: Blocks.
        heads: Attention heads of a block.
        dropout: Of the blocks and their inputs.
        ends: Whether 0 ends a sequence.
        num_classes: How many classes there are; a class's vector is added to that of each token.

    Reference: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", section 2.3.
    """

    def __init__(
        self,
        vocabulary_size,
        length,
        width=64,
        depth=2,
        heads=4,
        dropout=0.0,
        ends=True,
        num_classes=None,
        name="generator",
    ):
        super().__init__(vocabulary_size, length, ends, num_classes, name)
        self.width, self.depth, self.heads, self.dropout_rate = width, depth, heads, dropout
        vectors = keras.initializers.RandomNormal(stddev=0.02)
        self.embed = layers.Embedding(vocabulary_size, width, embeddings_initializer=vectors, name="embed")
        self.embed_place = layers.Embedding(length, width, embeddings_initializer=vectors, name="embed_place")
        self.embed_label = (
            None
            if num_classes is None
            else layers.Embedding(num_classes, width, embeddings_initializer=vectors, name="embed_label")
        )
        self.blocks = [CausalBlock(width, heads, dropout, name=f"block_{number}") for number in range(depth)]
        self.norm = layers.LayerNormalization(epsilon=1e-5, name="norm")
        self.dropout = layers.Dropout(dropout)
        self.bias = self.add_weight(shape=(vocabulary_size,), initializer="zeros", name="bias")
        self.build_layers()

    def _embedded(self, tokens, places, labels):
        x = self.embed(tokens) + self.embed_place(places)
        if self.embed_label is None:
            return x
        of_class = self.embed_label(ops.reshape(labels, (-1,)))
        return x + (of_class[:, None] if len(x.shape) == 3 else of_class)

    def _logits(self, x):
        x = self.norm(x)
        table = ops.cast(self.embed.embeddings, x.dtype)
        return ops.cast(ops.matmul(x, ops.transpose(table)), "float32") + ops.cast(self.bias, "float32")

    def read(self, previous, labels, training):
        places = ops.arange(self.length, dtype="int32")[None]
        x = self.dropout(self._embedded(previous, places, labels), training=training)
        for block in self.blocks:
            x = block(x, training=training)
        return self._logits(x)

    def start(self, batch_size, labels):
        nothing = ops.zeros((batch_size, self.length, self.heads, self.width // self.heads), self.compute_dtype)
        return tuple((nothing, nothing) for _ in self.blocks)

    def step(self, previous, position, state, labels):
        x = self._embedded(previous, ops.reshape(position, (1,)), labels)
        caches = []
        for block, cache in zip(self.blocks, state, strict=True):
            x, cache = block.step(x, position, cache)
            caches.append(cache)
        return self._logits(x), tuple(caches)

    def get_config(self):
        return {
            **super().get_config(),
            "width": self.width,
            "depth": self.depth,
            "heads": self.heads,
            "dropout": self.dropout_rate,
        }
