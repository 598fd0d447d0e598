"""What a frame of the lab shows of a model: samples, scores, gradients and the map from latents to samples."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gans.backend import compiled, input_gradient
from keras_gans.lab.arrays import encode, finite
from keras_gans.metrics import grid_density, high_quality_fraction, js_divergence, kl_divergence, modes_covered

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel
    from keras_gans.data.mixtures import Mixture

SHOWN = 512  # generated and real points
ARROWS = 128  # of the generated points have a gradient
CELLS = 40  # of the heat map, along each side
LINES = 21  # of the latent grid, along each side
MEASURED = 4096  # points of each kind for divergences and modes
SHOWN_SEED, _MEASURED_SEED = 0, 1
_BINS, _PSEUDOCOUNT = 30, 0.01  # of the densities that divergences compare


class FrameMaker:
    """Makes frames of a model. No random state of the model is used or changed.

    The generated points are those of `model.generate(512, seed=0)`. The gradient of a point is that of the discriminator's
    score: it points to where the score rises. The latent grid has 21 lines along each of the first two coordinates, at
    quantiles of their distribution, so that each of its cells holds the same share of samples; further coordinates are those
    of the middle of the distribution.

    Args:
        model: A model of points, compiled.
        real: Real points, float32 of shape `(n, 2)`, at least 2.
        mixture: The distribution they come from if its modes can be counted, else None.
    """

    def __init__(self, model: AdversarialModel, real: np.ndarray, mixture: Mixture | None):
        self._model, self._mixture = model, mixture
        rng = np.random.default_rng(_MEASURED_SEED)
        # Two samples of the same distribution, to say how far apart such are.
        first, second = (real[rng.integers(len(real), size=MEASURED)] for _ in range(2))
        self._reference = grid_density(first, _BINS)
        self._smooth = grid_density(first, _BINS, pseudocount=_PSEUDOCOUNT)
        self._real = real[:SHOWN]
        shown = model.latents(SHOWN, SHOWN_SEED)
        self._grid = latent_grid(model)
        self._latents = np.concatenate([shown, self._grid])
        centres = (np.arange(CELLS) + 0.5) * (2 / CELLS) - 1
        self._centres = np.stack(np.meshgrid(centres, centres), axis=-1).reshape(-1, 2).astype("float32")
        self._look = compiled(lambda cells, points: (model.score(cells), input_gradient(model.score, points)))
        self._own = self.divergences(second)

    def constants(self) -> dict[str, Any]:
        """Return what stays the same from frame to frame."""
        return {
            "real": encode(self._real),
            "latents": encode(_as_two(self._latents[:SHOWN])),
            "grid": encode(_as_two(self._grid)),
            "modes": None if self._mixture is None else len(self._mixture.centres),
            "same": self._own,
        }

    def frame(self) -> dict[str, Any]:
        """Return the layers of a frame."""
        points = self._model.generate_from(self._latents, batch_size=len(self._latents))
        scores, gradients = (np.asarray(each) for each in self._look(self._centres, points[:ARROWS]))
        low, high = _range(scores)
        with np.errstate(invalid="ignore", over="ignore"):
            heat = np.nan_to_num((scores.reshape(-1).astype("float64") - low) / (high - low), nan=0.0, posinf=1.0, neginf=0.0)
        return {
            "generated": encode(points[:SHOWN]),
            "manifold": encode(points[SHOWN:]),
            "heat": encode(np.clip(heat, 0, 1)),
            "scores": [finite(low), finite(high)],
            "gradients": encode(gradients),
        }

    def arrow_points(self) -> np.ndarray:
        """Return the generated points that have arrows, as they are now."""
        return self._model.generate_from(self._latents, batch_size=len(self._latents))[:ARROWS]

    def gradients(self, points: np.ndarray) -> dict[str, Any]:
        """Return the gradients of the discriminator's present score at points, encoded."""
        return encode(np.asarray(self._look(self._centres, points)[1]))

    def probe(self, x: float, y: float) -> dict[str, Any]:
        """Return the discriminator's score at a point of the plane, and its gradient there."""
        point = np.array([[x, y]], "float32")
        score, gradient = (np.asarray(each).reshape(-1) for each in self._look(point, point))
        return {"x": x, "y": y, "score": finite(score[0]), "gradient": [finite(each) for each in gradient]}

    def measures(self) -> dict[str, Any]:
        """Return divergences of new samples from real ones, and the modes they cover."""
        points = self._model.generate(MEASURED, seed=_MEASURED_SEED, batch_size=MEASURED)
        if not np.isfinite(points).all():
            return {"kl": None, "js": None, "modes": None, "quality": None}
        found: dict[str, Any] = {**self.divergences(points), "modes": None, "quality": None}
        if self._mixture is not None:
            found["modes"] = modes_covered(points, self._mixture)
            found["quality"] = finite(high_quality_fraction(points, self._mixture))
        return found

    def divergences(self, points: np.ndarray) -> dict[str, float | None]:
        """Return the KL divergence of the real density from that of points, smoothed, and their JS divergence, in bits."""
        return {
            "kl": finite(kl_divergence(self._smooth, grid_density(points, _BINS, pseudocount=_PSEUDOCOUNT))),
            "js": finite(js_divergence(self._reference, grid_density(points, _BINS))),
        }


def latent_grid(model: AdversarialModel) -> np.ndarray:
    """Return latents on a grid of two coordinates, row by row, float32 of shape `(441, *latent_shape)`."""
    quantiles = (np.arange(LINES) + 0.5) / LINES
    middle = 0.5
    if model.latent_noise == "normal":
        quantiles, middle = np.array([NormalDist().inv_cdf(each) for each in quantiles]), 0.0
    shape = model.latents(1, 0).shape[1:]
    latents = np.full((LINES * LINES, int(np.prod(shape))), middle, "float32")
    across, down = np.meshgrid(quantiles, quantiles)
    latents[:, 0] = across.reshape(-1)
    if latents.shape[1] > 1:
        latents[:, 1] = down.reshape(-1)
    return latents.reshape(-1, *shape)


def _as_two(latents: np.ndarray) -> np.ndarray:
    """Return the first two coordinates of latents, the second one 0 if there is only one."""
    flat = latents.reshape(len(latents), -1)
    return np.pad(flat[:, :2], ((0, 0), (0, 2 - min(2, flat.shape[1]))))


def _range(scores: np.ndarray) -> tuple[float, float]:
    """Return the lowest and the highest finite score, at least a little apart."""
    found = scores[np.isfinite(scores)]
    if not found.size:
        return 0.0, 1.0
    low, high = float(found.min()), float(found.max())
    return low, max(high, low + 1e-6 * max(1.0, abs(low)))
