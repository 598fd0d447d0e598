"""Clips made by code: handwritten digits that move in straight lines and bounce off the edges."""

from __future__ import annotations

import dataclasses
import zlib

import numpy as np
from PIL import Image

from keras_gans.data.data import Data
from keras_gans.data.given_frames import check_given, give_frames
from keras_gans.data.random_numbers import generators
from keras_gans.data.registry import SOURCES, Loader, Request
from keras_gans.data.resize import complete_shape
from keras_gans.data.source import Source
from keras_gans.errors import check_count
from keras_gans.media.video import Video

FRAMES, SIDE, FPS = 16, 32, 8.0
# Of MNIST's 28 pixels, the 24 in the middle hold the digit. It is drawn at half the side of a frame.
_MARGIN, _PART = 2, 0.5
_SMALLEST = 16
# Pixels a frame, as shares of the side of a frame: at 32 pixels, from 1 to 3.
SLOWEST, FASTEST = 1 / 32, 3 / 32
_NUMBERS = 4  # random numbers of a trajectory: place, direction, speed


@dataclasses.dataclass(frozen=True)
class Paths:
    """Where digits are in each frame of clips.

    Attributes:
        places: float64 of shape `(n, digits, frames, 2)`: row and column of the upper left corner of each digit, in pixels.
        speeds: Pixels a frame, shape `(n, digits)`.
    """

    places: np.ndarray
    speeds: np.ndarray


def draw_paths(numbers: np.ndarray, frames: int, height: int, width: int, side: int) -> Paths:
    """Return straight paths that are reflected at the edges of the frame.

    Args:
        numbers: Random numbers in [0, 1) of shape `(n, digits, 4)`.
        frames: Frames of a clip.
        height: Height of a frame, in pixels.
        width: Width of a frame, in pixels.
        side: Side of a digit, in pixels.
    """
    numbers = numbers.astype("float64")
    speeds = min(height, width) * (SLOWEST + numbers[..., 3] * (FASTEST - SLOWEST))
    angles = 2 * np.pi * numbers[..., 2]
    room = np.array([height - side, width - side], "float64")
    steps = speeds[..., None] * np.stack([np.sin(angles), np.cos(angles)], axis=-1)
    free = numbers[..., None, :2] * room + np.arange(frames)[:, None] * steps[..., None, :]
    # A reflected path is the free one, folded like a sheet of paper.
    folded = np.mod(free, 2 * room)
    return Paths(np.minimum(folded, 2 * room - folded), speeds)


def draw_clips(digits: np.ndarray, paths: Paths, height: int, width: int) -> np.ndarray:
    """Draw digits along paths; where two meet, the brighter pixel is seen.

    Places between pixels are drawn by linear interpolation.

    Args:
        digits: uint8 of shape `(n, digits, side, side)`.
        paths: Their paths.
        height: Height of a frame.
        width: Width of a frame.

    Returns:
        uint8 of shape `(n, frames, height, width, 1)`.
    """
    side = digits.shape[-1]
    rows = _placed(paths.places[..., 0], height, side)
    columns = _placed(paths.places[..., 1], width, side)
    drawn = rows @ digits[:, :, None].astype("float32") @ columns.swapaxes(-1, -2)
    return np.rint(drawn.max(axis=1)).astype("uint8")[..., None]


def _placed(starts: np.ndarray, size: int, side: int) -> np.ndarray:
    """Return matrices that place `side` pixels among `size`: float32 of shape `(*starts.shape, size, side)`."""
    distances = np.arange(size)[:, None] - np.arange(side) - starts[..., None, None]
    return np.maximum(1 - np.abs(distances), 0).astype("float32")


