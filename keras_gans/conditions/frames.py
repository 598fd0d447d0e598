"""The frames that come before a clip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_gans.conditions.base import CONDITIONS
from keras_gans.conditions.images import Images
from keras_gans.conditions.pixels import Pixels
from keras_gans.errors import check_count
from keras_gans.media.pictures import CHANNELS, to_uint8


@CONDITIONS.register("frames")
class Frames(Pixels):
    """The frames before those that a model predicts, given as uint8 or as floats in [-1, 1]; networks take float32 in [-1, 1].

    One frame is a picture that is set in motion.

    Args:
        shape: Number of frames, height, width and channels.

    Raises:
        ValueError: If the shape is anything else.
    """

    kind = "frames"
    words = "frames"

    def __init__(self, shape: Sequence[int]):
        shape = tuple(shape)
        if len(shape) != 4:
            raise ValueError(f"The shape of given frames is (frames, height, width, channels); received {shape}.")
        # How many frames are given.
        self.given = check_count("The number of given frames", shape[0])
        self.shape = (self.given, *(check_count("The size of given frames", size) for size in shape[1:]))

    @property
    def taken(self) -> str:
        """What a model takes, in messages, such as "4 frames of 64x64x1 before a clip"."""
        words = "1 frame" if self.given == 1 else f"{self.given} frames"
        return f"{words} of {'x'.join(map(str, self.shape[1:]))} before a clip"

    def check(self, values: Any) -> np.ndarray:
        """Return frames as float32 in [-1, 1].

        Args:
            values: uint8, or floats in [-1, 1], of shape `(n, given, height, width, channels)`, or those of one sample, without
                the first axis. If one frame is given, images `(n, height, width, channels)` will do.

        Raises:
            ValueError: If the shape, the dtype or the range is wrong.
        """
        frames = np.asarray(values)
        if self.given == 1 and frames.shape[-3:] == self.shape[1:] and frames.ndim in (3, 4):
            frames = frames.reshape(-1, *self.shape)
        return super().check(frames)

    def examples(self, n: int) -> np.ndarray:
        """Return discs on ramps that move to the right, a pixel a frame: float32 `(n, given, height, width, channels)`."""
        images = Images(self.shape[1:]).examples(n)
        return np.stack([np.roll(images, step, axis=2) for step in range(self.given)], axis=1)

    def tiles(self, values: np.ndarray) -> np.ndarray | None:
        """Return the last given frame of each sample as a uint8 image; None if it cannot be drawn."""
        return to_uint8(values[:, -1]) if self.shape[-1] in CHANNELS else None
