"""Reading and writing clips, whatever file or folder holds them."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from keras_gans.declaration import Declaration, extract
from keras_gans.files import replacing
from keras_gans.video import encoded
from keras_gans.video.animation import FORMATS, encode, even_frames, time_step
from keras_gans.video.clip import FPS, Clip, check_fps, check_frames

# Suffixes of pictures, which may be animated, film strips, or frames of a folder; and of videos.
PICTURES = (".gif", ".webp", ".apng", ".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")
SUFFIXES = (*PICTURES, *encoded.SUFFIXES)

# Whatever a file's suffix. Pillow knows more, such as EPS, which it would let Ghostscript execute.
_FORMATS = ("PNG", "GIF", "WEBP", "JPEG", "BMP", "TIFF")
_NUMBER = re.compile(r"(\d+)\D*$")


@dataclasses.dataclass(frozen=True)
class Look:
    """What can be seen of a clip without decoding all of it.

    Attributes:
        frames: Number of frames, at equal steps of time.
        height: Pixels.
        width: Pixels.
        channels: 1, 3 or 4: grey, RGB, or RGB and opacity.
        fps: Frames per second; None if the file does not tell.
        strip: Whether it is a film strip.
    """

    frames: int
    height: int
    width: int
    channels: int
    fps: float | None
    strip: bool = False


def read(path: str | os.PathLike) -> Clip:
    """Read a clip.

    Args:
        path: An animated GIF, WebP or PNG; a film strip, a picture whose longer side is a multiple of the shorter one, the side
            of its square frames; a folder of pictures, in the order of the last numbers in their names; or a video such as MP4,
            with `pip install "keras-gans[video]"`.

    Raises:
        FileNotFoundError: If there is no such file or folder.
        ValueError: If it cannot be read, or is not a clip; the message begins with the path.
        ImportError: If it is a video and the extra `video` is not installed.

    Example:

        clip = keras_gans.video.read("running.gif")
        clip.frames, clip.fps  # uint8 (frames, height, width, 3), 12.0
    """
    path = Path(path)
    if path.is_dir():
        pictures = frames_of(path)
        if not pictures:
            raise ValueError(f"{path} contains no pictures that could be frames.")
        return read_frames(pictures)
    if not path.exists():
        raise FileNotFoundError(f"There is no file {path}.")
    if path.suffix.lower() in encoded.SUFFIXES:
        return encoded.read(path)
    try:
        with Image.open(path, formats=_FORMATS) as picture:
            if not _is_animated(picture):
                return _cut_strip(picture)
            check_complete(path)
            return _read_animation(picture)
    except Exception as error:  # decoders raise whatever damaged bytes lead them to
        raise ValueError(f"{path} cannot be read: {_reason(error)}.") from error


def look(path: str | os.PathLike) -> Look:
    """Return what can be seen of a clip in a file without decoding its pixels. The arguments and errors are those of `read`."""
    path = Path(path)
    if path.suffix.lower() in encoded.SUFFIXES:
        return Look(*encoded.look(path))
    try:
        with Image.open(path, formats=_FORMATS) as picture:
            channels = _channels(picture)
            if not _is_animated(picture):
                side, count = _strip_of(picture)
                return Look(count, side, side, channels, None, strip=True)
            check_complete(path)
            shown, fps = even_frames(_times(picture), time_step(picture.format))
            return Look(len(shown), picture.height, picture.width, channels, fps)
    except Exception as error:
        raise ValueError(f"{path} cannot be read: {_reason(error)}.") from error


def look_at_frames(paths: Sequence[str | os.PathLike]) -> Look:
    """Return what the first of the pictures of a clip tells of it: see `look`."""
    try:
        with Image.open(paths[0], formats=_FORMATS) as picture:
            return Look(len(paths), picture.height, picture.width, _channels(picture), None)
    except Exception as error:
        raise ValueError(f"{paths[0]} cannot be read: {_reason(error)}.") from error


def read_frames(paths: Sequence[str | os.PathLike]) -> Clip:
    """Read the pictures of a clip, which all have the size of the first.

    Raises:
        ValueError: If one cannot be read or has another size.
    """
    frames: list[Image.Image] = []
    for path in paths:
        try:
            with Image.open(path, formats=_FORMATS) as picture:
                picture.load()
                frames.append(ImageOps.exif_transpose(picture))
        except Exception as error:
            raise ValueError(f"{path} cannot be read: {_reason(error)}.") from error
        if frames[-1].size != frames[0].size:
            sizes = [f"{each.height}x{each.width}" for each in (frames[-1], frames[0])]
            raise ValueError(f"{path} has {sizes[0]} pixels, but the first frame of its folder {sizes[1]}.")
    return Clip(_stack(frames))


def frames_of(folder: Path) -> list[Path]:
    """Return the pictures in a folder that may be the frames of a clip, in the order of the last number in their names."""
    found = [path for path in folder.iterdir() if path.suffix.lower() in PICTURES and not path.name.startswith(".")]
    return sorted(found, key=frame_order)


def frame_order(path: Path) -> tuple[int, str]:
    """Return by what frames are sorted: the last number in their names, and these."""
    number = _NUMBER.search(path.stem)
    return (int(number[1]) if number else -1, path.name)


def is_numbered(path: Path) -> bool:
    """Whether the name of a file contains a number, as those of frames do."""
    return _NUMBER.search(path.stem) is not None


def write(path: str | os.PathLike, frames: np.ndarray, fps: float = FPS, declaration: Declaration | None = None) -> None:
    """Write a clip: `.webp`, `.gif` or `.apng`; `.mp4`, `.webm` or `.mov` with `pip install "keras-gans[video]"`.

    Args:
        path: The file, replaced if it exists.
        frames: uint8 of shape `(frames, height, width, channels)`.
        fps: Frames per second.
        declaration: What the file says of its origin, or None.

    Raises:
        ValueError: If the suffix is another, or the frames cannot be written.
        ImportError: If the extra `video` is needed and not installed.

    Example:

        keras_gans.video.write("clip.webp", frames, fps=8)
    """
    path, frames = Path(path), check_frames(frames)
    suffix = path.suffix.lower()
    if suffix in FORMATS:
        content = encode(frames, fps, FORMATS[suffix])
        if declaration is not None:
            content = declaration.into(content)
        with replacing(path) as temporary:
            temporary.write_bytes(content)
        return
    if suffix not in encoded.WRITTEN:
        accepted = ", ".join([*FORMATS, *encoded.WRITTEN])
        raise ValueError(f"{path.name}: clips are written to {accepted}; received '{path.suffix}'.")
    encoded.write(path, frames, check_fps(fps), declaration)


def check_complete(path: Path) -> None:
    """Check that an animation was not cut off: Pillow would read the frames that are left.

    Raises:
        ValueError: If it was.
    """
    content = path.read_bytes()
    if content[:4] == b"RIFF" and len(content) < 8 + int.from_bytes(content[4:8], "little"):
        raise ValueError("the file is cut off")
    extract(content)  # which goes through all blocks of a GIF or PNG


def _is_animated(picture: Image.Image) -> bool:
    return getattr(picture, "n_frames", 1) > 1 and picture.format in ("GIF", "WEBP", "PNG")


def _times(picture: Image.Image) -> list[float]:
    """Return for how many milliseconds each frame is shown. As in browsers, 10 ms and less stand for 100."""
    times = []
    for index in range(getattr(picture, "n_frames", 1)):
        picture.seek(index)
        if picture.format == "WEBP":
            picture.load()  # only then is the time known
        time = float(picture.info.get("duration", 0))
        times.append(100.0 if time <= 10 and picture.format == "GIF" else time)
    return times


def _read_animation(picture: Image.Image) -> Clip:
    frames, times = [], []
    for index in range(getattr(picture, "n_frames", 1)):
        picture.seek(index)
        picture.load()
        frames.append(picture.copy())
        time = float(picture.info.get("duration", 0))
        times.append(100.0 if time <= 10 and picture.format == "GIF" else time)
    shown, fps = even_frames(times, time_step(picture.format))
    return Clip(_stack(frames)[shown], fps)


def _cut_strip(picture: Image.Image) -> Clip:
    side, count = _strip_of(picture)
    picture.load()
    whole = _stack([picture])[0]
    parts = whole.reshape(side, count, side, -1).swapaxes(0, 1) if picture.width > picture.height else whole
    return Clip(np.ascontiguousarray(parts.reshape(count, side, side, -1)))


def _strip_of(picture: Image.Image) -> tuple[int, int]:
    """Return the side of the frames of a film strip, and their number."""
    side, longer = sorted(picture.size)
    if longer % side or longer == side:
        raise ValueError(
            f"it is a single picture of {picture.height}x{picture.width} pixels, and no film strip, whose longer side is a "
            "multiple of the shorter one"
        )
    return side, longer // side


def _channels(picture: Image.Image) -> int:
    if picture.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in picture.info:
        return 4
    return 1 if picture.mode in ("1", "L", "I;16", "I;16B", "I") else 3


def _stack(pictures: Sequence[Image.Image]) -> np.ndarray:
    """Return pictures as uint8, with as many channels as the one with the most; opacity is left out where all are opaque."""
    channels = max(_channels(picture) for picture in pictures)
    mode = {1: "L", 3: "RGB", 4: "RGBA"}[channels]
    frames = np.stack([np.asarray(_eight_bits(picture).convert(mode)) for picture in pictures])
    if channels == 4 and (frames[..., 3] == 255).all():
        return frames[..., :3]
    return frames[..., None] if frames.ndim == 3 else frames


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Return a grey picture of 16 bits in 8."""
    if not picture.mode.startswith("I"):
        return picture
    return Image.fromarray((np.asarray(picture).astype("int64") >> 8).clip(0, 255).astype("uint8"))


def _reason(error: Exception) -> str:
    if isinstance(error, Image.UnidentifiedImageError):
        return "it is not a GIF, WebP, PNG, JPEG, BMP or TIFF file"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return (str(error) or type(error).__name__).splitlines()[0][:200].rstrip(".")