class MovingDigitsSource(Source):
    """Clips of moving digits, made when they are read.

    In training, paths are drawn anew each time. In evaluation, they are functions of the position.

    Args:
        digits: uint8 of shape `(n, side, side)`.
        shape: Frames, height, width and channels of a clip.
        count: Digits in a clip. A clip shows the digit of its position, and others at random.
    """

    dtype = np.dtype("uint8")
    in_memory = True

    def __init__(self, digits: np.ndarray, shape: tuple[int, ...], count: int = 1):
        self.digits, self.shape, self.count = digits, (len(digits), *shape), count
        self.random_numbers = _NUMBERS * count + count - 1
        self._salt = zlib.crc32(digits.tobytes()) % 2**31 << 31

    def read(self, positions: np.ndarray, numbers: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        positions = np.asarray(positions)
        clips, _ = self.draw(positions, numbers)
        return clips, positions

    def draw(self, positions: np.ndarray, numbers: np.ndarray | None = None) -> tuple[np.ndarray, Paths]:
        """Return clips, and the paths of their digits. The arguments are those of `read`."""
        _, frames, height, width, channels = self.shape
        if numbers is None:
            # Other digits, such as those of another split, have other paths.
            drawn = [rng.random(self.random_numbers) for rng in generators(positions + self._salt, None)]
            numbers = np.stack(drawn) if drawn else np.empty((0, self.random_numbers))
        numbers = numbers[:, : self.random_numbers]
        others = (numbers[:, _NUMBERS * self.count :] * len(self.digits)).astype(int)
        shown = self.digits[np.concatenate([positions[:, None], others], axis=1)]
        paths = numbers[:, : _NUMBERS * self.count].reshape(-1, self.count, _NUMBERS)
        found = draw_paths(paths, frames, height, width, self.digits.shape[-1])
        return draw_clips(shown, found, height, width).repeat(channels, axis=-1), found


def reduce_digits(images: np.ndarray, side: int) -> np.ndarray:
    """Return the middle of MNIST's images in another size: uint8 `(n, side, side)`.

    Args:
        images: uint8 of shape `(n, 28, 28, 1)`.
        side: Side of the results, in pixels.
    """
    middle = images[:, _MARGIN:-_MARGIN, _MARGIN:-_MARGIN, 0]
    return np.stack([np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.LANCZOS)) for image in middle])


@SOURCES.register("moving_digits")
class MovingDigits(Loader):
    """Digits of MNIST that move through clips of 16 frames of 32x32 pixels, grey on black, at 8 frames per second.

    A digit has half the side of a frame and moves 1 to 3 pixels (of 32) a frame in a straight line, reflected at the edges.
    There is a clip for each image of MNIST, whose path is drawn anew each time it is used; clips of one digit are labelled.

    Options:
        frames: Frames of a clip, 16 by default.
        given: For prediction: how many frames before those are the condition `frames`. None by default.
        digits: Digits in a clip, 1 (default) or 2. Clips of two have no labels.

    Reference: Srivastava et al. 2015, "Unsupervised Learning of Video Representations using LSTMs", section 4 (two digits of 28
    pixels in frames of 64).
    """

    splits = None  # those of MNIST, and parts of them
    held_out = "test"
    options = ("frames", "given", "digits", "fps")

    def check(self, request: Request) -> None:
        super().check(request)
        check_count("frames", request.options.get("frames", FRAMES), least=2)
        check_given(request.options.get("given"))
        digits = check_count("digits", request.options.get("digits", 1))
        if digits > 2:
            raise ValueError(f"digits must be 1 or 2; received {digits}.")
        fps = request.options.get("fps", FPS)
        if fps != FPS:
            raise ValueError(f"moving_digits has {FPS:g} frames per second; received fps={fps}.")

    def load(self, request: Request) -> Data:
        from keras_gans.data.load import load_data

        mnist = load_data("mnist", split=request.split)
        given = request.options.get("given")
        frames, count = request.options.get("frames", FRAMES) + check_given(given), request.options.get("digits", 1)
        height, width, channels = complete_shape(request.image_shape or (SIDE, SIDE), (SIDE, SIDE, 1))
        if min(height, width) < _SMALLEST:
            raise ValueError(f"moving_digits needs frames of at least {_SMALLEST} pixels a side; received {height}x{width}.")
        images = np.asarray(mnist.source.read(np.arange(len(mnist)))[0])
        digits = reduce_digits(images, round(_PART * min(height, width)))
        shape = (frames, height, width, channels)
        samples = MovingDigitsSource(digits, shape, count)
        data = Data(
            request.name,
            samples,
            labels=mnist.labels if count == 1 else None,
            class_names=mnist.class_names if count == 1 else None,
            licence=mnist.licence,
            notes=[f"clips of MNIST digits, which move {SLOWEST * SIDE:g} to {FASTEST * SIDE:g} pixels of {SIDE} a frame"],
            medium=Video(shape, FPS),
        )
        return give_frames(data, given)
