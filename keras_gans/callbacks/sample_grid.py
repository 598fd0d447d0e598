from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image

from keras_gans._typing import PathLike
from keras_gans.callbacks.tensorboard_events import TensorBoardEvents
from keras_gans.declaration import declare
from keras_gans.errors import check_count
from keras_gans.files import replacing
from keras_gans.media.pictures import as_pillow, save_animation, save_picture
from keras_gans.video.animation import encode
from keras_gans.video.files import write as write_clip

_MOST_FRAMES = 120
_MOST_SOUNDS, _MOST_CLIPS = 10, 16
_NAME = re.compile(r"epoch_(\d+)\.png")


class SampleGrid(keras.callbacks.Callback):
    """Draws samples from the same latents after each epoch, and joins the pictures into an animation at the end.

    The model's medium determines how they are drawn: images in a grid, points in a plot, sounds as spectrograms, clips as film
    strips. The first ten sounds are also written to `folder/epoch_0001.wav` and so on, and the first sixteen clips, playing at
    once, to `folder/epoch_0001.webp`. In a folder that holds pictures of an earlier run, the animation shows this run only, and
    the earlier epochs of a run that is resumed.

    A picture or an animation that cannot be written (the disk is full, say) is a warning, and training continues.

    Args:
        folder: Pictures are written to `folder/epoch_0001.png` and so on, the animation to `folder/training.webp`.
        every: Epochs between two pictures, an integer of at least 1. The last epoch is always drawn.
        n: Samples per picture, an integer of at least 1.
        seed: Seed of the latents.
        labels: Class labels for a conditional model. None draws a row for each class.
        tensorboard: Log folder for TensorBoard's tabs of images, where clips play, and of sounds; or None.
        display: Whether a notebook shows the newest picture below the cell that trains.
        on_picture: Function that is called with the epoch, counted from 1, and the path of each picture once it is written, to
            send it to an experiment tracker, say (docs/trackers.md). What it raises ends training.

    Raises:
        ImportError: If `display` is set and IPython is not installed.
        ValueError: If `every` or `n` is out of range; from `fit`, before training, if the samples cannot be drawn.
        OSError: From `fit`, before training, if the folder cannot be created.
    """

    def __init__(
        self,
        folder: PathLike,
        every: int = 1,
        n: int = 64,
        seed: int = 0,
        labels: Any = None,
        tensorboard: PathLike | None = None,
        display: bool = False,
        on_picture: Callable[[int, Path], object] | None = None,
    ):
        super().__init__()
        self.folder = Path(folder)
        self.every, self.n = check_count("every", every), check_count("n", n)
        self.seed, self.labels = seed, labels
        self.tensorboard = tensorboard
        self.on_picture = on_picture
        self._events: TensorBoardEvents | None = None
        self._show: Any = _import_display() if display else None
        self._shown: Any = None  # the output that is updated

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        if not self.model.drawable:
            raise ValueError(
                f"SampleGrid cannot draw samples of shape {self.model.data_shape}: it draws images of 1, 3 or 4 channels, "
                "sounds, clips and 2-D points. Leave it out for this model."
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        self._frames: dict[int, Path] | None = None
        if self.tensorboard is not None:
            self._events = TensorBoardEvents(self.tensorboard)
        self._shown = None

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        if self._frames is None:  # the first epoch of this call of `fit`; a resumed run has earlier ones
            self._frames = {number: path for number, path in self._pictures().items() if number <= epoch}
            if self._events is not None:
                self._events.begin(epoch + 1)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        if (epoch + 1) % self.every and epoch + 1 != self.params.get("epochs"):
            return
        image = self.model.draw(self.n, self.seed, self.labels, at_data_size=True)
        recording = self.model.medium.record(self.model, *self._first(_MOST_SOUNDS))
        animation = self.model.medium.animate(self.model, *self._first(_MOST_CLIPS))
        if self._show is not None:
            self._display(as_pillow(image))
        path = self.folder / f"epoch_{epoch + 1:04d}.png"
        try:
            save_picture(path, image, declare(self.model))
            if recording is not None:
                with replacing(path.with_suffix(".wav")) as temporary:
                    temporary.write_bytes(declare(self.model).into(recording.wav))
            if animation is not None:
                write_clip(path.with_suffix(".webp"), animation.frames, animation.fps, declare(self.model))
        except OSError as error:
            warnings.warn(f"{path} could not be written: {error}", stacklevel=2)
            return
        assert self._frames is not None
        self._frames[epoch + 1] = path
        if self._events is not None:
            self._events.image("samples", path.read_bytes(), image.shape, epoch + 1)
            if recording is not None:
                self._events.audio("samples", recording.wav, recording.sample_rate, epoch + 1)
            if animation is not None:
                # TensorBoard shows no videos, but browsers play GIFs among its images.
                gif = encode(animation.frames, animation.fps, "GIF")
                self._events.image("clips", gif, animation.frames.shape[1:], epoch + 1)
        if self.on_picture is not None:
            self.on_picture(epoch + 1, path)

    def _first(self, most: int) -> tuple[int, int, Any]:
        """Return number, seed and labels of the first few samples."""
        return min(self.n, most), self.seed, self.labels if np.ndim(self.labels) == 0 else self.labels[:most]

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        if self._events is not None:
            self._events.close()
        if self._frames:
            try:
                self._animate([path for _, path in sorted(self._frames.items())])
            except (OSError, ValueError, RuntimeError) as error:  # Pillow raises all three
                warnings.warn(f"{self.folder / 'training.webp'} could not be written: {error}", stacklevel=2)

    def _display(self, picture: Image.Image) -> None:
        """Show a picture in place of the one before."""
        if self._shown is None:
            self._shown = self._show(picture, display_id=True)
        else:
            self._shown.update(picture)

    def _pictures(self) -> dict[int, Path]:
        """Return the pictures in the folder by epoch."""
        found = {path: _NAME.fullmatch(path.name) for path in self.folder.iterdir()}
        return {int(match[1]): path for path, match in found.items() if match}

    def _animate(self, pictures: list[Path]) -> None:
        """Join pictures of the size of the last one, at most 120."""
        # A resumed run may draw another number of samples than before.
        sizes = [_size(picture) for picture in pictures]
        frames: list[PathLike] = [picture for picture, size in zip(pictures, sizes, strict=True) if size == sizes[-1]]
        stride = -(-len(frames) // _MOST_FRAMES)
        frames = frames[::-1][::stride][::-1]  # counted from the end, so that the last picture is always included
        if len(frames) > 1:
            save_animation(self.folder / "training.webp", frames)


def _import_display() -> Any:
    """Return the function that shows things in notebooks."""
    try:
        return importlib.import_module("IPython.display").display
    except ImportError as error:
        raise ImportError("SampleGrid(display=True) is for notebooks and needs IPython: pip install ipython.") from error


def _size(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size
