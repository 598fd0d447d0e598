"""Animated pictures: WebP, GIF and APNG, encoded by Pillow."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from keras_gans.video.clip import check_fps, check_frames

# By format: the units of time in which a frame is shown, in milliseconds.
_STEPS = {"WEBP": 1, "GIF": 10, "PNG": 1}
_MOST_FRAMES = 10_000
# By suffix: the format's name in Pillow.
FORMATS = {".webp": "WEBP", ".gif": "GIF", ".apng": "PNG"}


def encode(frames: np.ndarray, fps: float, kind: str = "WEBP") -> bytes:
    """Return the bytes of an animated picture that repeats for ever.

    WebP and APNG are lossless. GIF has 256 colours, and shows frames for multiples of 10 ms: the times of single frames are
    rounded so that their sum is right. All formats join equal frames that follow each other into one that is shown longer.

    Args:
        frames: uint8 of shape `(frames, height, width, channels)`.
        fps: Frames per second.
        kind: `"WEBP"`, `"GIF"` or `"PNG"` (APNG).

    Raises:
        ValueError: If the frames or their rate cannot be written.
    """
    frames = check_frames(frames)
    pictures = [Image.fromarray(frame[..., 0] if frame.shape[-1] == 1 else frame) for frame in frames]
    options: dict[str, object] = {"loop": 0, "duration": durations(len(frames), fps, _STEPS[kind])}
    if kind == "WEBP":
        options |= {"lossless": True, "quality": 80, "method": 3}
    elif kind == "GIF":
        options |= {"optimize": False, "disposal": 1}
    content = io.BytesIO()
    pictures[0].save(content, kind, save_all=True, append_images=pictures[1:], **options)
    return content.getvalue()


def durations(count: int, fps: float, step: int) -> list[int]:
    """Return for how many milliseconds each of `count` frames is shown: multiples of `step` whose sums are nearly right."""
    ends = np.arange(1, count + 1) * (1000 / (check_fps(fps) * step))
    whole = np.maximum(np.rint(ends).astype(int), np.arange(1, count + 1))
    return (np.diff(whole, prepend=0) * step).tolist()


def even_frames(times: list[float], step: int) -> tuple[np.ndarray, float | None]:
    """Return which frame of an animation is shown at equal steps of time, and how many steps a second has.

    Files join equal frames that follow each other, and some show each frame for another time. A step is the shortest of these
    times. Formats round times: a whole number of frames per second that is rounded like this is taken for it.

    Args:
        times: For how many milliseconds each frame is shown.
        step: The unit to which the format rounds them.

    Returns:
        Positions of frames, and frames per second; None if the times do not tell.

    Raises:
        ValueError: If there would be more than 10,000 frames.
    """
    total = sum(times)
    if len(times) < 2 or total <= 0 or min(times) <= 0:
        return np.arange(len(times)), None
    ends = np.cumsum(times)
    most = min(round(total / max(min(times) - step / 2, step / 2)), _MOST_FRAMES)
    for count in range(len(times), most + 1):
        fps = round(1000 * count / total)
        if 1 <= fps <= 1000 and set(ends.round()) <= set(np.cumsum(durations(count, fps, step)).tolist()):
            return _shown(ends, count), float(fps)
    count = round(total / min(times))
    if count > _MOST_FRAMES:
        raise ValueError(f"its frames are shown for {min(times):g} to {max(times):g} ms, of which no equal steps can be made")
    return _shown(ends, count), 1000 * count / total


def _shown(ends: np.ndarray, count: int) -> np.ndarray:
    middles = (np.arange(count) + 0.5) * (ends[-1] / count)
    return np.searchsorted(ends, middles, side="right")


def time_step(kind: str | None) -> int:
    """Return the units of time of a format, as Pillow names it, in milliseconds."""
    return _STEPS.get(kind or "", 1)
