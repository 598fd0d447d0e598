"""Ways in which clips can be wrong, to test that measures of clips see them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

_MOST_JITTER = 2  # pixels


def freeze(clips: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return clips that show their middle frame all the time."""
    middle = clips.shape[1] // 2
    return clips[:, middle : middle + 1].repeat(clips.shape[1], axis=1)


def shuffle(clips: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return clips with their frames in random order, another one for each."""
    rng = np.random.default_rng(seed)
    return np.stack([clip[rng.permutation(len(clip))] for clip in clips])


def reverse(clips: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return clips that play backwards."""
    return clips[:, ::-1]


def slow(clips: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return the first half of clips at half the speed: each frame is shown twice."""
    return clips.repeat(2, axis=1)[:, : clips.shape[1]]


def jitter(clips: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return clips whose frames are each shifted by up to two pixels in either direction, at random."""
    rng = np.random.default_rng(seed)
    shifts = rng.integers(-_MOST_JITTER, _MOST_JITTER + 1, (*clips.shape[:2], 2))
    moved = np.empty_like(clips)
    for index in np.ndindex(*clips.shape[:2]):
        moved[index] = np.roll(clips[index], shifts[index], axis=(0, 1))
    return moved


def blur(clips: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return clips whose pixels are means of 3x3 pixels."""
    padded = np.pad(clips.astype("float32"), [(0, 0), (0, 0), (1, 1), (1, 1), (0, 0)], mode="edge")
    height, width = clips.shape[2:4]
    places = [(row, column) for row in range(3) for column in range(3)]
    mean = np.mean([padded[:, :, row : row + height, column : column + width] for row, column in places], axis=0)
    return np.rint(mean).astype("uint8") if clips.dtype == np.uint8 else mean.astype(clips.dtype)


# By name. Each takes clips `(n, frames, height, width, channels)` and a seed.
CORRUPTIONS: Mapping[str, Callable[..., np.ndarray]] = {
    "frozen": freeze,
    "shuffled": shuffle,
    "reversed": reverse,
    "slowed": slow,
    "jittered": jitter,
    "blurred": blur,
}
