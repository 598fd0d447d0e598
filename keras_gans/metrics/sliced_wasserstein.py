"""Sliced Wasserstein distance between the patches of two sets of images, scale by scale."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from keras_gans.errors import check_count
from keras_gans.metrics.image_checks import as_images, check_alike

_PATCH = 7
_COARSEST = 12  # no level is smaller unless the images are
_BINOMIAL = np.array([1, 4, 6, 4, 1], "float32") / 16
# Below this many grey levels a standard deviation is what rounding leaves of a constant.
_CONSTANT = 1e-5
# What the projections of both sets may take: as many directions at a time as fit.
_BYTES = 2**28
# Patches cut at a time, and pixels of the images that they are cut from, where one image does not hold more.
_PATCHES, _PIXELS = 2**13, 2**22


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
    real, fake, patches_per_image: int = 128, directions: int = 512, seed: int = 0
) -> SlicedWasserstein:
    """Compares how images look at each scale, by their 7x7 patches.

    Each set is split into the levels of Laplacian pyramids. From each level of each image come patches at random places;
    their channels are brought to mean 0 and standard deviation 1 over the set, so that a difference in brightness or contrast
    of a whole set is not seen. The distance is the mean over random directions of the one-dimensional Wasserstein distance
    between the patches' projections. A level of a set whose channel is constant is left at 0.

    The defaults are the paper's, which takes 16,384 images of each kind. The two sets draw their own places: the distance
    between a set and itself is not 0 but what chance makes of it, which falls as the number of images grows. Compare numbers
    of equal `n` only, and look at a distance between two sets of real images beside them.

    A level's side is half that of the one above, rounded up, while that is at least 12: levels of 32 and 16 for 32x32 images
    (the paper's, for every power of two from 16), 28 and 14 for 28x28, one alone below 23x23. The smaller side decides.

    Memory beyond the images is about 256 MiB, or 8 bytes a patch if that is more.

    Args:
        real: uint8 images of shape `(n, height, width, 1 or 3)`, at least 7 pixels high and wide; may be mapped from a file.
        fake: As many images of the same shape.
        patches_per_image: Patches taken from each level of each image.
        directions: Directions that patches are projected on.
        seed: Of the places and directions; an integer of at least 0.

    Raises:
        ValueError: If the images are no uint8 images, of different sizes or numbers, fewer than two, or too small; or if
            another argument is out of range.

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
    check_count("patches_per_image", patches_per_image)
    check_count("directions", directions)
    check_count("seed", seed, least=0)
    sizes = _sizes(*real.shape[1:3])
    levels = {}
    for index, (height, width) in enumerate(sizes):
        patches = [
            _Patches(images, index, len(sizes), (height, width), patches_per_image, (seed, index, which))
            for which, images in enumerate((real, fake))
        ]
        along = np.random.default_rng((seed, index, 2)).normal(size=(_PATCH * _PATCH * real.shape[-1], directions))
        along /= np.linalg.norm(along, axis=0)
        levels[f"{height}x{width}"] = float(1000 * _distance(*patches, along.astype("float32")))
    return SlicedWasserstein(levels, float(np.mean(list(levels.values()))))


def _sizes(height, width):
    """The height and width of each level, finest first."""
    sizes = [(height, width)]
    while (min(sizes[-1]) + 1) // 2 >= _COARSEST:
        sizes.append(tuple((side + 1) // 2 for side in sizes[-1]))
    return sizes


def _distance(real, fake, along):
    """Mean over directions of the one-dimensional Wasserstein distance between the projections of two sets of patches."""
    at_a_time = max(1, _BYTES // (8 * real.count))
    starts = range(0, along.shape[1], at_a_time)
    return sum(_sum_of_distances(real, fake, along[:, start : start + at_a_time]) for start in starts) / along.shape[1]


def _sum_of_distances(real, fake, along):
    # A function of its own, so that its projections are gone before the next ones are made.
    total = 0.0
    for row, other in zip(real.projections(along), fake.projections(along), strict=True):
        row.sort()
        other.sort()
        total += np.abs(row - other).mean(dtype="float64")
    return total


class _Patches:
    """The patches of one level of a set of images. They are cut anew each time they are needed, for they are many."""

    def __init__(self, images, level, levels, size, per_image, seed):
        self._images, self._level, self._levels = images, level, levels
        self._block = max(1, min(_PATCHES // per_image, _PIXELS // images[0].size))
        self.count = len(images) * per_image
        ends = np.array(size) - _PATCH + 1
        self._places = np.random.default_rng(seed).integers(0, ends, size=(len(images), per_image, 2), dtype="int32")
        self._mean, self._std = np.float32(0), np.float32(1)
        self._mean, self._std = self._moments()

    def _blocks(self):
        """Yields the images of a block, as a slice, and their patches, float32 of shape `(b, per image, channels, 7, 7)`."""
        for start in range(0, len(self._images), self._block):
            block = slice(start, min(start + self._block, len(self._images)))
            images = self._images[block].astype("float32")
            level = (_laplacian(images, self._level, self._levels) - self._mean) / self._std
            windows = np.lib.stride_tricks.sliding_window_view(level, (_PATCH, _PATCH), axis=(1, 2))
            rows, columns = np.moveaxis(self._places[block], -1, 0)
            yield block, windows[np.arange(len(images))[:, None], rows, columns]

    def _moments(self):
        sums = np.zeros((2, self._images.shape[-1]))
        for _, patches in self._blocks():
            values = patches.astype("float64")
            sums += values.sum(axis=(0, 1, 3, 4)), np.square(values).sum(axis=(0, 1, 3, 4))
        mean, square = sums / (self.count * _PATCH * _PATCH)
        std = np.sqrt(np.maximum(square - mean**2, 0))
        return mean.astype("float32"), np.where(std > _CONSTANT, std, 1).astype("float32")

    def projections(self, along):
        """Returns the patches' projections, float32 of shape `(directions, patches)`."""
        result = np.empty((along.shape[1], self.count), "float32")
        per_image = self._places.shape[1]
        for block, patches in self._blocks():
            flat = patches.reshape(-1, along.shape[0])
            np.matmul(along.T, flat.T, out=result[:, block.start * per_image : block.stop * per_image])
        return result


def _laplacian(images, level, levels):
    """Returns one of the levels of the Laplacian pyramids of float32 images; the last is the images themselves, reduced."""
    for _ in range(level):
        images = _reduce(images)
    return images if level == levels - 1 else images - _enlarge(_reduce(images), images.shape)


def _reduce(images):
    return _blur(images)[:, ::2, ::2]


def _enlarge(images, shape):
    spread = np.zeros(shape, "float32")
    spread[:, ::2, ::2] = images
    return 4 * _blur(spread)


def _blur(images):
    """Filters with the 5x5 binomial kernel; edges are mirrored without being repeated."""
    height, width = images.shape[1:3]
    padded = np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)), mode="reflect")
    rows = sum(weight * padded[:, shift : shift + height] for shift, weight in enumerate(_BINOMIAL))
    return sum(weight * rows[:, :, shift : shift + width] for shift, weight in enumerate(_BINOMIAL))
