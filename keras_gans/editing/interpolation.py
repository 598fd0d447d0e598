"""From one sample to another, through the latents between theirs."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from keras_gans._typing import Array
from keras_gans.conditions import LABELS
from keras_gans.errors import check_count, check_truncation

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel

# Below this sine of their angle, two latents count as parallel.
_PARALLEL = 1e-6


def interpolate(
    model: AdversarialModel,
    seeds: Sequence[int] | Array,
    steps: int = 24,
    labels: int | None = None,
    conditions: Mapping[str, Any] | None = None,
    truncation: float = 1.0,
    batch_size: int = 64,
) -> Array:
    """Generate samples on the way from the sample of each seed to that of the next one.

    Args:
        model: An `AdversarialModel` whose latents are normally distributed, such as every generator of images from latents.
        seeds: At least two integers from 0 to 2^63 - 1. Those that occur are those of `model.generate(seeds=...)`, of exports
            and of the gallery. End with the first one for a way that can be repeated for ever.
        steps: Number of samples from each seed to the next one, of which only the first is a seed's own; at least 1.
        labels: Class of all samples, for a model that is told classes.
        conditions: Values of conditions by name, one for all samples.
        truncation: Factor of the latents, from 0 to 1, as in `model.generate`.
        batch_size: Number of samples computed at a time.

    Returns:
        float32 array of shape `((len(seeds) - 1) * steps + 1, *sample_shape)` in [-1, 1]. Sample `i * steps` is that of seed
        number `i`.

    Raises:
        ValueError: If there are fewer than two seeds, the model has no such latents, or a number is out of range; or as in
            `model.generate`.

    Example:

        model = keras_gans.load_pretrained("dcgan_mnist")
        frames = model.interpolate([3, 7, 3], steps=24)
    """
    steps = check_count("steps", steps)
    if model.latent_shape is None or model.latent_noise != "normal":
        raise ValueError("Interpolation needs normally distributed latents, which this generator does not have.")
    if len(seeds) < 2:
        raise ValueError(f"Interpolation needs two seeds or more; received {list(seeds)}.")
    told = {**(conditions or {}), **({} if labels is None else {LABELS: labels})}
    ends = model.seeded_latents(seeds) * np.float32(check_truncation(truncation))
    paths = [slerp(start, end, steps + 1)[:-1] for start, end in itertools.pairwise(ends)]
    return model.generate_from(np.concatenate([*paths, ends[-1:]]), told, batch_size)


def slerp(start: ArrayLike, end: ArrayLike, steps: int) -> np.ndarray:
    """Interpolate spherically between two latents.

    The direction turns at a constant rate while the norm changes linearly. A straight line would pass through vectors much
    shorter than those of a normal distribution in many dimensions. It is taken only between parallel or opposite latents,
    which span no plane to turn in.

    Args:
        start: Float array of any shape.
        end: Float array of the same shape.
        steps: Number of latents including both ends; an integer of at least 2.

    Returns:
        float32 array of shape `(steps, *shape)`; the first and the last are `start` and `end`.

    Raises:
        ValueError: If there are fewer than two steps.

    Reference: White 2016, "Sampling Generative Networks", section 2.1 (after Shoemake 1985), where the norm follows from the
    two weights.
    """
    if steps < 2:
        raise ValueError(f"steps must be at least 2, for both ends; received {steps!r}.")
    shape = np.shape(start)
    first, last = (np.asarray(latent, "float64").reshape(-1) for latent in (start, end))
    share = np.linspace(0.0, 1.0, steps)[:, None]
    norms = np.linalg.norm(first), np.linalg.norm(last)
    angle = np.arccos(np.clip(first @ last / max(norms[0] * norms[1], np.finfo("float64").tiny), -1.0, 1.0))
    if min(norms) == 0.0 or np.sin(angle) < _PARALLEL:
        path = (1 - share) * first + share * last
    else:
        ends = first / norms[0], last / norms[1]
        direction = (np.sin((1 - share) * angle) * ends[0] + np.sin(share * angle) * ends[1]) / np.sin(angle)
        path = direction * ((1 - share) * norms[0] + share * norms[1])
    return path.astype("float32").reshape(steps, *shape)
