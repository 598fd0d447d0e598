"""Sliced Wasserstein distance between the patches of two sets of images, scale by scale."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.errors import check_count
from keras_gans.metrics.image_checks import as_images, check_alike

_PATCH = 7
_COARSEST = 12  # no level is smaller unless the images are
_BINOMIAL = (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)
# Below this many grey levels a standard deviation is what rounding leaves of a constant.
_CONSTANT = 1e-5
# What the projections of both sets may take, as many directions at a time as fit, and the patches if they fit in this share.
_BYTES, _KEPT = 2**28, 7 / 8
# Up to so many projections are sorted. The distance between more is summed on a grid of so many steps, which is up to 15 times
# as fast and changes the mean over all directions by less than a hundred-thousandth.
_SORTED, _STEPS = 2**14, 2**16
# Patches cut at a time, and pixels of the images that they are cut from, where one image does not hold more.
_PATCHES, _PIXELS = 2**15, 2**22


@dataclasses.dataclass(frozen=True)
class SlicedWasserstein:
    """Sliced Wasserstein distances, times 1000 as in the paper's tables.

    Attributes:
        levels: The distance by the size of the pyramid's level, finest first: `{"32x32": 3.1, "16x16": 5.2}`.
        average: The mean over the levels.
    """

    levels: Mapping[str, float]
    average: float


def sliced_wasserstein_distance(
    real: ArrayLike, fake: ArrayLike, patches_per_image: int = 128, directions: int = 512, seed: int = 0
) -> SlicedWasserstein:
    """Compare images at each scale by their 7x7 patches.

    Each set is split into the levels of Laplacian pyramids. Patches are taken at random places from each level of each image.
    Their channels are brought to mean 0 and standard deviation 1 over the set, so the brightness or contrast of a whole set
    does not count. The distance is the mean, over random directions, of the one-dimensional Wasserstein distance between the
    projections of the patches. A constant channel of a level stays 0.

    The defaults are those of the paper, which takes 16,384 images of each kind. The two sets draw their own places, so the
    distance between a set and itself is above 0, and falls as the number of images grows. Compare only distances between
    equally many images, and with the distance between two sets of real images.

    A level's side is half that of the one above, rounded up, while that is at least 12: levels of 32 and 16 for 32x32 images
    (as in the paper, for every power of two from 16), 28 and 14 for 28x28, a single level below 23x23. The smaller side
    decides.

    Memory beyond the images is about 256 MiB, or 8 bytes a patch if that is more.

    Args:
        real: uint8 images of shape `(n, height, width, 1, 3 or 4)`, at least 7 pixels high and wide; may be mapped from a file.
        fake: As many images of the same shape.
        patches_per_image: Number of patches from each level of each image.
        directions: Number of directions that patches are projected on.
        seed: Seed of the places and directions; an integer of at least 0.

    Raises:
        ValueError: If the images are not uint8, differ in size or number, are fewer than two or too small, or another
            argument is out of range.

    Reference: Karras et al. 2018, "Progressive Growing of GANs for Improved Quality, Stability, and Variation", section 5;
    numbers that the paper does not give are those of its published code (`metrics/sliced_wasserstein.py`).
    """
    real = as_images(real, "real", smallest=_PATCH, least=2)
    fake = as_images(fake, "fake", smallest=_PATCH, least=2)
    check_alike(real, fake, ("real", "fake"))
    if len(real) != len(fake):
        raise ValueError(
            f"Each real patch is paired with a fake one, so there must be as many images of each; received {len(real)} real "
            f"and {len(fake)} fake: leave out {abs(len(real) - len(fake))} of the larger set, chosen at random."
        )
    patches_per_image, directions = check_count("patches_per_image", patches_per_image), check_count("directions", directions)
    seed = check_count("seed", seed, least=0)
    sizes = _sizes(*real.shape[1:3])
    levels: dict[str, float] = {}
    for index, (height, width) in enumerate(sizes):
        filters = [_filters(side, index, len(sizes)) for side in real.shape[1:3]]
        first, second = (
            _Patches(images, filters, patches_per_image, (seed, index, which)) for which, images in enumerate((real, fake))
        )
        along = np.random.default_rng((seed, index, 2)).normal(size=(_PATCH * _PATCH * real.shape[-1], directions))
        along /= np.linalg.norm(along, axis=0)
        levels[f"{height}x{width}"] = float(1000 * _distance(first, second, along.astype("float32")))
    return SlicedWasserstein(levels, float(np.mean(list(levels.values()))))


def _sizes(height: int, width: int) -> list[tuple[int, int]]:
    """Return the height and width of each level, finest first."""
    sizes = [(height, width)]
    while (min(sizes[-1]) + 1) // 2 >= _COARSEST:
        sizes.append(((sizes[-1][0] + 1) // 2, (sizes[-1][1] + 1) // 2))
    return sizes


def _distance(real: _Patches, fake: _Patches, along: np.ndarray) -> float:
    """Mean over directions of the one-dimensional Wasserstein distance between the projections of two sets of patches."""
    at_a_time = max(1, (_BYTES - real.kept - fake.kept) // (8 * real.count))
    starts = range(0, along.shape[1], at_a_time)
    return sum(_sum_of_distances(real, fake, along[:, start : start + at_a_time]) for start in starts) / along.shape[1]


def _sum_of_distances(real: _Patches, fake: _Patches, along: np.ndarray) -> float:
    # A function of its own, so that its projections are gone before the next ones are made.
    distance = _by_sorting if real.count <= _SORTED else _on_a_grid
    return sum(map(distance, real.projections(along), fake.projections(along)))


def _by_sorting(row: np.ndarray, other: np.ndarray) -> float:
    row.sort()
    other.sort()
    return float(np.abs(row - other).mean(dtype="float64"))


def _on_a_grid(row: np.ndarray, other: np.ndarray) -> float:
    """The same as the area between the distribution functions, which takes no sorting."""
    low, high = min(row.min(), other.min()), max(row.max(), other.max())
    step = (high - low) / _STEPS
    if not step > 0:
        return 0.0
    first, second = (np.bincount(((values - low) / step).astype("int32"), minlength=_STEPS + 1) for values in (row, other))
    return float(np.abs(np.cumsum(first - second)).sum() * step / len(row))


class _Patches:
    """The patches of one level of a set of images. They are cut anew each time they are needed if they are too many to keep.

    Attributes:
        count: Number of patches.
        kept: Bytes that the patches take, 0 if they are not kept.
    """

    def __init__(
        self,
        images: np.ndarray,
        filters: list[tuple[np.ndarray, np.ndarray | None]],
        per_image: int,
        seed: tuple[int, int, int],
    ) -> None:
        self._images, self._filters = images, filters
        self._block = max(1, min(_PATCHES // per_image, _PIXELS // images[0].size))
        self.count = len(images) * per_image
        ends = np.array([len(down) for down, _ in filters]) - _PATCH + 1
        self._places = np.random.default_rng(seed).integers(0, ends, size=(len(images), per_image, 2), dtype="int32")
        size = 4 * self.count * _PATCH * _PATCH * images.shape[-1]
        self.kept = size if size <= _KEPT * _BYTES / 2 else 0
        self._cut = np.empty((self.count, images.shape[-1], _PATCH, _PATCH), "float32") if self.kept else None
        self._mean, self._std = self._moments()

    def _raw_blocks(self) -> Iterator[np.ndarray]:
        """Yield the patches of some images at a time, float32 of shape `(patches, channels, 7, 7)`."""
        (down, coarser_down), (across, coarser_across) = self._filters
        for start in range(0, len(self._images), self._block):
            block = slice(start, start + self._block)
            level = down @ np.moveaxis(self._images[block], -1, 1).astype("float32", order="C") @ across.T
            if coarser_down is not None and coarser_across is not None:
                level -= coarser_down @ level @ coarser_across.T
            windows = np.lib.stride_tricks.sliding_window_view(level, (_PATCH, _PATCH), axis=(2, 3))
            rows, columns = np.moveaxis(self._places[block], -1, 0)
            patches = windows[np.arange(len(level))[:, None], :, rows, columns]
            yield patches.reshape(-1, *patches.shape[2:])

    def _moments(self) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation of each channel, and keep the patches if they are few enough."""
        sums, end = np.zeros((2, self._images.shape[-1])), 0
        for patches in self._raw_blocks():
            start, end = end, end + len(patches)
            values = patches.reshape(*patches.shape[:2], -1).astype("float64")
            sums += values.sum(axis=(0, 2)), np.einsum("pci,pci->c", values, values)
            if self._cut is not None:
                self._cut[start:end] = patches
        mean, square = sums / (self.count * _PATCH * _PATCH)
        std = np.sqrt(np.maximum(square - mean**2, 0))
        mean, std = mean.astype("float32"), np.where(std > _CONSTANT, std, 1).astype("float32")
        if self._cut is not None:
            _standardise(self._cut, mean, std)
        return mean, std

    def projections(self, along: np.ndarray) -> np.ndarray:
        """Return the patches' projections, float32 of shape `(directions, patches)`."""
        if self._cut is not None:
            return along.T @ self._cut.reshape(self.count, -1).T
        result, end = np.empty((along.shape[1], self.count), "float32"), 0
        for patches in (_standardise(patches, self._mean, self._std) for patches in self._raw_blocks()):
            start, end = end, end + len(patches)
            np.matmul(along.T, patches.reshape(len(patches), -1).T, out=result[:, start:end])
        return result


def _standardise(patches: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Bring patches, in place, to mean 0 and standard deviation 1 in each channel."""
    patches -= mean[:, None, None]
    patches /= std[:, None, None]
    return patches


def _filters(side: int, level: int, levels: int) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the pyramid as matrices along one side of the images.

    Args:
        side: Length of the side.
        level: A level, 0 for the finest.
        levels: How many there are.

    Returns:
        The matrix that reduces the side to that of the level, and the one that takes a level to what the next coarser level
        holds of it, which is taken away; None for the coarsest.
    """
    down = np.eye(side)
    for _ in range(level):
        down = _blur(len(down))[::2] @ down
    blur = _blur(len(down))
    return down.astype("float32"), None if level == levels - 1 else (2 * blur[:, ::2] @ blur[::2]).astype("float32")


def _blur(side: int) -> np.ndarray:
    """Return the binomial filter as a matrix; edges are mirrored without being repeated."""
    padded = np.pad(np.eye(side), ((2, 2), (0, 0)), mode="reflect")
    return np.sum([weight * padded[shift : shift + side] for shift, weight in enumerate(_BINOMIAL)], axis=0)
