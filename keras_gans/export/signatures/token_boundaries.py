"""Seeds of texts whose tokens do not depend on rounding, on which exports are compared with the Keras model.

Each token has an interval of uniform numbers that select it (see `keras_gans.sequences.decode`). Two computations of the same
network differ by rounding, and so do the ends of the intervals: a number close to an end may select either token.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import keras
import numpy as np
from keras import ops

from keras_gans.sequences import pack

if TYPE_CHECKING:
    from keras_gans.gans import SequenceGAN
    from keras_gans.sequences import Watermark

_ROWS = 16  # at a time, because the logits of long sequences and large vocabularies are large


def token_intervals(
    model: SequenceGAN, tokens: np.ndarray, inputs: Mapping[str, np.ndarray], watermark: Watermark | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the intervals of numbers that select the tokens of sequences.

    Args:
        model: The model that generated them.
        tokens: int32 `(n, length)`.
        inputs: Their `temperature` `(n, 1)` and the conditions of the model by name.
        watermark: What marks them, if anything does.

    Returns:
        The lower and the upper ends, float64 `(n, length)` each.
    """
    network = model.sampling_network()
    lower, upper = [], []
    for start in range(0, len(tokens), _ROWS):
        part = slice(start, start + _ROWS)
        ids = tokens[part]
        told = {name: inputs[name][part] for name in network.takes}
        logits = model.run_network(network, pack(ids, told, network.takes)).astype("float64")
        logits /= inputs["temperature"][part, None]
        weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
        if watermark is not None:
            shares = (weights / weights.sum(axis=-1, keepdims=True)).astype("float32")
            weights = ops.convert_to_numpy(watermark.favour_all(shares, ids)).astype("float64")
        sums = weights.cumsum(axis=-1)
        sums = np.pad(sums / sums[..., -1:], [(0, 0), (0, 0), (1, 0)])
        lower.append(np.take_along_axis(sums, ids[..., None], axis=-1)[..., 0])
        upper.append(np.take_along_axis(sums, ids[..., None] + 1, axis=-1)[..., 0])
    return np.concatenate(lower), np.concatenate(upper)


def seeds_far_from_boundaries(
    model: SequenceGAN,
    network: keras.Model,
    inputs: Mapping[str, np.ndarray],
    tries: int = 16,
    watermark: Watermark | None = None,
) -> np.ndarray:
    """Return a seed for each sequence: out of `tries`, the one whose numbers lie farthest from the ends of their intervals.

    Args:
        model: The model that generates.
        network: Its `sampling_network`.
        inputs: The sequences' `temperature` `(n, 1)` and the conditions of the model by name.
        tries: How many seeds to try for each.
        watermark: What marks them, if anything does.

    Returns:
        int64 `(n,)`.
    """
    n = len(inputs["temperature"])
    seeds = np.arange(tries * n)
    latents = model.seeded_latents(seeds)
    repeated = {name: np.concatenate([value] * tries) for name, value in inputs.items()}
    tokens = model.run_network(model.decoder(network, watermark=watermark), {"latents": latents, **repeated})
    below, above = token_intervals(model, tokens, repeated, watermark)
    distances = np.minimum(latents - below, above - latents)
    # Tokens after the end do not depend on their numbers.
    distances[ops.convert_to_numpy(network.counted(tokens)) == 0] = 1.0
    best = distances.min(axis=1).reshape(tries, n).argmax(axis=0)
    return seeds.reshape(tries, n)[best, np.arange(n)]
