"""The frames before a clip, read from a file or folder: what `generate --condition=frames=CLIP` gives to a model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np


def read_last_frames(path: str, shape: Sequence[int], stride: int = 1) -> np.ndarray:
    """Return the last frames of a clip, or a picture if a single frame is given, in a model's size.

    Args:
        path: A clip as `keras_gans.video.read` takes it, or a picture.
        shape: Frames, height, width and channels.
        stride: Which frames are taken: every `stride`-th, the last one among them.

    Returns:
        uint8 array of that shape.

    Raises:
        ValueError: If it cannot be read, or has too few frames.
        FileNotFoundError: If there is no such file or folder.
    """
    from keras_gans.data.resize import ImageOptions
    from keras_gans.media.pictures import as_pillow

    if not Path(path).exists():
        raise FileNotFoundError(f"There is no clip {path}.")
    given, *size = shape
    frames = _read(path, given)[::-1][::stride][:given][::-1]
    if len(frames) < given:
        step = f", every {stride}. one" if stride > 1 else ""
        raise ValueError(f"{path} has {len(frames)} frames{step}; this model predicts what follows {given} frames.")
    return np.stack([ImageOptions().prepare(as_pillow(frame), tuple(size)) for frame in frames])


def _read(path: str, given: int) -> np.ndarray:
    from keras_gans.data.decoded import open_picture
    from keras_gans.data.skipped import UnreadableError
    from keras_gans.video import read

    try:
        return read(path).frames
    except ValueError:
        if given > 1:
            raise
    try:
        picture = open_picture(path, None)
    except UnreadableError as error:
        raise ValueError(f"{path} is neither a clip nor a picture: {error}.") from error
    picture = picture if picture.mode == "L" else picture.convert("RGBA" if "A" in picture.mode else "RGB")
    pixels = np.asarray(picture)
    return pixels.reshape(1, *pixels.shape[:2], -1)
