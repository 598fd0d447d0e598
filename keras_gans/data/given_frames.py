"""Clips whose first frames are given: what `load_data(..., given=4)` makes of clips.

Samples are the frames that follow. The condition `frames` holds those before them, of the same window and the same crop.
"""

from __future__ import annotations

import numpy as np

from keras_gans.conditions import FRAMES
from keras_gans.data.data import Data
from keras_gans.data.source import Source
from keras_gans.errors import check_count

_LEAST = 2  # frames of a sample


def check_given(given: int | None, frames: int | None = None) -> int:
    """Return the option `given` of `load_data`: 0 if there is none.

    Args:
        given: The option.
        frames: Frames of the clips, if their number is fixed.

    Raises:
        ValueError: If it is not an integer of at least 1, or leaves too few of the frames.
    """
    if given is None:
        return 0
    given = check_count("given", given)
    if frames is not None and frames - given < _LEAST:
        left = max(0, frames - given)
        raise ValueError(f"given={given} leaves {left} of the {frames} frames of a clip, and a sample has at least {_LEAST}.")
    return given


def give_frames(data: Data, given: int | None) -> Data:
    """Return clips without their first frames, which become the condition `frames`; the clips as they are if `given` is None.

    Args:
        data: Clips of all frames.
        given: How many of them are given.

    Raises:
        ValueError: If it is not an integer of at least 1, or leaves fewer than two frames.
    """
    clips, given = data.source, check_given(given, data.shape[0])
    if not given:
        return data
    data.conditions[FRAMES] = ClipPart(clips, 0, given)
    data.samples = ClipPart(clips, given, data.shape[0])
    data.medium = data.medium.with_shape(data.samples.shape[1:])
    many = "the first frame of each is" if given == 1 else f"the first {given} frames of each are"
    data.notes.append(f"{many} given, and the {data.shape[0]} that follow are the sample")
    return data


class ClipPart(Source):
    """Some frames of each clip, one after the other.

    Args:
        clips: The clips.
        start: The first of the frames.
        end: The one after the last.
    """

    def __init__(self, clips: Source, start: int, end: int):
        n, _, *frame = clips.shape
        self.shape = (n, end - start, *frame)
        self.dtype, self.random_numbers, self.in_memory = clips.dtype, clips.random_numbers, clips.in_memory
        self.clips = clips
        self._part = slice(start, end)

    def read(self, positions: np.ndarray, numbers: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        clips, found = self.clips.read(positions, numbers)
        return clips[:, self._part], found
