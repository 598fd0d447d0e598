"""Two-dimensional data on which mode collapse can be seen and counted: mixtures of Gaussians, and lines."""

import dataclasses

import numpy as np

from keras_gans.data.data import Data
from keras_gans.data.registry import SOURCES, Loader, Request

_SAMPLES = 16_384  # points drawn for an epoch


@dataclasses.dataclass(frozen=True)
class Mixture:
    """Equally weighted round Gaussians in the square [-1, 1]^2.

    Attributes:
        centres: float array of shape `(modes, 2)`.
        std: The standard deviation of each, in the same units.
    """

    centres: np.ndarray
    std: float

    def sample(self, n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Draw `n` points: float32 of shape `(n, 2)`, and the int32 number of each point's mode."""
        rng = np.random.default_rng(seed)
        modes = rng.integers(len(self.centres), size=n)
        points = self.centres[modes] + self.std * rng.standard_normal((n, 2))
        return points.astype("float32"), modes.astype("int32")


def ring(modes: int = 8, radius: float = 0.8, std: float = 0.016) -> Mixture:
    """Modes evenly on a circle. The ratio of std to radius is 1/50.

    Reference: Srivastava et al. 2017 (VEEGAN), section 4.1; Metz et al. 2017 use 8 modes, radius 2 and std 0.02.
    """
    angles = 2 * np.pi * np.arange(modes) / modes
    return Mixture(radius * np.stack([np.cos(angles), np.sin(angles)], axis=1), std)


def grid(side: int = 5, std: float = 0.01) -> Mixture:
    """Modes on a square grid from -0.8 to 0.8: 25 by default, whose spacing is 40 standard deviations.

    Reference: Srivastava et al. 2017 (VEEGAN), section 4.1 (25 modes from -4 to 4, std 0.05: the same, five times larger).
    """
    axis = np.linspace(-0.8, 0.8, side)
    return Mixture(np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2), std)


def blobs(modes: int = 3, radius: float = 0.55, std: float = 0.1) -> Mixture:
    """A few wide modes on a circle, far from each other: three by default, whose distance is 9.5 standard deviations."""
    return ring(modes, radius, std)


@dataclasses.dataclass(frozen=True)
class Segments:
    """Equally weighted line segments in the square [-1, 1]^2, blurred by round Gaussian noise.

    Attributes:
        ends: float array of shape `(segments, 2, 2)`: both ends of each.
        std: The standard deviation of the noise, in the same units.
    """

    ends: np.ndarray
    std: float

    def sample(self, n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Draw `n` points: float32 of shape `(n, 2)`, and the int32 number of each point's segment."""
        rng = np.random.default_rng(seed)
        segments = rng.integers(len(self.ends), size=n)
        share = rng.random((n, 1))
        points = (1 - share) * self.ends[segments, 0] + share * self.ends[segments, 1]
        return (points + self.std * rng.standard_normal((n, 2))).astype("float32"), segments.astype("int32")


def lines(count: int = 3, std: float = 0.02) -> Segments:
    """Parallel diagonal lines that do not touch, from -0.5 to 0.5 in both coordinates and shifted across."""
    shifts = np.linspace(-0.3, 0.3, count)[:, None, None] * np.array([1.0, -1.0])
    return Segments(np.array([[-0.5, -0.5], [0.5, 0.5]]) + shifts, std)


@SOURCES.register("ring")
class Ring(Loader):
    """16,384 points of `ring()`, labelled with their modes."""

    without_image_size = "points"

    def load(self, request: Request) -> Data:
        return Data(request.name, *ring().sample(_SAMPLES))


@SOURCES.register("grid")
class Grid(Loader):
    """16,384 points of `grid()`, labelled with their modes."""

    without_image_size = "points"

    def load(self, request: Request) -> Data:
        return Data(request.name, *grid().sample(_SAMPLES))


@SOURCES.register("blobs")
class Blobs(Loader):
    """16,384 points of `blobs()`, labelled with their modes."""

    without_image_size = "points"

    def load(self, request: Request) -> Data:
        return Data(request.name, *blobs().sample(_SAMPLES))


@SOURCES.register("lines")
class Lines(Loader):
    """16,384 points of `lines()`, labelled with their lines."""

    without_image_size = "points"

    def load(self, request: Request) -> Data:
        return Data(request.name, *lines().sample(_SAMPLES))
