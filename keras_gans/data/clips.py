"""Samples from a folder of clips."""

from __future__ import annotations

import collections
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from keras_gans.data.clip_files import ClipFile, Clips, find_clips
from keras_gans.data.data import Data
from keras_gans.data.decoded import decode_if_small
from keras_gans.data.file_names import Names, describe_others
from keras_gans.data.given_frames import check_given, give_frames
from keras_gans.data.held_out import is_held_out
from keras_gans.data.paths import hint
from keras_gans.data.registry import SOURCES, Loader, Request
from keras_gans.data.resize import complete_shape, describe_fitting
from keras_gans.data.skipped import Skipped
from keras_gans.data.source import as_source
from keras_gans.data.windows import Windows, WindowSource
from keras_gans.errors import check_count
from keras_gans.media.video import Video
from keras_gans.video.clip import FPS, check_fps
from keras_gans.video.files import SUFFIXES

_FRAMES = 16  # of a sample, where no number is asked for


@SOURCES.register("video")
class ClipFolder(Loader):
    """The clips below a folder, or that of one file, as samples of one number of frames, uint8.

    A clip is an animated GIF, WebP or PNG; a film strip, whose longer side is a multiple of the shorter one; a folder of
    pictures whose names end in numbers; or, with the extra `video`, an MP4, WebM, MOV, AVI or MKV file. Long clips give several
    samples. Which frames a sample shows is drawn anew each time it is used. Shorter clips are left out and counted in a note.

    There is a label for each first-level sub-folder if all clips are in one.

    Options:
        frames: Frames of a sample, 16 by default.
        given: For prediction: how many frames before a sample are the condition `frames`. None by default.
        stride: Every `stride`-th frame is used, 1 by default.
        fps: Frames per second of samples. Clips of another rate leave frames out or repeat them; those that do not tell their
            rate are taken to have the right one. It is needed if rates differ. By default that of the clips, divided by
            `stride`; 8 if none of them tells.

    Example:

        data = keras_gans.load_data("video:clips", image_shape=(32, 32), frames=16, stride=2)
    """

    argument = "PATH"
    splits = ("train", "test", "all")
    held_out = "test"
    options = ("frames", "given", "stride", "fps")

    def check(self, request: Request) -> None:
        super().check(request)
        _windows(request)

    def check_path(self, path: Path) -> None:
        if not path.exists():
            raise FileNotFoundError(f"There is no folder or file {path}.")
        if path.is_file() and path.suffix.lower() not in SUFFIXES:
            raise ValueError(f"{path} is not a clip ({', '.join(SUFFIXES)}){hint(path)}")

    def load(self, request: Request) -> Data:
        root, windows, skipped = Path(request.rest).expanduser(), _windows(request), Skipped("clip")
        files, names = find_clips(root, skipped)
        labels, class_names = _classes(root, files)
        wanted = [index for index, file in enumerate(files) if _is_in(request.split, root, file)]
        long = [index for index in wanted if _length(files[index], windows) >= windows.span]
        if not long:
            _refuse(root, request, [files[index] for index in wanted], windows, skipped, names)
        chosen = [files[index] for index in long]
        rate = _rate(root, chosen, windows)
        shape = (windows.frames, *_frame_shape(root, chosen, request))
        clips = Clips(chosen, shape, windows, skipped, request.strict)
        mean = float(np.mean([_length(file, windows) for file in chosen]) * np.prod(shape[1:]))
        held, kept = decode_if_small(clips, mean)
        rows = np.arange(len(chosen)) if kept is None else kept
        if not len(rows):
            _refuse(root, request, [], windows, skipped, names)
        skipped.warn(stacklevel=3)
        counts = np.array([_length(chosen[row], windows) // windows.span for row in rows])
        samples = WindowSource(as_source(held), counts)
        conditions = {} if labels is None else {"labels": labels[np.array(long)[rows]][samples.owners]}
        used = [chosen[row] for row in rows]
        notes = [
            *_describe_windows(used, counts, windows, rate),
            *_describe_left_out([files[index] for index in wanted if index not in set(long)], windows),
            *_describe_rates(used, windows, rate),
            *_describe_fitting(used, shape),
            *_describe_transparency(clips, request),
            *describe_others(names),
        ]
        data = Data(
            request.name,
            samples,
            class_names=class_names,
            skipped=skipped,
            notes=notes,
            medium=Video(shape, rate),
            conditions=conditions,
        )
        return give_frames(data, request.options.get("given"))


def _windows(request: Request) -> Windows:
    given = request.options
    fps = None if given.get("fps") is None else check_fps(given["fps"])
    frames = check_count("frames", given.get("frames", _FRAMES), least=2) + check_given(given.get("given"))
    return Windows(frames, given.get("stride", 1), fps, request.image_options)


def _length(file: ClipFile, windows: Windows) -> int:
    """Return the frames of a clip at the rate that it is brought to."""
    return len(windows.shown(file.seen.frames, file.seen.fps))


def _below(root: Path, file: ClipFile) -> Path:
    return Path(file.path.name) if root.is_file() or file.path == root else file.path.relative_to(root)


def _is_in(split: str, root: Path, file: ClipFile) -> bool:
    name = _below(root, file)
    return split == "all" or is_held_out((name if file.frames else name.with_suffix("")).as_posix()) == (split == "test")


def _classes(root: Path, files: Sequence[ClipFile]) -> tuple[np.ndarray | None, list[str] | None]:
    """Return a label for each clip and the class names; None and None if a clip is in no sub-folder."""
    parts = [_below(root, file).parts for file in files]
    if not parts or min(map(len, parts)) < 2:
        return None, None
    names = sorted({each[0] for each in parts})
    return np.array([names.index(each[0]) for each in parts], "int32"), names


def _rate(root: Path, files: Sequence[ClipFile], windows: Windows) -> float:
    """Return the frames per second of samples."""
    if windows.fps is not None:
        return windows.fps
    told = collections.Counter(file.seen.fps for file in files if file.seen.fps is not None)
    if len(told) > 1 and not np.allclose(list(told), max(told)):
        listed = ", ".join(f"{count:,} of {fps:.4g}" for fps, count in sorted(told.items()))
        raise ValueError(f"{root} contains clips of several frame rates ({listed} frames per second): choose one (fps).")
    return (max(told) if told else FPS) / windows.stride


def _frame_shape(root: Path, files: Sequence[ClipFile], request: Request) -> tuple[int, ...]:
    sizes = collections.Counter((file.seen.height, file.seen.width) for file in files)
    if request.image_shape is None and len(sizes) > 1:
        listed = ", ".join(f"{count:,} of {height}x{width}" for (height, width), count in sizes.most_common(5))
        raise ValueError(
            f"{root} contains clips of {len(sizes)} sizes ({listed}): choose one, such as "
            "image_shape=(32, 32) or --image_size=32."
        )
    channels = 1 if all(file.seen.channels == 1 for file in files) else 3
    return complete_shape(request.image_shape, (*next(iter(sizes)), channels))


def _describe_fitting(files: Sequence[ClipFile], shape: tuple[int, ...]) -> list[str]:
    own = {(file.seen.height, file.seen.width, min(file.seen.channels, 3)) for file in files}
    return [note.replace("image", "clip", 1) for note in describe_fitting(own, shape[1:], len(files))]


def _counted(number: int, verbs: str = "") -> str:
    """Return a number of clips in words, and one of two verbs such as `"is/are"`."""
    verb = verbs.split("/")[number != 1] if verbs else ""
    return f"{number:,} clip{'s' if number != 1 else ''} {verb}".rstrip()


def _describe_windows(files: Sequence[ClipFile], counts: np.ndarray, windows: Windows, rate: float) -> list[str]:
    lengths = [file.seen.frames for file in files]
    step = f", every {windows.stride} frames" if windows.stride > 1 else ""
    return [
        f"{_counted(len(files))} of {min(lengths):,} to {max(lengths):,} frames became {counts.sum():,} samples of "
        f"{windows.frames} frames{step}, {rate:.4g} a second"
    ]


def _describe_left_out(files: Sequence[ClipFile], windows: Windows) -> list[str]:
    if not files:
        return []
    verb = "was" if len(files) == 1 else "were"
    shortest = min(files, key=lambda file: file.seen.frames)
    return [
        f"{_counted(len(files), 'has/have')} fewer than the {windows.span} frames that a sample spans and {verb} left out, "
        f"such as {shortest.path.name} ({shortest.seen.frames})"
    ]


def _describe_rates(files: Sequence[ClipFile], windows: Windows, rate: float) -> list[str]:
    own = rate * windows.stride
    notes = []
    told = sorted(file.seen.fps for file in files if file.seen.fps is not None and not np.isclose(file.seen.fps, own))
    for other, group in itertools.groupby(told):
        notes.append(f"{_counted(len(list(group)), 'was/were')} brought from {other:.4g} to {own:.4g} frames per second")
    silent = sum(file.seen.fps is None for file in files)
    if silent:
        notes.append(
            f"{_counted(silent, 'does/do')} not tell the frame rate: {own:.4g} frames per second are taken for it (fps)"
        )
    return notes


def _describe_transparency(clips: Clips, request: Request) -> list[str]:
    if not clips.transparent or clips.shape[-1] == 4:
        return []
    return [f"{_counted(clips.transparent, 'has/have')} transparent pixels: laid over {request.image_options.background}"]


def _refuse(
    root: Path, request: Request, short: Sequence[ClipFile], windows: Windows, skipped: Skipped, names: Names
) -> NoReturn:
    if request.strict:
        skipped.refuse()
    skipped.warn(stacklevel=4)
    if short:
        longest = max(_length(file, windows) for file in short)
        raise ValueError(
            f"{root} contains no clip of the {windows.span} frames that a sample spans (frames={windows.frames}, "
            f"stride={windows.stride}): the longest of {len(short):,} has {longest}."
        )
    if len(names) and not skipped:
        raise ValueError(f"The split '{request.split}' of {root} is empty: use 'all'.")
    why: Any = f": none of {len(skipped):,} can be read ({skipped[0][0]}: {skipped[0][1]})" if skipped else ""
    raise ValueError(f"{root} contains no readable clip ({', '.join(SUFFIXES)}){why}.")
