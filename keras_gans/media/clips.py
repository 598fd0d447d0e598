"""Drawing clips, and their writers: animations, film strips, folders of frames and NumPy archives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gans.declaration import Declaration
from keras_gans.files import replacing, write_json
from keras_gans.media.pictures import SIDE, as_pillow, grid, save_picture
from keras_gans.media.writers import FolderWriter, Writer, batches_of
from keras_gans.video.files import write

if TYPE_CHECKING:
    from keras_gans.media.video import Video

RATE_FILE = "clips.json"  # in a folder of frames, which do not tell their rate


def film_strips(clips: np.ndarray) -> np.ndarray:
    """Return the frames of each clip side by side: uint8 `(n, height, frames * width, channels)`.

    Args:
        clips: uint8 of shape `(n, frames, height, width, channels)`.
    """
    n, frames, height, width, channels = clips.shape
    return clips.swapaxes(1, 2).reshape(n, height, frames * width, channels)


def moving_grid(clips: np.ndarray, columns: int | None = None) -> np.ndarray:
    """Return clips in rows that all play at once, small ones enlarged: uint8 `(frames, height, width, channels)`.

    Args:
        clips: uint8 of shape `(n, frames, height, width, channels)`.
        columns: Clips in a row; the square root of `n`, rounded up, if None.
    """
    scale = max(1, SIDE // min(clips.shape[2:4]))
    return np.stack([grid(clips[:, frame], columns, scale=scale) for frame in range(clips.shape[1])])


class AnimationWriter(Writer):
    """All clips in rows of one animation, in which they play at once."""

    words = "one animation"
    medium: Video

    def write(self, model: Any, labels: Any = None, batch_size: int = 64, **sampling: Any) -> None:
        batches, *_ = batches_of(model, labels, batch_size, sampling)
        clips = np.concatenate([self.medium.to_file(batch) for batch in batches])
        declaration = self.declare(model, labels=labels, joined=True, **sampling)
        write(self.path, moving_grid(clips), self.medium.fps, declaration)


class EncodedWriter(AnimationWriter):
    """All clips in rows of one video, in which they play at once."""

    words = "one video, with the extra video"


class FrameFolderWriter(FolderWriter):
    """A folder for each clip with a PNG file for each frame, and a file `clips.json` that tells the frame rate."""

    words = "a folder of frames for each clip"
    files = "folders of frames"
    medium: Video

    @classmethod
    def check(cls, output: str | None, overwrite: bool = False) -> None:
        Writer.check(output, overwrite)
        if output is not None and Path(output).is_dir():
            files = [path for path in Path(output).rglob("*") if not path.is_dir()]
            if any(path.suffix != ".png" and path.name != RATE_FILE for path in files):
                raise ValueError(f"{output} contains files other than frames of clips and is not replaced.")

    def save(self, path: Path, sample: np.ndarray) -> None:
        path.mkdir()
        for number, frame in enumerate(sample):
            as_pillow(frame).save(path / f"{number:04d}.png")

    def declare_in(self, path: Path, declaration: Declaration) -> None:
        for frame in path.iterdir():
            super().declare_in(frame, declaration)

    def finish(self, folder: Path) -> None:
        write_json(folder / RATE_FILE, {"fps": self.medium.fps})


class ClipArchiveWriter(Writer):
    """A NumPy archive of the clips `x`, their frame rate `fps`, and their classes `y` if there are any."""

    words = "arrays and frame rate"
    medium: Video

    def write(self, model: Any, labels: Any = None, batch_size: int = 64, **sampling: Any) -> None:
        batches, count, conditions = batches_of(model, labels, batch_size, sampling)
        clips = np.concatenate([self.medium.to_file(batch) for batch in batches])
        arrays: dict[str, Any] = {"x": clips, "fps": np.array(self.medium.fps)}
        if "labels" in conditions:
            arrays["y"] = np.broadcast_to(np.asarray(conditions["labels"], "int32"), count)
        with replacing(self.path) as temporary:
            np.savez(temporary, **arrays)


class StripWriter(Writer):
    """The film strips of all clips in one picture, one below the other."""

    words = "film strips in one picture"
    medium: Video

    def write(self, model: Any, labels: Any = None, batch_size: int = 64, **sampling: Any) -> None:
        batches, *_ = batches_of(model, labels, batch_size, sampling)
        clips = np.concatenate([self.medium.to_file(batch) for batch in batches])
        declaration = self.declare(model, labels=labels, joined=True, **sampling)
        save_picture(self.path, np.concatenate(list(film_strips(clips))), declaration)
