"""Drawing sequences from a language model, token by token.

Each token needs one uniform number u, and is the first one whose cumulated probability exceeds u (inversion of the distribution
function; Devroye 1986, section III.2). So a sequence is a function of its numbers: these are the latents of a text generator,
and the same latents give the same sequence on every backend and in every export, but for rounding where a number meets the
boundary between two tokens.
"""

import math

import keras
import numpy as np
from keras import ops

from keras_gans.sequences.language_model import END

_NEVER = -1e9  # a logit; not infinity, of which differences are no numbers


def decode(network, latents, labels=None, temperature=1.0, top_k=None, top_p=None, prompt=None, prompt_length=None):
    """Draws sequences.

    No gradient passes through tokens; those of a sequence that was drawn are had by calling the network on it.

    Args:
        network: A `LanguageModel`.
        latents: float32 `(batch, length)` in [0, 1): a number for each token.
        labels: int32 `(batch,)` where the network has classes.
        temperature: A number above 0, or float32 `(batch, 1)`: logits are divided by it.
        top_k: Only the so many most probable tokens are drawn (Fan et al. 2018).
        top_p: Only the fewest most probable tokens are drawn that together reach this probability (nucleus sampling, Holtzman
            et al. 2020).
        prompt: int32 `(batch, length)`: sequences whose first tokens are kept.
        prompt_length: int32 `(batch,)`: how many of these.

    Returns:
        int32 `(batch, length)`.
    """
    places = np.arange(network.length, dtype="int32")[None]
    batch = ops.shape(latents)[0]

    def body(position, carried):
        tokens, previous, ended, state = carried
        logits, state = network.step(previous, position, state, labels)
        token = invert(restrict(logits / temperature, top_k, top_p), ops.take(latents, position, axis=1))
        if prompt is not None:
            token = ops.where(position < prompt_length, ops.take(prompt, position, axis=1), token)
        if network.ends:
            token = ops.where(ended, END, token)
            ended = ops.logical_or(ended, ops.equal(token, END))
        tokens = ops.where(places == position, token[:, None], tokens)
        return tokens, token, ended, state

    nothing = ops.zeros((batch, network.length), "int32")
    carried = (nothing, nothing[:, 0], ops.zeros((batch,), "bool"), network.start(batch, labels))
    return ops.fori_loop(0, network.length, body, carried)[0]


def restrict(logits, top_k=None, top_p=None):
    """Returns logits of which only the most probable are left; the others are very small. See `decode`."""
    if top_k is not None and top_k < logits.shape[-1]:
        least = ops.top_k(logits, top_k)[0][:, -1:]
        logits = ops.where(logits < least, _NEVER, logits)
    if top_p is not None and top_p < 1.0:
        ordered = ops.flip(ops.sort(logits, axis=-1), axis=-1)
        probabilities = ops.softmax(ordered)
        # A token is left if those before it have not reached top_p.
        left = ops.cumsum(probabilities, axis=-1) - probabilities < top_p
        least = ops.min(ops.where(left, ordered, -_NEVER), axis=-1, keepdims=True)
        logits = ops.where(logits < least, _NEVER, logits)
    return logits


def invert(logits, uniform):
    """Returns the token that each uniform number falls on: int32 `(batch,)`.

    Probabilities are cumulated in blocks first, then within the block that the number falls into: two short sums in place of
    a long one, which is faster and rounds less.

    Args:
        logits: float32 `(batch, tokens)`.
        uniform: float32 `(batch,)` in [0, 1).
    """
    count = logits.shape[-1]
    size = math.ceil(math.sqrt(count))
    blocks = -(-count // size)
    weights = ops.exp(logits - ops.max(logits, axis=-1, keepdims=True))
    weights = ops.reshape(ops.pad(weights, [[0, 0], [0, blocks * size - count]]), (-1, blocks, size))
    block, rest = _first_above(ops.sum(weights, axis=-1), uniform)
    inside = ops.take_along_axis(weights, block[:, None, None], axis=1)[:, 0]
    token, _ = _first_above(inside, rest)
    return block * size + token


def _first_above(weights, uniform):
    """Returns which weight a number falls on, and where between its ends: `(int32 (batch,), float32 (batch,) in [0, 1))`."""
    sums = ops.cumsum(weights, axis=-1)
    aim = uniform * sums[:, -1]
    last = weights.shape[-1] - 1
    index = ops.minimum(ops.sum(ops.cast(sums <= aim[:, None], "int32"), axis=-1), last)
    weight = ops.take_along_axis(weights, index[:, None], axis=1)[:, 0]
    below = ops.take_along_axis(sums, index[:, None], axis=1)[:, 0] - weight
    return index, ops.clip((aim - below) / ops.maximum(weight, 1e-30), 0.0, 1.0 - 2.0**-23)


@keras.saving.register_keras_serializable(package="keras_gans")
class Decoder(keras.Model):
    """`decode` as a Keras model, which backends run and exporters export.

    Called on a dict of `latents`, `temperature` of shape `(batch, 1)`, and where they apply `labels`, `prompt` and
    `prompt_length`, it returns tokens.

    Args:
        network: A `LanguageModel`.
        top_k: As in `decode`.
        top_p: As in `decode`.
    """

    def __init__(self, network, top_k=None, top_p=None):
        # Whatever the network computes in: numbers that are rounded more coarsely stand for other tokens.
        super().__init__(name="decoder", dtype="float32")
        self.network, self.top_k, self.top_p = network, top_k, top_p
        self.built = True

    def call(self, inputs, training=False):
        return decode(self.network, **inputs, top_k=self.top_k, top_p=self.top_p)
