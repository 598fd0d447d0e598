"""How clips of any length become samples of one number of frames."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from keras_gans.data.resize import ImageOptions
from keras_gans.data.source import Source
from keras_gans.errors import check_count
from keras_gans.media.pictures import as_pillow

_ROUNDING = 1e-6


@dataclasses.dataclass(frozen=True)
class Windows:
    """How a window of a clip becomes a sample.

    Attributes:
        frames: Frames of a sample.
        stride: A sample takes every `stride`-th frame.
        fps: Frames per second of samples; None for the clips' own rate divided by `stride`.
        images: How frames are brought to one size.

    Raises:
        ValueError: If a number is out of range.
    """

    frames: int
    stride: int = 1
    fps: float | None = None
    images: ImageOptions = dataclasses.field(default_factory=ImageOptions)

    def __post_init__(self) -> None:
        check_count("frames", self.frames, least=2)
        check_count("stride", self.stride)

    @property
    def random_numbers(self) -> int:
        """How many random numbers `cut` takes for each sample: the place of the window, and that of a crop."""
        return 1 + self.images.random_numbers

    @property
    def span(self) -> int:
        """How many frames of a prepared clip a window spans."""
        return (self.frames - 1) * self.stride + 1

    def shown(self, frames: int, own_fps: float | None) -> np.ndarray:
        """Return which frames of a clip are shown one after the other at the rate that it is brought to.

        Args:
            frames: Frames of the clip.
            own_fps: Its frames per second; None if it does not tell, and then all are shown.
        """
        wanted = None if self.fps is None else self.fps * self.stride
        if wanted is None or own_fps is None or np.isclose(own_fps, wanted):
            return np.arange(frames)
        count = max(1, int(frames * wanted / own_fps + _ROUNDING))
        return np.minimum((np.arange(count) * (own_fps / wanted) + _ROUNDING).astype(int), frames - 1)

    def prepare(self, frames: np.ndarray, own_fps: float | None, shape: tuple[int, ...]) -> np.ndarray:
        """Return the frames of a clip at their new rate and size; those to be cropped at random may be larger.

        Args:
            frames: uint8 `(frames, height, width, channels)`.
            own_fps: Their frames per second, or None.
            shape: Frames, height, width and channels of a sample.

        Raises:
            UnreadableError: If they are smaller than a patch.
        """
        shown = self.shown(len(frames), own_fps).tolist()
        ready = {index: self.images.prepare(as_pillow(frames[index]), shape[1:]) for index in sorted(set(shown))}
        return np.stack([ready[index] for index in shown])

    def cut(
        self, clip: np.ndarray, shape: tuple[int, ...], numbers: Sequence[float] | np.ndarray = (0.5, 0.5, 0.5)
    ) -> np.ndarray:
        """Return a window of a clip that `prepare` returned.

        Args:
            clip: uint8 `(frames, height, width, channels)`.
            shape: Frames, height, width and channels of a sample.
            numbers: In [0, 1): where the window begins, and for random crops the place of the crop, the same for all frames.
        """
        first = int(float(numbers[0]) * (len(clip) - self.span + 1))
        window = clip[first : first + self.span : self.stride]
        if not self.images.random_numbers:
            return window
        return np.stack([self.images.cut(frame, shape[1:], numbers[1:]) for frame in window])


class WindowSource(Source):
    """Windows of clips: several of a clip that is several times as long as a window.

    The places where a window may begin are divided into as many equal parts as windows fit in the clip, each a sample. A window
    begins anywhere in its part, at random in training, in the middle of it otherwise.

    Args:
        clips: The clips, a `Source` that takes the place of a window as its first random number.
        counts: Windows of each clip.
    """

    def __init__(self, clips: Source, counts: np.ndarray):
        self._clips, self._counts = clips, counts
        self._owners = np.repeat(np.arange(len(counts)), counts)
        self._firsts = np.cumsum(counts) - counts
        self.shape = (len(self._owners), *clips.shape[1:])
        self.dtype, self.random_numbers, self.in_memory = clips.dtype, clips.random_numbers, clips.in_memory

    @property
    def owners(self) -> np.ndarray:
        """The position of each window's clip."""
        return self._owners

    def read(self, positions: np.ndarray, numbers: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        positions = np.asarray(positions)
        owners = self._owners[positions]
        if numbers is None:
            numbers = np.full((len(positions), self.random_numbers), 0.5)
        places = numbers[:, : self.random_numbers].astype("float64")
        places[:, 0] = (positions - self._firsts[owners] + places[:, 0]) / self._counts[owners]
        samples, found = self._clips.read(owners, places)
        return samples, np.where(found == owners, positions, self._firsts[found])
