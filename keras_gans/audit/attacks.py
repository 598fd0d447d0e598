"""Attacks: each gives candidates a score, which is higher the more likely they were among the training samples.

References: Hayes et al. 2019, "LOGAN: Membership Inference Attacks Against Generative Models", section 4.2 (the discriminator);
Chen et al. 2020, "GAN-Leaks: A Taxonomy of Membership Inference Attacks against Generative Models", sections 4.2 and 4.5 (the
nearest sample, and calibration); Hilprecht et al. 2019, "Monte Carlo and Reconstruction Membership Inference Attacks against
Generative Models", section 4.1.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import ops

from keras_gans.losses import join_scores
from keras_gans.metrics.neighbours import nearest_neighbours, stripes

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel

_BATCH = 100


@dataclasses.dataclass(frozen=True)
class Candidates:
    """Samples of which an attacker wants to know whether a model was trained on them.

    Attributes:
        features: float32 `(n, d)`, in which samples are compared.
        samples: As the discriminator takes them before they are scaled, `(n, ...)`: images as files hold them, or token ids;
            None if there is no discriminator to ask.
        conditions: Their conditions by name, as far as they are known.
        shown: What a reader sees of them: samples, or a list of sentences; `samples` if None.
    """

    features: np.ndarray
    samples: Any = None
    conditions: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    shown: Any = None

    def __len__(self) -> int:
        return len(self.features)

    def take(self, positions: np.ndarray) -> Candidates:
        """Return some of the candidates."""

        def some(values: Any) -> Any:
            if values is None:
                return None
            return [values[position] for position in positions] if isinstance(values, list) else values[positions]

        conditions = {name: values[positions] for name, values in self.conditions.items()}
        return Candidates(self.features[positions], some(self.samples), conditions, some(self.shown))


def by_discriminator(model: AdversarialModel, candidates: Candidates) -> np.ndarray:
    """Return the mean of the discriminator's scores of each candidate, float64 `(n,)`: the white-box attack of LOGAN."""
    scores = []
    for part in _parts(len(candidates)):
        some = candidates.take(part)
        real, conditions = _as_scored(model, some)
        judged = model.score(ops.convert_to_tensor(real), conditions)
        scores.append(ops.convert_to_numpy(join_scores(judged)).mean(axis=1))
    return np.concatenate(scores).astype("float64")


def _as_scored(model: AdversarialModel, candidates: Candidates) -> tuple[Any, Mapping[str, Any]]:
    """Return samples and conditions as the discriminator takes them."""
    given = dict(candidates.conditions)
    if set(given) == set(model.data_conditions):
        return model.unpack((candidates.samples, given) if given else candidates.samples)
    # Scores do not depend on what else the model learns from, such as labelled samples.
    told = {name: model.conditions[name].to_network(values) for name, values in given.items()}
    return model.medium.to_network(candidates.samples), told


def by_likelihood(model: Any, candidates: Candidates) -> np.ndarray:
    """Return the mean log-likelihood of each sentence's tokens under a text model, float64 `(n,)`."""
    log_p, counted = model.token_log_probabilities(candidates.samples, conditions=dict(candidates.conditions))
    return ((log_p * counted).sum(axis=1) / np.maximum(counted.sum(axis=1), 1)).astype("float64")


def by_nearest(candidates: Candidates, generated: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the negative distance of each candidate from the nearest generated sample, and which one that is."""
    distances, nearest = nearest_neighbours(candidates.features, generated)
    return -distances, nearest


def by_nearest_calibrated(nearest: np.ndarray, candidates: Candidates, reference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how much nearer a generated sample is than any of some held-out ones, and which of these is the nearest.

    Simple samples are near to anything. Chen et al. subtract the distance from samples of another model; here, real samples
    that are not candidates take their place.

    Args:
        nearest: The result of `by_nearest`.
        candidates: The candidates.
        reference: Features of held-out samples that are not candidates.
    """
    distances, indices = nearest_neighbours(candidates.features, reference)
    return nearest + distances, indices


def by_monte_carlo(candidates: Candidates, generated: np.ndarray, radius: float) -> np.ndarray:
    """Return the share of generated samples within a distance of each candidate, float64 `(n,)`.

    Args:
        candidates: The candidates.
        generated: Features of generated samples.
        radius: The distance. Hilprecht et al. take the median of the candidates' distances from their nearest sample.
    """
    shares = np.empty(len(candidates))
    for stripe in stripes(np.asarray(candidates.features), np.asarray(generated)):
        shares[stripe.rows] = stripe.within(np.full((1, 1), radius**2), inclusive=True).mean(axis=1)
    return shares


def _parts(count: int) -> Iterator[np.ndarray]:
    yield from (np.arange(start, min(start + _BATCH, count)) for start in range(0, count, _BATCH))
