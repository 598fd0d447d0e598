"""How clips move: how much changes from frame to frame, and the path of what is seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

# Of a clip: its mean change from frame to frame, as a share of what stands out from its background.
FROZEN_CHANGE = 0.05
# Frames that follow each other are hardly more alike than frames that are further apart.
FLICKER_RATIO = 0.9
_FURTHER = 3  # frames
_MOST_VALUES = 4096  # of a clip, from which its background is found


def check_clips(clips: ArrayLike, name: str = "clips") -> np.ndarray:
    """Return clips as float32 in [-1, 1] after checking them.

    Args:
        clips: uint8, or floats in [-1, 1], of shape `(n, frames, height, width, channels)`, at least two frames.
        name: Their name in error messages.

    Raises:
        ValueError: If the shape or dtype is another, or values are not finite.
    """
    clips = np.asarray(clips)
    if clips.ndim != 5 or clips.shape[1] < 2 or 0 in clips.shape:
        raise ValueError(
            f"{name} must have the shape (n, frames, height, width, channels), with two frames or more; received {clips.shape}."
        )
    if clips.dtype == np.uint8:
        return clips.astype("float32") / np.float32(127.5) - 1
    if clips.dtype.kind != "f":
        raise ValueError(f"{name} must be uint8 or floats in [-1, 1]; received {clips.dtype}.")
    clips = clips.astype("float32")
    if not np.isfinite(clips).all():
        raise ValueError(f"{name} contain NaN or infinity.")
    return clips


def changes(clips: ArrayLike) -> np.ndarray:
    """Return the mean change from one frame of each clip to the next, relative to how far it stands out from its background.

    It is 0 if nothing moves, and about 1 if what is seen moves by its own width.

    Args:
        clips: See `check_clips`.

    Returns:
        float64 of shape `(n,)`.
    """
    checked = check_clips(clips)
    return _differences(checked, 1) / np.maximum(_contrast(checked), 1e-6)


def are_frozen(clips: ArrayLike) -> np.ndarray:
    """Return which clips are frozen: `changes` is below 0.05. Clips without contrast are. The argument is that of `changes`."""
    return changes(clips) < FROZEN_CHANGE


def are_flickering(clips: ArrayLike) -> np.ndarray:
    """Return which clips flicker: frames that follow each other differ nearly as much as frames three apart.

    The ratio of both differences is at least 0.9. For clips of fewer than five frames, and frozen ones, it is False.

    Args:
        clips: See `check_clips`.

    Returns:
        bool of shape `(n,)`.
    """
    checked = check_clips(clips)
    if checked.shape[1] < _FURTHER + 2:
        return np.zeros(len(checked), bool)
    near, far = _differences(checked, 1), _differences(checked, _FURTHER)
    frozen = near / np.maximum(_contrast(checked), 1e-6) < FROZEN_CHANGE
    return (near >= FLICKER_RATIO * far) & ~frozen


def centroids(clips: ArrayLike) -> np.ndarray:
    """Return the centre of what stands out from the background of each clip, in each frame, in pixels.

    Args:
        clips: See `check_clips`.

    Returns:
        float64 of shape `(n, frames, 2)`: rows and columns; NaN in frames in which nothing stands out.
    """
    weights = _weights(check_clips(clips)).astype("float64")
    height, width = weights.shape[2:]
    total = weights.sum(axis=(2, 3))
    rows = weights.sum(axis=3) @ np.arange(height)
    columns = weights.sum(axis=2) @ np.arange(width)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total[..., None] > 1e-6, np.stack([rows, columns], axis=-1) / total[..., None], np.nan)


def speeds(clips: ArrayLike) -> np.ndarray:
    """Return the mean distance that the centre of each clip moves from frame to frame, in pixels: float64 of shape `(n,)`.

    The argument is that of `centroids`. Clips in which nothing is seen have no speed: NaN.
    """
    steps = np.diff(centroids(clips), axis=1)
    return np.linalg.norm(steps, axis=-1).mean(axis=1)


def jitter(clips: ArrayLike) -> float:
    """Return how unsteadily clips move: the mean second difference of their centres, relative to their mean speed.

    It is 0 for steady movement in a straight line, and about 2 for movement to and fro. The argument is that of `centroids`;
    clips in which nothing is seen are left out.
    """
    places = centroids(clips)
    places = places[np.isfinite(places).all(axis=(1, 2))]
    if not len(places) or places.shape[1] < 3:
        return float("nan")
    speed = np.linalg.norm(np.diff(places, axis=1), axis=-1).mean()
    bend = np.linalg.norm(np.diff(places, 2, axis=1), axis=-1).mean()
    return float(bend / max(speed, 1e-6))


def _differences(clips: np.ndarray, apart: int) -> np.ndarray:
    """Return the mean absolute difference between frames so far apart, of each clip."""
    return np.abs(clips[:, apart:] - clips[:, :-apart]).mean(axis=(1, 2, 3, 4), dtype="float64")


def _contrast(clips: np.ndarray) -> np.ndarray:
    """Return how far the pixels of each clip stand out from its background on average."""
    return _weights(clips).mean(axis=(1, 2, 3), dtype="float64")


def _weights(clips: np.ndarray) -> np.ndarray:
    """Return how far each pixel stands out from the background of its clip, the median colour: `(n, frames, height, width)`."""
    pixels = clips.reshape(len(clips), -1, clips.shape[-1])
    some = pixels[:, :: max(1, pixels.shape[1] // _MOST_VALUES)]
    background = np.median(some, axis=1)[:, None, None, None]
    return np.abs(clips - background).mean(axis=-1)
