"""A clip: its frames, and how many of them are shown in a second."""

from __future__ import annotations

import dataclasses
import math
import numbers
from typing import Any

import numpy as np

FPS = 8.0  # of clips whose files do not tell
_FASTEST = 1000.0


@dataclasses.dataclass(frozen=True)
class Clip:
    """A clip as files hold it.

    Attributes:
        frames: uint8 of shape `(frames, height, width, channels)`, with 1 (grey), 3 (RGB) or 4 channels (RGB and opacity).
        fps: Frames per second; None if the file does not tell.
    """

    frames: np.ndarray
    fps: float | None = None


def check_fps(fps: Any, name: str = "fps") -> float:
    """Return a number of frames per second as a float.

    Raises:
        ValueError: If it is not a number above 0 and at most 1,000.
    """
    fits = isinstance(fps, numbers.Real) and not isinstance(fps, bool) and math.isfinite(fps)
    if not fits or not 0 < float(fps) <= _FASTEST:
        raise ValueError(f"{name} must be a number above 0 and at most {_FASTEST:,.0f}; received {fps!r}.")
    return float(fps)


def check_frames(frames: Any) -> np.ndarray:
    """Return the frames of a clip after checking them.

    Raises:
        ValueError: If they are not uint8 of shape `(frames, height, width, 1, 3 or 4)`.
    """
    frames = np.asarray(frames)
    if frames.ndim != 4 or frames.shape[-1] not in (1, 3, 4) or 0 in frames.shape:
        raise ValueError(f"A clip has the shape (frames, height, width, 1, 3 or 4); received {frames.shape}.")
    if frames.dtype != np.uint8:
        raise ValueError(f"The frames of a clip are uint8 (0 to 255); received {frames.dtype}.")
    return frames
