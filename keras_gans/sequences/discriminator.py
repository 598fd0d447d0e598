"""Discriminators of text: of whole sequences, or of every token that could come next."""

from typing import Any

import keras
from keras import layers, ops

from keras_gans._typing import Tensor
from keras_gans.conditions import CONTEXT, LABELS
from keras_gans.errors import check_count
from keras_gans.sequences.language_model import LanguageModel, unpack


@keras.saving.register_keras_serializable(package="keras_gans")
class TokenDiscriminator(keras.Model):
    """Scores sequences of tokens, by a network that takes the tokens' vectors.

    A token is an integer, or a vector of probabilities over the vocabulary, which generators return if a gradient has to pass
    through it. Probabilities stand for the weighted mean of the tokens' vectors. With a context, its tokens come first.

    Args:
        network: A built Keras model that maps token vectors, `(batch, context_length + length, embedding_dim)`, and optionally
            labels, `(batch,)`, to logits, `(batch, n)`: one for each sequence, or several, whose losses are averaged.
        vocabulary_size: Number of tokens, an integer >= 2.
        dense: Whether the network returns a logit for the sequence up to each token, `(batch, context_length + length)`, of
            which those of the context are left out. Default False.
        context_length: Tokens of a context. Default 0, for none.
        name: Name of the model.

    Raises:
        ValueError: If the network has other inputs or outputs, or no place for a sequence after the context.
    """

    def __init__(
        self,
        network: keras.Model,
        vocabulary_size: int,
        dense: bool = False,
        context_length: int = 0,
        name: str = "discriminator",
    ) -> None:
        super().__init__(name=name)
        vocabulary_size = check_count("vocabulary_size", vocabulary_size, 2)
        vectors, *labels = network.inputs
        if len(vectors.shape) != 3 or None in vectors.shape[1:]:
            raise ValueError(
                "The network must take token vectors of a fixed length, (batch, length, embedding_dim); received "
                f"{tuple(vectors.shape)}."
            )
        _, places, embedding_dim = vectors.shape
        outputs = tuple(network.outputs[0].shape)
        if len(outputs) != 2 or (dense and outputs[1] != places):
            wanted = f"(batch, {places}), one for each token" if dense else "(batch, n)"
            raise ValueError(f"The network must return logits of shape {wanted}; this one returns {outputs}.")
        self.context_length = check_count("context_length", context_length, 0)
        if places <= context_length:
            raise ValueError(f"The network takes {places} tokens, which leave no place after a context of {context_length}.")
        self.length = places - context_length
        self.network, self.vocabulary_size, self._takes_labels = network, vocabulary_size, bool(labels)
        self.dense = dense
        self.embed = layers.Embedding(
            vocabulary_size, embedding_dim, embeddings_initializer=keras.initializers.RandomNormal(stddev=0.1), name="embed"
        )
        self.build((None, places))

    @property
    def takes(self) -> tuple[str, ...]:
        """Names of the conditions that the model takes, in the order of its inputs."""
        return ((LABELS,) if self._takes_labels else ()) + ((CONTEXT,) if self.context_length else ())

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the tokens' vectors; the network is built."""
        if not self.built:
            self.embed.build(input_shape)

    def call(self, inputs: Tensor | list[Tensor], training: bool = False) -> Tensor:
        """Return the logits of sequences.

        Args:
            inputs: Tokens, int32 of shape `(batch, length)`, or probabilities, float32 of shape `(batch, length,
                vocabulary_size)`; or a list of these and the conditions that the model `takes`.
            training: Whether dropout is applied.
        """
        tokens, told = unpack(inputs, self.takes)
        if len(tokens.shape) == 3:
            x = ops.matmul(ops.cast(tokens, self.compute_dtype), ops.cast(self.embed.embeddings, self.compute_dtype))
        else:
            x = self.embed(tokens)
        if self.context_length:
            x = ops.concatenate([self.embed(told[CONTEXT]), x], axis=1)
        logits = self.network([x, told[LABELS]] if self._takes_labels else x, training=training)
        return logits[:, self.context_length :] if self.dense and self.context_length else logits

    def get_config(self) -> dict[str, Any]:
        """Return the model's arguments."""
        return {
            "network": keras.saving.serialize_keras_object(self.network),
            "vocabulary_size": self.vocabulary_size,
            "dense": self.dense,
            **({"context_length": self.context_length} if self.context_length else {}),
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """Make a model from `get_config`."""
        network = keras.saving.deserialize_keras_object(config["network"], custom_objects=custom_objects)
        return cls(**{**config, "network": network})


@keras.saving.register_keras_serializable(package="keras_gans")
class NextTokenDiscriminator(keras.Model):
    """Scores every token that could come next, given the tokens before it.

    It has the architecture of a language model, but its output for a token is a score instead of a logit of its probability. It
    is a projection discriminator (Miyato and Koyama 2018, "cGANs with Projection Discriminator", section 3) whose condition is
    the preceding text.

    Args:
        network: A `LanguageModel`. The discriminator takes the same conditions.
        name: Name of the model.
    """

    dense = True

    def __init__(self, network: LanguageModel, name: str = "discriminator") -> None:
        super().__init__(name=name)
        self.network, self.length, self.vocabulary_size = network, network.length, network.vocabulary_size
        self.context_length, self.takes = network.context_length, network.takes
        self.built = True

    def of_every_token(self, inputs: Tensor | list[Tensor], training: bool = False) -> Tensor:
        """Return the scores of all tokens at each position, float32 of shape `(batch, length, vocabulary_size)`.

        Args:
            inputs: Tokens, int32 of shape `(batch, length)`, or a list of these and the conditions that the model `takes`.
            training: Whether dropout is applied.
        """
        return self.network(inputs, training=training)

    def call(self, inputs: Tensor | list[Tensor], training: bool = False) -> Tensor:
        """Return the scores of the given tokens, float32 of shape `(batch, length)`. See `of_every_token`."""
        tokens = ops.cast(unpack(inputs, self.takes)[0], "int32")
        return ops.take_along_axis(self.of_every_token(inputs, training), tokens[..., None], axis=-1)[..., 0]

    def get_config(self) -> dict[str, Any]:
        """Return the model's arguments."""
        return {"network": keras.saving.serialize_keras_object(self.network), "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """Make a model from `get_config`."""
        network = keras.saving.deserialize_keras_object(config["network"], custom_objects=custom_objects)
        return cls(**{**config, "network": network})
