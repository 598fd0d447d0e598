"""Draws sequences from a language model, token by token.

Each token takes one uniform number u: it is the first token whose cumulative probability exceeds u (inversion; Devroye 1986,
section III.2). A sequence is thus a function of its numbers, which are the latents of a text generator. The same latents give
the same sequence on every backend and in every export, unless rounding matters because a number lies at the boundary between
two tokens.
"""

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.sequences.language_model import END, LanguageModel
from keras_gans.sequences.watermark import Watermark

_NEVER = -1e9  # the logit of an excluded token; finite, because the difference of two infinities is NaN


def decode(
    network: LanguageModel,
    latents: Tensor,
    labels: Tensor | None = None,
    context: Tensor | None = None,
    temperature: float | Tensor = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    prompt: Tensor | None = None,
    prompt_length: Tensor | None = None,
    watermark: Watermark | None = None,
) -> Tensor:
    """Draw sequences of tokens.

    No gradient passes through tokens. To train on drawn sequences, call the network on them.

    Args:
        network: A `LanguageModel`.
        latents: Uniform numbers in [0, 1), one for each token, float32 of shape `(batch, length)`.
        labels: Classes, int32 of shape `(batch,)`, if the network has classes.
        context: Tokens of contexts, int32 of shape `(batch, context_length)`, if the network takes them.
        temperature: Number above 0 by which logits are divided, or float32 of shape `(batch, 1)`. Default 1.
        top_k: Draw only from the `top_k` most probable tokens (Fan et al. 2018). None (default) draws from all.
        top_p: Draw only from the smallest set of most probable tokens whose total probability reaches `top_p` (nucleus
            sampling, Holtzman et al. 2020). None (default) draws from all.
        prompt: Tokens with which sequences begin, int32 of shape `(batch, length)`.
        prompt_length: Number of tokens of the prompt, int32 of shape `(batch,)`.
        watermark: Marks the sequences with a secret key, from the second token on. It changes probabilities after
            `temperature`, `top_k` and `top_p`, so it brings no excluded token back. Default None.

    Returns:
        int32 of shape `(batch, length)`.
    """
    positions = np.arange(network.length, dtype="int32")[None]
    batch = ops.shape(latents)[0]

    def body(position: Tensor, carried: tuple[Tensor, Tensor, Tensor, Any]) -> tuple[Tensor, Tensor, Tensor, Any]:
        tokens, previous, ended, state = carried
        logits, state = network.step(previous, position + network.context_length, state, labels)
        logits = restrict(logits / temperature, top_k, top_p)
        weights = ops.exp(logits - ops.max(logits, axis=-1, keepdims=True))
        if watermark is not None:
            before = ops.pad(tokens, [[0, 0], [watermark.context, 0]])
            recent = ops.take(before, position + np.arange(watermark.context, dtype="int32"), axis=1)
            weights /= ops.sum(weights, axis=-1, keepdims=True)
            # All sentences of a key would begin alike if the first token were marked.
            weights = ops.where(position > 0, watermark.favour(weights, recent), weights)
        token = select(weights, ops.take(latents, position, axis=1))
        if prompt is not None:
            token = ops.where(position < prompt_length, ops.take(prompt, position, axis=1), token)
        if network.ends:
            token = ops.where(ended, END, token)
            ended = ops.logical_or(ended, ops.equal(token, END))
        tokens = ops.where(positions == position, token[:, None], tokens)
        return tokens, token, ended, state

    empty = ops.zeros((batch, network.length), "int32")
    carried = (empty, empty[:, 0], ops.zeros((batch,), "bool"), network.begin(batch, labels, context))
    return ops.fori_loop(0, network.length, body, carried)[0]


def restrict(logits: Tensor, top_k: int | None = None, top_p: float | None = None) -> Tensor:
    """Replace the logits of excluded tokens with very small ones: see `decode`."""
    if top_k is not None and top_k < logits.shape[-1]:
        least = ops.top_k(logits, top_k)[0][:, -1:]
        logits = ops.where(logits < least, _NEVER, logits)
    if top_p is not None and top_p < 1.0:
        ordered = ops.flip(ops.sort(logits, axis=-1), axis=-1)
        probabilities = ops.softmax(ordered)
        # A token is kept if the tokens before it have not reached top_p.
        kept = ops.cumsum(probabilities, axis=-1) - probabilities < top_p
        least = ops.min(ops.where(kept, ordered, -_NEVER), axis=-1, keepdims=True)
        logits = ops.where(logits < least, _NEVER, logits)
    return logits


def select(weights: Tensor, uniform: Tensor) -> Tensor:
    """Return the token that each uniform number selects, int32 of shape `(batch,)`.

    Probabilities are summed over blocks first, then within the selected block. Two short cumulative sums are faster than a long
    one, and round less.

    Args:
        weights: Probabilities of the tokens, or numbers in their proportion, float32 of shape `(batch, tokens)`.
        uniform: float32 of shape `(batch,)`, in [0, 1).
    """
    count = weights.shape[-1]
    size = math.ceil(math.sqrt(count))
    blocks = -(-count // size)
    weights = ops.reshape(ops.pad(weights, [[0, 0], [0, blocks * size - count]]), (-1, blocks, size))
    block, rest = _first_above(ops.sum(weights, axis=-1), uniform)
    inside = ops.take_along_axis(weights, block[:, None, None], axis=1)[:, 0]
    token, _ = _first_above(inside, rest)
    return block * size + token


def _first_above(weights: Tensor, uniform: Tensor) -> tuple[Tensor, Tensor]:
    """Find the weight that a number selects.

    Returns:
        `(index, rest)`: int32 of shape `(batch,)`, and where the number lies within the weight, float32 in [0, 1).
    """
    sums = ops.cumsum(weights, axis=-1)
    aim = uniform * sums[:, -1]
    last = weights.shape[-1] - 1
    index = ops.minimum(ops.sum(ops.cast(sums <= aim[:, None], "int32"), axis=-1), last)
    weight = ops.take_along_axis(weights, index[:, None], axis=1)[:, 0]
    below = ops.take_along_axis(sums, index[:, None], axis=1)[:, 0] - weight
    return index, ops.clip((aim - below) / ops.maximum(weight, 1e-30), 0.0, 1.0 - 2.0**-23)


@keras.saving.register_keras_serializable(package="keras_gans")
class Decoder(keras.Model):
    """`decode` as a Keras model, which backends compile and exporters export.

    Call it with a dict of `latents`, `temperature` of shape `(batch, 1)` and, if they apply, `labels`, `context`,
    `prompt` and `prompt_length`. It returns tokens.

    Args:
        network: A `LanguageModel`.
        top_k: As in `decode`.
        top_p: As in `decode`.
        watermark: As in `decode`.
    """

    def __init__(
        self,
        network: LanguageModel,
        top_k: int | None = None,
        top_p: float | None = None,
        watermark: Watermark | None = None,
    ) -> None:
        # float32 whatever the network computes in: latents that are rounded more coarsely select other tokens.
        super().__init__(name="decoder", dtype="float32")
        self.network, self.top_k, self.top_p, self.watermark = network, top_k, top_p, watermark
        self.built = True

    def call(self, inputs: dict[str, Tensor], training: bool = False) -> Tensor:
        """Draw a sequence for each row of the inputs."""
        return decode(self.network, **inputs, top_k=self.top_k, top_p=self.top_p, watermark=self.watermark)
