"""HUSE: what raters and the model's own probabilities tell together about generated and real sentences."""

from __future__ import annotations

import numpy as np

from keras_gans._typing import Array

# Of the authors' published code. Fewer sentences of a kind than this say nothing.
NEIGHBOURS = 15
# Orders of equally near neighbours, and what tells them apart: far less than any difference between ratings.
_ORDERS, _SMALL = 10, 1e-9


def huse(ratings: Array, log_probabilities: Array, generated: Array, neighbours: int = NEIGHBOURS) -> dict[str, float] | None:
    """Return how far generated sentences can be told from real ones by their ratings and by how probable the model finds them.

    People cannot see that a model writes few kinds of sentences; but then it finds many real ones improbable. A classifier by
    nearest neighbours says of each sentence whether it is real, from all others. Both numbers of a sentence are brought to
    standard deviation 1, so that neither decides alone. Neighbours at the same distance, such as all of the same rating, are
    drawn at random, several times.

    Args:
        ratings: The mean rating of each sentence, float `(n,)`.
        log_probabilities: The model's mean log-probability of a token of each sentence, float `(n,)`.
        generated: Whether each is generated, bool `(n,)`. All others are real.
        neighbours: Number of neighbours that vote.

    Returns:
        `huse`, twice the share of errors, 1 if they cannot be told apart; `huse_q`, the same by ratings alone (quality); and
        `huse_d`, `1 + huse - huse_q` (diversity). None if there are fewer than `neighbours` of a kind.

    Reference: Hashimoto, Zhang and Liang 2019, "Unifying Human and Statistical Evaluation for Natural Language Generation",
        sections 3 and 4 (equal numbers of both kinds: the rarer kind weighs more here).
    """
    generated = np.asarray(generated, bool)
    if min(generated.sum(), (~generated).sum()) < neighbours:
        return None
    quality = _errors(np.stack([ratings], axis=1), generated, neighbours)
    both = _errors(np.stack([ratings, log_probabilities], axis=1), generated, neighbours)
    return {"huse": 2 * both, "huse_q": 2 * quality, "huse_d": 1 + 2 * both - 2 * quality}


def _errors(features: Array, generated: Array, neighbours: int) -> float:
    """Return the share of errors of the nearest neighbours, the mean over both kinds."""
    deviation = features.std(axis=0)
    features = features / np.where(deviation > 0, deviation, 1)
    distances = np.sqrt(((features[:, None] - features[None]) ** 2).sum(axis=-1))
    np.fill_diagonal(distances, np.inf)
    # Each kind has as many votes as the other.
    weights = np.where(generated, 0.5 / generated.mean(), 0.5 / (~generated).mean())
    rng, found = np.random.default_rng(0), []
    for _ in range(_ORDERS):
        jittered = distances + _SMALL * rng.random(distances.shape)
        nearest = np.argpartition(jittered, neighbours - 1, axis=1)[:, :neighbours]
        votes = weights[nearest]
        share = (votes * generated[nearest]).sum(axis=1) / votes.sum(axis=1)
        wrong = np.where(np.isclose(share, 0.5), 0.5, (share > 0.5) != generated)
        found.append((wrong[generated].mean() + wrong[~generated].mean()) / 2)
    return float(np.mean(found))
