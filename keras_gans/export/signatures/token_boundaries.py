"""Seeds of text whose tokens rounding does not change: what exports are compared with the Keras model on.

Every token has an interval of uniform numbers that stand for it (see `keras_gans.sequences.decode`). Two computations of the
same network differ by rounding, and so do the ends of the intervals: a number at an end may stand for either token.
"""

import numpy as np
from keras import ops

_ROWS = 16  # at a time: the logits of long sequences of large vocabularies are large


def token_intervals(model, tokens, inputs):
    """Returns the ends of the intervals of numbers that stand for the tokens of sequences.

    Args:
        model: A `SequenceGAN`.
        tokens: int32 `(n, length)`.
        inputs: Their `temperature` `(n, 1)` and, if there are any, `labels` `(n,)`.

    Returns:
        Two float64 arrays `(n, length)`.
    """
    network, labels = model.sampling_network(), inputs.get("labels")
    parts = []
    for start in range(0, len(tokens), _ROWS):
        part = slice(start, start + _ROWS)
        ids = tokens[part]
        logits = model.run_network(network, ids if labels is None else [ids, labels[part]]).astype("float64")
        logits /= inputs["temperature"][part, None]
        sums = np.exp(logits - logits.max(axis=-1, keepdims=True)).cumsum(axis=-1)
        sums = np.pad(sums / sums[..., -1:], [(0, 0), (0, 0), (1, 0)])
        parts.append([np.take_along_axis(sums, ids[..., None] + end, axis=-1)[..., 0] for end in (0, 1)])
    return tuple(np.concatenate(ends) for ends in zip(*parts, strict=True))


def seeds_far_from_boundaries(model, network, inputs, tries=16):
    """Returns a seed for each sequence, of `tries` the one whose numbers lie farthest from the ends of their intervals.

    Args:
        model: A `SequenceGAN`.
        network: Its `sampling_network`.
        inputs: The sequences' `temperature` `(n, 1)` and, if there are any, `labels` `(n,)`.
        tries: How many seeds are looked at for each.

    Returns:
        int64 `(n,)`.
    """
    n = len(inputs["temperature"])
    seeds = np.arange(tries * n)
    latents = model.seeded_latents(seeds)
    repeated = {name: np.concatenate([value] * tries) for name, value in inputs.items()}
    tokens = model.run_network(model.decoder(network), {"latents": latents, **repeated})
    below, above = token_intervals(model, tokens, repeated)
    distances = np.minimum(latents - below, above - latents)
    # What follows the end does not depend on its numbers.
    distances[ops.convert_to_numpy(network.counted(tokens)) == 0] = 1.0
    best = distances.min(axis=1).reshape(tries, n).argmax(axis=0)
    return seeds.reshape(tries, n)[best, np.arange(n)]
