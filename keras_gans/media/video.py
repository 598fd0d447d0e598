"""Video: clips of one number of frames, size and frame rate, in [-1, 1] inside models and 8 bits in files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from keras_gans._typing import Shape
from keras_gans.declaration import declare
from keras_gans.files import read_npz, read_object
from keras_gans.media.base import MEDIA, Animation, Medium
from keras_gans.media.clips import (
    RATE_FILE,
    AnimationWriter,
    ClipArchiveWriter,
    EncodedWriter,
    FrameFolderWriter,
    StripWriter,
    film_strips,
    moving_grid,
)
from keras_gans.media.images import is_image_shape
from keras_gans.media.pictures import grid, save_picture, to_uint8
from keras_gans.media.ranges import check_range
from keras_gans.media.writers import ArrayWriter, Writer
from keras_gans.video.clip import FPS, check_fps
from keras_gans.video.files import read
from keras_gans.video.motion import are_flickering, are_frozen

CLIPS = "samples.webp"
_STRIPS = 10  # in a preset's folder
# Larger clips are shrunk to about this side and number of frames before they are compared.
_COARSE_SIDE, _COARSE_FRAMES = 16, 8


def _read_one(path: Path) -> tuple[np.ndarray, Medium]:
    clip = read(path)
    return clip.frames[None], Video(clip.frames.shape, FPS if clip.fps is None else clip.fps)


def _read_folder(path: Path) -> tuple[np.ndarray, Medium]:
    """Return the clips in folders of frames, as generated clips are written, which must have one shape."""
    folders = sorted({file.parent for file in path.rglob("*.png")})
    if not folders or not (path / RATE_FILE).is_file():
        raise ValueError(f"{path} holds no folders of frames beside a file {RATE_FILE}.")
    clips = [read(folder).frames for folder in folders]
    if len({clip.shape for clip in clips}) > 1:
        raise ValueError(f"{path} holds clips of several shapes: {sorted({clip.shape for clip in clips})}.")
    return np.stack(clips), Video(clips[0].shape, check_fps(read_object(path / RATE_FILE).get("fps")))


def _read_archive(path: Path) -> tuple[np.ndarray, Medium]:
    _, arrays = read_npz(path, wanted=("x", "fps"))
    if set(arrays) != {"x", "fps"} or arrays["x"].ndim != 5:
        raise ValueError(f"{path} holds no clips: arrays x, of shape (n, frames, height, width, channels), and fps.")
    return arrays["x"], Video(arrays["x"].shape[1:], float(arrays["fps"]))


@MEDIA.register("video")
class Video(Medium):
    """Clips of one shape and frame rate. They are drawn as film strips, and played as animations.

    Args:
        sample_shape: Frames, height, width and channels (1, 3 or 4) of a clip.
        fps: Frames per second.

    Raises:
        ValueError: If the shape is not that of a clip, or the frame rate not above 0.
    """

    name = "video"
    one = "clip"
    many = "clips"
    writers: ClassVar[Mapping[str, type[Writer]]] = {
        ".webp": AnimationWriter,
        ".gif": AnimationWriter,
        ".apng": AnimationWriter,
        ".mp4": EncodedWriter,
        ".webm": EncodedWriter,
        ".mov": EncodedWriter,
        ".png": StripWriter,
        "/": FrameFolderWriter,
        ".npy": ArrayWriter,
        ".npz": ClipArchiveWriter,
    }
    default_output = CLIPS
    fault_names = ("frozen", "flicker")
    tiled = True
    readers: ClassVar[Mapping[str, Callable[[Path], Any]]] = {
        "/": _read_folder,
        **dict.fromkeys((".webp", ".gif", ".apng", ".mp4", ".webm", ".mov"), _read_one),
        ".npz": _read_archive,
    }

    def __init__(self, sample_shape: Shape, fps: float):
        if len(sample_shape) != 4 or not is_image_shape(tuple(sample_shape)[1:]):
            raise ValueError(
                f"Clips have frames, a height, a width and 1, 3 or 4 channels; received the shape {tuple(sample_shape)}."
            )
        super().__init__(sample_shape)
        self.fps = check_fps(fps)

    @property
    def frames(self) -> int | None:
        """Frames of a clip; None if their number is free."""
        return self.sample_shape[0]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "fps": self.fps}

    def builder_arguments(self) -> dict[str, Any]:
        return {"video_shape": self.sample_shape, "fps": self.fps}

    @property
    def image_shape(self) -> tuple[int, ...] | None:
        return self.sample_shape[1:]

    def source_options(self) -> dict[str, Any]:
        return {"frames": self.frames, "fps": self.fps}

    def check(self, samples: np.ndarray) -> None:
        super().check(samples)
        check_range(samples, "Clips")

    def to_file(self, samples: np.ndarray) -> np.ndarray:
        """Return uint8 pixels of clips in [-1, 1]; uint8 clips are returned unchanged."""
        samples = np.asarray(samples)
        return samples if samples.dtype == np.uint8 else to_uint8(samples)

    @property
    def flippable(self) -> bool:
        return True

    @property
    def drawable(self) -> bool:
        return True

    def describe_difference(self, other: Medium) -> str | None:
        if isinstance(other, Video) and other.fps != self.fps:
            return f"video of {other.fps:g} frames per second, not {self.fps:g}"
        return super().describe_difference(other)

    def picture(self, samples: np.ndarray, columns: int | None = None) -> np.ndarray:
        """Draw the film strip of each clip; about as many in a row as make the picture square."""
        strips = self.tiles(samples)
        n, height, width, _ = strips.shape
        return grid(strips, columns or max(1, round((n * height / width) ** 0.5)))

    def tiles(self, samples: np.ndarray) -> np.ndarray:
        return film_strips(self.to_file(samples))

    def animate(self, model: Any, n: int = 16, seed: int | None = 0, labels: Any = None) -> Animation:
        clips = self.to_file(model.generate(n, seed, conditions=model.conditions_for(n, labels)))
        return Animation(moving_grid(clips), self.fps)

    def shrink(self, samples: np.ndarray) -> np.ndarray:
        """Return clips whose pixels are means of blocks of frames and pixels: at most about 8 frames of 16 pixels a side."""
        n, frames, height, width, channels = samples.shape
        steps = max(1, frames // _COARSE_FRAMES), *[max(1, min(height, width) // _COARSE_SIDE)] * 2
        counts = [size // step for size, step in zip((frames, height, width), steps, strict=True)]
        whole = samples[:, : counts[0] * steps[0], : counts[1] * steps[1], : counts[2] * steps[2]]
        parts = [size for pair in zip(counts, steps, strict=True) for size in pair]
        return whole.reshape(n, *parts, channels).mean(axis=(2, 4, 6))

    def fault_shares(self, samples: np.ndarray) -> dict[str, float]:
        """Return the shares of clips that are frozen or flicker: see `keras_gans.video.motion`."""
        found = are_frozen(samples), are_flickering(samples)
        return {name: float(each.mean()) for name, each in zip(self.fault_names, found, strict=True)}

    @classmethod
    def usage(cls, labelled: bool = False) -> str:
        return f"{super().usage(labelled)}, at model.medium.fps"

    def preset_files(self, model: Any) -> dict[str, Callable[[Path], None]]:
        def write(path: Path) -> None:
            self.writer(str(path)).write(model, n=2 * _STRIPS, seed=0)

        def draw(path: Path) -> None:
            save_picture(path, model.draw(_STRIPS), declare(model))

        return {"samples.png": draw, CLIPS: write}
