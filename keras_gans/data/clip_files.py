"""The clips of a folder: which files and sub-folders are clips, and their frames as samples."""

from __future__ import annotations

import collections
import dataclasses
import functools
import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from keras_gans.data.decoded import DecodedSamples, decoding_threads
from keras_gans.data.file_names import Names, find_files
from keras_gans.data.skipped import Skipped, UnreadableError
from keras_gans.data.windows import Windows
from keras_gans.media.clips import RATE_FILE
from keras_gans.video.clip import check_fps
from keras_gans.video.files import PICTURES, SUFFIXES, Look, frame_order, is_numbered, look, look_at_frames, read, read_frames


@dataclasses.dataclass(frozen=True)
class ClipFile:
    """A clip of a folder.

    Attributes:
        path: The file, or the folder of its frames.
        frames: Its frames, if it is a folder; empty otherwise.
        seen: What is known without decoding it.
    """

    path: Path
    frames: tuple[str, ...]
    seen: Look


def find_clips(root: Path, skipped: Skipped) -> tuple[list[ClipFile], Names]:
    """Return the clips below a folder, and the names of all files.

    Pictures whose names end in numbers are the frames of one clip, if the first one is a single picture. Other pictures are
    animations or film strips. A file `clips.json` tells the rate of frames below its folder: `{"fps": 8}`.

    Args:
        root: The folder.
        skipped: List to which what is not a clip is added.
    """
    names = find_files(root, skipped, tuple(os.fsencode(suffix) for suffix in SUFFIXES))
    groups: list[tuple[Path, tuple[str, ...]]] = []
    at = 0
    for folder, count in names.folders():
        files = [Path(names[position]) for position in range(at, at + count)]
        at += count
        pictures = sorted((path for path in files if path.suffix.lower() in PICTURES), key=frame_order)
        if len(pictures) > 1 and all(map(is_numbered, pictures)) and _is_single(pictures[0]):
            groups.append((Path(folder), tuple(map(os.fspath, pictures))))
            pictures = []
        alone = {*pictures, *(path for path in files if path.suffix.lower() not in PICTURES)}
        groups += [(path, ()) for path in files if path in alone]

    used: set[Path] = set()
    # For this call only: people add the file, and try again.
    rate_file, told_rate = functools.cache(_rate_file), functools.cache(_told_rate)

    def try_one(group: tuple[Path, tuple[str, ...]]) -> ClipFile | None:
        path, frames = group
        try:
            seen = look_at_frames(frames) if frames else look(path)
            rate = seen.fps
            if rate is None and (told := rate_file(path.parent, root)) is not None:
                used.add(told)
                rate = told_rate(told)
        except ValueError as error:
            skipped.add(os.fspath(path), _reason(error, path))
            return None
        return ClipFile(path, frames, dataclasses.replace(seen, fps=rate))

    found = list(decoding_threads().map(try_one, groups))
    names.others -= collections.Counter(path.suffix for path in used)
    return [each for each in found if each is not None], names


def _is_single(path: Path) -> bool:
    """Whether a file is a picture that is neither animated nor a film strip."""
    try:
        look(path)
    except ValueError as error:
        return "it is a single picture" in str(error)
    return False


def _rate_file(folder: Path, root: Path) -> Path | None:
    """Return the file that tells the frame rate in a folder: its own, or that of one around it; None if there is none."""
    for each in (folder, *folder.parents):
        if (each / RATE_FILE).is_file():
            return each / RATE_FILE
        if each == root:
            break
    return None


def _told_rate(path: Path) -> float:
    """Return the frame rate that a file tells."""
    try:
        return check_fps(json.loads(path.read_text(encoding="utf-8"))["fps"])
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise ValueError(f"{path} must be like {{'fps': 8}}: {error}") from error


class Clips(DecodedSamples):
    """Clips of files as samples, uint8.

    Args:
        files: The clips.
        shape: Frames, height, width and channels of a sample.
        windows: How clips become samples.
        skipped: List to which unreadable clips are added.
        strict: Whether an unreadable clip is an error.
    """

    options: Windows

    def __init__(self, files: Sequence[ClipFile], shape: tuple[int, ...], windows: Windows, skipped: Skipped, strict: bool):
        super().__init__((len(files), *shape), windows, skipped, strict)
        self._files = files
        self._transparent: set[int] = set()

    def decode(self, position: int) -> np.ndarray:
        file = self._files[position]
        try:
            clip = read_frames(file.frames) if file.frames else read(file.path)
        except (ValueError, OSError) as error:
            raise UnreadableError(_reason(error, file.path)) from error
        if clip.frames.shape[-1] == 4:
            self._transparent.add(position)
        prepared = self.options.prepare(clip.frames, file.seen.fps, self.shape[1:])
        if len(prepared) < self.options.span:
            raise UnreadableError(f"it has {len(prepared)} frames, fewer than the {self.options.span} that a sample spans")
        return prepared

    def name(self, position: int) -> str:
        return os.fspath(self._files[position].path)

    @property
    def transparent(self) -> int:
        """How many of the clips that were decoded have transparent pixels."""
        return len(self._transparent)


def _reason(error: Exception, path: Path) -> str:
    """Return an error message without the path with which it begins."""
    text = str(error).removeprefix(f"{path} cannot be read: ").removeprefix(f"{path} ").rstrip(".")
    return text or type(error).__name__
