"""Videos such as MP4, read and written by PyAV, the extra `video`."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from keras_gans.declaration import Declaration
from keras_gans.files import replacing
from keras_gans.video.clip import Clip

SUFFIXES = (".mp4", ".webm", ".mov", ".avi", ".mkv", ".m4v", ".mpg", ".mpeg")
# By suffix: the codec that every browser knows.
WRITTEN = {".mp4": "libx264", ".mov": "libx264", ".webm": "libvpx-vp9"}

_MOST_FRAMES = 100_000
_SMALLEST = 128  # pixels: smaller clips are enlarged, as codecs blur single pixels


def read(path: str | os.PathLike) -> Clip:
    """Read the first video stream of a file.

    Raises:
        ValueError: If it cannot be read.
        ImportError: If PyAV is not installed.
    """
    av = _import_av(path)
    try:
        with av.open(os.fspath(path)) as container:
            stream = _stream(path, container)
            frames = []
            for frame in container.decode(stream):
                frames.append(frame.to_ndarray(format="gray" if _is_grey(stream) else "rgb24"))
                if len(frames) > _MOST_FRAMES:
                    raise ValueError(f"it has more than {_MOST_FRAMES:,} frames")
            fps = _rate(stream)
    except (av.error.FFmpegError, ValueError, OSError) as error:
        raise ValueError(f"{path} cannot be read: {_reason(error)}.") from error
    if not frames:
        raise ValueError(f"{path} cannot be read: it contains no frames.")
    stacked = np.stack(frames)
    return Clip(stacked[..., None] if stacked.ndim == 3 else stacked, fps)


def look(path: str | os.PathLike) -> tuple[int, int, int, int, float | None]:
    """Return the number of frames, the height, the width, the channels and the frames per second of a video.

    Files that do not say how many frames they have are decoded. The errors are those of `read`.
    """
    av = _import_av(path)
    try:
        with av.open(os.fspath(path)) as container:
            stream = _stream(path, container)
            count, fps = stream.frames, _rate(stream)
            found = stream.codec_context.height, stream.codec_context.width, 1 if _is_grey(stream) else 3
            if not count:
                count = sum(1 for _ in container.decode(stream))
    except (av.error.FFmpegError, ValueError, OSError) as error:
        raise ValueError(f"{path} cannot be read: {_reason(error)}.") from error
    if not count:
        raise ValueError(f"{path} cannot be read: it contains no frames.")
    return count, *found, fps


def write(path: Path, frames: np.ndarray, fps: float, declaration: Declaration | None) -> None:
    """Write a video that browsers play: 8 bits, 4:2:0, sides even, small clips enlarged by repeating pixels.

    Args:
        path: The file; its suffix is one of `WRITTEN`.
        frames: uint8 of shape `(frames, height, width, channels)`.
        fps: Frames per second.
        declaration: What the file says of its origin, or None. It is the container's comment, as XMP.

    Raises:
        ImportError: If PyAV is not installed.
    """
    av = _import_av(path)
    factor = max(1, -(-_SMALLEST // min(frames.shape[1:3])))
    frames = frames.repeat(factor, axis=1).repeat(factor, axis=2)
    frames = frames.repeat(3, axis=-1) if frames.shape[-1] == 1 else frames[..., :3]
    frames = np.pad(frames, [(0, 0), (0, frames.shape[1] % 2), (0, frames.shape[2] % 2), (0, 0)], mode="edge")
    kind = {".mp4": "mp4", ".mov": "mov", ".webm": "webm"}[path.suffix.lower()]
    with replacing(path) as temporary, av.open(os.fspath(temporary), "w", format=kind) as container:
        if declaration is not None:
            container.metadata["comment"] = declaration.to_xmp().decode()
        stream = container.add_stream(WRITTEN[path.suffix.lower()], rate=Fraction(fps).limit_denominator(1001))
        stream.height, stream.width, stream.pix_fmt = frames.shape[1], frames.shape[2], "yuv420p"
        stream.options = {"crf": "18"}
        for frame in frames:
            for packet in stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


def _import_av(path: str | os.PathLike) -> ModuleType:
    try:
        import av
    except ImportError as error:
        raise ImportError(f"{path} needs PyAV: pip install 'keras-gans[video]'.") from error
    return av


def _stream(path: str | os.PathLike, container: Any) -> Any:
    if not container.streams.video:
        raise ValueError("it contains no video")
    return container.streams.video[0]


def _rate(stream: Any) -> float | None:
    rate = stream.average_rate or stream.guessed_rate
    return float(rate) if rate else None


def _is_grey(stream: Any) -> bool:
    return str(stream.codec_context.pix_fmt or "").startswith("gray")


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return text.splitlines()[0][:200].rstrip(".")
