"""Images of two domains that belong to no pairs: each domain in a folder, in any number and size."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np

from keras_gans.data.data import Data
from keras_gans.data.decoded import decode_if_small
from keras_gans.data.file_names import find_pictures
from keras_gans.data.folder import Pictures
from keras_gans.data.looks import Look, describe_changes, describe_copies, look_at, mean_size, target_shape
from keras_gans.data.pairs import check_direction
from keras_gans.data.paths import check_folder
from keras_gans.data.random_numbers import permutation
from keras_gans.data.registry import SOURCES, Loader, Request
from keras_gans.data.skipped import Skipped
from keras_gans.data.source import Source, as_source

# Permutations that are kept; threads that load batches are at most two passes apart.
_KEPT = 4

_permutation = functools.lru_cache(maxsize=_KEPT)(permutation)


class UnpairedValues(Source):
    """Values of a condition that belong to no particular sample, such as images of another domain.

    There may be more or fewer of them than samples. Batches take them in an order of their own, which goes on from epoch to
    epoch: a permutation of all values, then another one (`read_turns`). A caller that reads them by the positions of samples
    gets them in a fixed order, evenly spread over the samples.

    Args:
        values: An array or a `Source`.
        count: Number of samples.
    """

    paired = False

    def __init__(self, values: Any, count: int):
        self.values = as_source(values)
        self.shape = (count, *self.values.shape[1:])
        self.dtype = self.values.dtype
        self.random_numbers = self.values.random_numbers
        self.in_memory = self.values.in_memory

    def read(self, positions: np.ndarray, numbers: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Read the values that stand beside samples where nothing is shuffled: see `Source.read`.

        Returns:
            The values, and `positions` as they are.
        """
        positions = np.asarray(positions)
        places = positions.astype("int64") * len(self.values) // max(1, len(self))
        return self.values.read(places, numbers)[0], positions

    def read_turns(self, turns: np.ndarray, seed: int, numbers: np.ndarray | None = None, shuffle: bool = True) -> np.ndarray:
        """Read the values whose turn it is: see `Source.read_turns`."""
        count = len(self.values)
        rounds, places = np.divmod(np.asarray(turns, "int64"), count)
        if shuffle:
            drawn = zip(rounds.tolist(), places.tolist(), strict=True)
            places = np.array([_permutation(seed, number, count)[place] for number, place in drawn])
        return self.values.read(places, numbers)[0]


@SOURCES.register("unpaired")
class Unpaired(Loader):
    """Images of two domains, below `PATH/A` and `PATH/B`: to learn what turns one into the other, without pairs.

    In place of `A` and `B`, the folders may be called `trainA` and `trainB`, as in the data sets of CycleGAN; `testA` and
    `testB` are then the split `test`.

    Samples are the images of B, and the condition `images` those of A, in an order of their own: any image of A may stand
    beside any of B. An epoch goes through B once. If A is larger, the next epoch goes on with the rest of it; if it is
    smaller, its images repeat. All images are brought to one size, and cropped and mirrored at random each on its own.
    """

    argument = "PATH"
    splits = ("train", "test")
    options = ("direction",)

    def check(self, request: Request) -> None:
        """Check the request and find its folders: see `Loader.check`."""
        super().check(request)
        check_direction(request)
        _folders(request)

    def check_path(self, path: Path) -> None:
        check_folder(path)

    def load(self, request: Request) -> Data:
        options, skipped = request.image_options, Skipped()
        root, folders = Path(request.rest).expanduser(), _folders(request)
        names = [find_pictures(folder, skipped) for folder in folders]
        looks = [look_at(each, options, skipped) for each in names]
        for folder, found in zip(folders, looks, strict=True):
            self._check_not_empty(folder, len(found), request, skipped)
        shape = target_shape(root, [*looks[1], *looks[0]], request.image_shape)
        # The channels that were asked for are those of samples; inputs have their own.
        shapes = [(*shape[:2], _channels(looks[0])), shape if request.image_shape else (*shape[:2], _channels(looks[1]))]
        held = []
        for folder, files, found, each in zip(folders, names, looks, shapes, strict=True):
            pictures = Pictures(files, each, options, skipped, request.strict)
            held.append(decode_if_small(pictures, mean_size(found, each, options))[0])
            self._check_not_empty(folder, len(held[-1]), request, skipped)
        skipped.warn(stacklevel=3)
        inputs, samples = held
        notes = describe_changes(looks[1], shapes[1], options, len(samples)) + describe_copies(samples)
        notes.append(f"{len(inputs):,} images of {folders[0].name}, {len(samples):,} of {folders[1].name}")
        conditions = {"images": UnpairedValues(inputs, len(samples))}
        return Data(request.name, samples, split=request.split, skipped=skipped, notes=notes, conditions=conditions)

    @staticmethod
    def _check_not_empty(folder: Path, count: int, request: Request, skipped: Skipped) -> None:
        if count:
            return
        if request.strict:
            skipped.refuse()
        skipped.warn(stacklevel=4)
        raise ValueError(f"{folder} contains no readable image.")


def _folders(request: Request) -> tuple[Path, Path]:
    """Return the folders of inputs and samples.

    Raises:
        FileNotFoundError: If they do not exist.
    """
    root = Path(request.rest).expanduser()
    tried = [("A", "B")] if request.split == "train" else []
    for first, second in [*tried, (f"{request.split}A", f"{request.split}B")]:
        if (root / first).is_dir() and (root / second).is_dir():
            forwards = request.options.get("direction", "AtoB") == "AtoB"
            return (root / first, root / second) if forwards else (root / second, root / first)
    wanted = "A and B, or trainA and trainB," if request.split == "train" else f"{request.split}A and {request.split}B"
    found = sorted(each.name for each in root.iterdir() if each.is_dir())
    raise FileNotFoundError(
        f"{root} must contain the folders {wanted.rstrip(',')}, with images of two domains; it contains "
        f"{', '.join(found) or 'no folder'}."
    )


def _channels(looks: list[Look]) -> int:
    return max(look.channels for look in looks)
