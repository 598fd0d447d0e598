"""What judges text: a network over the vectors of tokens, which may be mixtures, or one that judges every next token."""

import keras
import numpy as np
from keras import layers, ops


@keras.saving.register_keras_serializable(package="keras_gans")
class TokenDiscriminator(keras.Model):
    """A network that takes sequences, each token as the vector that stands for it.

    A token is an integer; or, as generators give it through which a gradient is to pass, a vector of probabilities over the
    vocabulary, for which the mixture of the tokens' vectors stands.

    Args:
        network: A built Keras model from vectors `(batch, length, embedding_dim)`, and in a list labels `(batch,)` if it takes
            any, to logits of sequences, `(batch, n)`: one, or several of different views, whose losses are averaged.
        vocabulary_size: How many tokens there are.
        dense: Whether the logits are those of the sequence up to each token, `(batch, length)`.

    Raises:
        ValueError: If the network is of another kind.
    """

    def __init__(self, network, vocabulary_size, dense=False, name="discriminator"):
        super().__init__(name=name)
        vectors, *labels = network.inputs
        _, self.length, embedding_dim = vectors.shape
        outputs = tuple(network.outputs[0].shape)
        if len(outputs) != 2 or (dense and outputs[1] != self.length):
            wanted = f"(batch, {self.length}), for each of {self.length} tokens" if dense else "(batch, n)"
            raise ValueError(f"The network must return logits of shape {wanted}; this one returns {outputs}.")
        self.network, self.vocabulary_size, self.takes_labels = network, vocabulary_size, bool(labels)
        self.dense = dense
        self.embed = layers.Embedding(
            vocabulary_size, embedding_dim, embeddings_initializer=keras.initializers.RandomNormal(stddev=0.1), name="embed"
        )
        tokens = np.zeros((1, self.length), "int32")
        self([tokens, np.zeros((1,), "int32")] if labels else tokens)

    def call(self, inputs, training=False):
        """Returns the logits of sequences: int32 `(batch, length)` or float `(batch, length, vocabulary_size)`."""
        tokens, labels = inputs if self.takes_labels else (inputs, None)
        if len(tokens.shape) == 3:
            x = ops.matmul(ops.cast(tokens, self.compute_dtype), ops.cast(self.embed.embeddings, self.compute_dtype))
        else:
            x = self.embed(tokens)
        return self.network([x, labels] if self.takes_labels else x, training=training)

    def get_config(self):
        return {
            "network": keras.saving.serialize_keras_object(self.network),
            "vocabulary_size": self.vocabulary_size,
            "dense": self.dense,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        network = keras.saving.deserialize_keras_object(config["network"], custom_objects=custom_objects)
        return cls(**{**config, "network": network})


@keras.saving.register_keras_serializable(package="keras_gans")
class NextTokenDiscriminator(keras.Model):
    """A network that judges every token that could come next, from those before it.

    It has the form of a language model, whose output for a token is not its probability but how real it would be there: a
    projection discriminator (Miyato and Koyama 2018, "cGANs with Projection Discriminator", section 3) whose condition is the
    text so far.

    Args:
        network: A `LanguageModel`; it takes labels if that has classes.
    """

    dense = True

    def __init__(self, network, name="discriminator"):
        super().__init__(name=name)
        self.network, self.length, self.vocabulary_size = network, network.length, network.vocabulary_size
        self.takes_labels = network.num_classes is not None
        self.built = True

    def of_every_token(self, inputs, training=False):
        """Returns the logits of all tokens, float32 `(batch, length, vocabulary_size)`: at each place given those before it.

        Args:
            inputs: int32 tokens `(batch, length)`; in a list with labels `(batch,)` if the discriminator takes them.
            training: Whether dropout is applied.
        """
        return self.network(inputs, training=training)

    def call(self, inputs, training=False):
        """Returns the logits of the tokens that are there, float32 `(batch, length)`."""
        tokens = ops.cast(inputs[0] if self.takes_labels else inputs, "int32")
        return ops.take_along_axis(self.of_every_token(inputs, training), tokens[..., None], axis=-1)[..., 0]

    def get_config(self):
        return {"network": keras.saving.serialize_keras_object(self.network), "name": self.name}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        network = keras.saving.deserialize_keras_object(config["network"], custom_objects=custom_objects)
        return cls(**{**config, "network": network})
