"""Pairs of images, an input and its target: in two folders, or side by side in one file."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from keras_gans.data.data import Data
from keras_gans.data.decoded import DecodedSamples, decode_pairs_if_small, decoding_threads, open_picture, reason
from keras_gans.data.file_names import find_pictures
from keras_gans.data.folder import Pictures
from keras_gans.data.looks import Look, describe_changes, look, mean_size, target_shape
from keras_gans.data.paths import check_folder
from keras_gans.data.registry import SOURCES, Loader, Request
from keras_gans.data.resize import ImageOptions
from keras_gans.data.skipped import Skipped
from keras_gans.errors import no_such

_DIRECTIONS = ("AtoB", "BtoA")
# The folders of inputs and targets, as they are called in `AtoB`.
_FOLDERS = ("A", "B")


def check_direction(request: Request) -> None:
    """Raise ValueError if a request has another option `direction` than `AtoB` and `BtoA`."""
    direction = request.options.get("direction", "AtoB")
    if direction not in _DIRECTIONS:
        raise ValueError(no_such("direction", str(direction), list(_DIRECTIONS)))


class _PairLoader(Loader):
    """What both sources share."""

    argument = "PATH"
    options = ("direction",)

    def check_path(self, path: Path) -> None:
        check_folder(path)

    def check(self, request: Request) -> None:
        super().check(request)
        check_direction(request)

    def _load(
        self, request: Request, root: Path, looks: list[tuple[Look, Look]], sides: Sequence[_Side], skipped: Skipped
    ) -> Data:
        """Return the data of pairs whose headers could be read.

        Args:
            request: What was asked for.
            root: The folder, for messages.
            looks: Inputs' and targets' headers.
            sides: Inputs and targets; pairs whose sizes do not fit are left out of both.
            skipped: List to which the other pairs are added.
        """
        ratio = collections.Counter(map(_ratio, looks)).most_common(1)[0][0]
        if ratio is None:
            first, second = ("x".join(map(str, each[:2])) for each in looks[0])
            raise ValueError(
                f"{root}: sides of targets must be 1, 2, 3 ... times those of inputs; these are {second} and {first}."
            )
        right = [number for number, pair in enumerate(looks) if _ratio(pair) == ratio]
        for number, pair in enumerate(looks):
            if _ratio(pair) != ratio:
                first, second = ("x".join(map(str, each[:2])) for each in pair)
                skipped.add(sides[0].names[number], f"{first} beside {second}: others have a ratio of {ratio}")
        shape = target_shape(root, [looks[number][1] for number in right], request.image_shape)
        if shape[0] % ratio or shape[1] % ratio:
            raise ValueError(
                f"Targets are {ratio} times as large as inputs: choose an image size that is a multiple of {ratio}."
            )
        options = request.image_options
        if ratio > 1 and options.random_numbers and not options.keeps_size:
            raise ValueError(
                f"crop={options.crop} is for pairs of equal size, and here targets are {ratio} times as large as inputs: use "
                "crop=patch."
            )
        channels = max(looks[number][0].channels for number in right)
        shapes = ((shape[0] // ratio, shape[1] // ratio, channels), shape)
        pictures = [
            side.samples(right, each, dataclasses.replace(options, step=step), skipped, request.strict)
            for side, each, step in zip(sides, shapes, (1, ratio), strict=True)
        ]
        sizes = [mean_size([looks[n][side] for n in right], shapes[side], options) for side in (0, 1)]
        inputs, targets, _ = decode_pairs_if_small(pictures[0], pictures[1], sizes[0], sizes[1])
        if request.strict:
            skipped.refuse()
        skipped.warn(stacklevel=4)
        if not len(targets):
            raise ValueError(f"{root} contains no readable pair.")
        notes = describe_changes([looks[number][1] for number in right], shape, options, len(targets))
        return Data(request.name, targets, skipped=skipped, notes=notes, conditions={"images": inputs})


class _Side:
    """The inputs, or the targets, of pairs.

    Attributes:
        names: Their files.
    """

    def __init__(self, names: Sequence[str], half: int | None = None):
        self.names, self._half = names, half

    def samples(
        self, positions: Sequence[int], shape: tuple[int, ...], options: ImageOptions, skipped: Skipped, strict: bool
    ) -> DecodedSamples:
        """Return some of them as samples of a shape."""
        names = [self.names[position] for position in positions]
        if self._half is None:
            return Pictures(names, shape, options, skipped, strict)
        return _Halves(names, shape, options, skipped, strict, self._half)


@SOURCES.register("pairs")
class Pairs(_PairLoader):
    """Images below `PATH/A` and `PATH/B`, in pairs of equal names, whatever their suffixes: inputs in A and targets in B.

    Sides of targets are a whole number of times those of inputs, the same for all pairs. Samples are the targets, and the
    condition `images` the inputs. A file without a partner is left out with a warning.
    """

    def check_path(self, path: Path) -> None:
        super().check_path(path)
        for name in _FOLDERS:
            if not (path / name).is_dir():
                found = sorted(each.name for each in path.iterdir() if each.is_dir())
                raise FileNotFoundError(
                    f"{path} must contain the folders A (inputs) and B (targets), with files of equal names; it contains "
                    f"{', '.join(found) or 'no folder'}."
                )

    def load(self, request: Request) -> Data:
        root, skipped = Path(request.rest).expanduser(), Skipped()
        found = [_by_name(root / name, skipped) for name in _FOLDERS]
        common = sorted(set(found[0]) & set(found[1]))
        for folder, files, others in zip(_FOLDERS[::-1], found, found[::-1], strict=True):
            for name in sorted(set(files) - set(others)):
                skipped.add(files[name], f"has no partner in {folder}")
        looks: list[tuple[Look, Look]] = []
        names: list[tuple[str, str]] = []
        # Of each pair, the input first.
        pairs = [(found[0][name], found[1][name]) for name in common]
        pairs = pairs if request.options.get("direction", "AtoB") == "AtoB" else [pair[::-1] for pair in pairs]
        both = [name for pair in pairs for name in pair]
        seen = _look_at_all(both, request.image_options, skipped)
        for number, pair in enumerate(pairs):
            first, second = seen[2 * number : 2 * number + 2]
            if first is not None and second is not None:
                looks.append((first, second))
                names.append(pair)
        if not names:
            skipped.warn(stacklevel=3)
            raise ValueError(f"{root} contains no pair: no image in A has a readable partner of the same name in B.")
        sides = [_Side([pair[index] for pair in names]) for index in (0, 1)]
        return self._load(request, root, looks, sides, skipped)


@SOURCES.register("aligned")
class Aligned(_PairLoader):
    """Images below a folder, each a pair side by side: the input in the left half, the target in the right one.

    Samples are the targets, and the condition `images` the inputs. This is how the data sets of pix2pix come.
    """

    def load(self, request: Request) -> Data:
        root, skipped = Path(request.rest).expanduser(), Skipped()
        files = find_pictures(root, skipped)
        names = [files[number] for number in range(len(files))]
        halves: list[tuple[str, Look]] = []
        for name, seen in zip(names, _look_at_all(names, request.image_options, skipped), strict=True):
            if seen is None:
                continue
            if seen.width % 2:
                skipped.add(name, f"{seen.width} pixels wide: two images of equal width have an even number")
            else:
                halves.append((name, seen._replace(width=seen.width // 2)))
        if not halves:
            skipped.warn(stacklevel=3)
            raise ValueError(f"{root} contains no readable image of two side by side.")
        kept = [name for name, _ in halves]
        order = (0, 1) if request.options.get("direction", "AtoB") == "AtoB" else (1, 0)
        return self._load(request, root, [(each, each) for _, each in halves], [_Side(kept, half) for half in order], skipped)


class _Halves(Pictures):
    """The left (0) or right (1) halves of image files as samples."""

    def __init__(
        self,
        names: Sequence[str],
        shape: tuple[int, ...],
        options: ImageOptions,
        skipped: Skipped,
        strict: bool,
        half: int,
    ):
        super().__init__(names, shape, options, skipped, strict)
        self._half = half

    def decode(self, position: int) -> np.ndarray:
        height, width, _ = self.shape[1:]
        picture = open_picture(self.names[position], None if self.options.keeps_size else (height, 2 * width))
        middle = picture.width // 2
        left = self._half * middle
        return self.options.prepare(picture.crop((left, 0, left + middle, picture.height)), self.shape[1:])


def _ratio(pair: tuple[Look, Look]) -> int | None:
    """Return how many times as large as its input a target is; None if that is not one whole number for both sides."""
    (height, width), (target_height, target_width) = (each[:2] for each in pair)
    ratio = target_height // height
    return ratio if ratio and (target_height, target_width) == (ratio * height, ratio * width) else None


def _by_name(folder: Path, skipped: Skipped) -> dict[str, str]:
    """Return the files below a folder by their path within it, without its suffix."""
    files = find_pictures(folder, skipped)
    found: dict[str, str] = {}
    for number in range(len(files)):
        name = Path(files[number]).relative_to(folder).with_suffix("").as_posix()
        if name in found:
            skipped.add(files[number], f"has the name of {Path(found[name]).name}, which is taken")
        else:
            found[name] = files[number]
    return found


def _look_at_all(names: Sequence[str], options: ImageOptions, skipped: Skipped) -> list[Look | None]:
    """Return what the header of each image says; one that cannot be read is added to `skipped`."""

    def look_or_skip(name: str) -> Look | None:
        try:
            return look(name, options)
        except Exception as error:  # decoders raise whatever damaged bytes lead them to
            skipped.add(name, reason(error))
            return None

    return list(decoding_threads().map(look_or_skip, names))
