import os
from pathlib import Path
from typing import Any

import keras

from keras_gans.callbacks.tensorboard_events import TensorBoardEvents
from keras_gans.media.pictures import save_animation, save_picture

_MOST_FRAMES = 120


class SampleGrid(keras.callbacks.Callback):
    """Draws samples from the same latents after each epoch, and joins the pictures to an animation at the end.

    How they are drawn, the model's medium says: images in a grid, points in a plot.

    Args:
        folder: Pictures are written to `folder/epoch_0001.png` and so on, the animation to `folder/training.webp`.
        every: Epochs between two pictures; the last epoch has one, too.
        n: Samples per picture.
        seed: Seed of the latents.
        labels: Class labels for a conditional model. None draws a row for each class.
        tensorboard: Log folder for TensorBoard's image tab, or None.

    Raises:
        ValueError: From `fit`, if the model's medium cannot be drawn.
    """

    def __init__(
        self,
        folder: str | os.PathLike,
        every: int = 1,
        n: int = 64,
        seed: int = 0,
        labels: Any = None,
        tensorboard: str | os.PathLike | None = None,
    ):
        super().__init__()
        self.folder = Path(folder)
        self.every, self.n, self.seed, self.labels = every, n, seed, labels
        self.tensorboard = tensorboard
        self._events = None

    def on_train_begin(self, logs=None):
        self._begun = False
        if self.tensorboard is not None:
            self._events = TensorBoardEvents(self.tensorboard)

    def on_epoch_begin(self, epoch, logs=None):
        if self._events is not None and not self._begun:
            self._events.begin(epoch + 1)
            self._begun = True

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.every and epoch + 1 != self.params.get("epochs"):
            return
        image = self.model.draw(self.n, self.seed, self.labels, at_data_size=True)
        path = self.folder / f"epoch_{epoch + 1:04d}.png"
        save_picture(path, image)
        if self._events is not None:
            self._events.image("samples", path.read_bytes(), image.shape, epoch + 1)

    def on_train_end(self, logs=None):
        frames = sorted(self.folder.glob("epoch_*.png"))
        stride = -(-len(frames) // _MOST_FRAMES)
        # Counted from the end, so that the last picture is always in.
        frames = frames[::-1][::stride][::-1] if frames else []
        if len(frames) > 1:
            save_animation(self.folder / "training.webp", frames)
        if self._events is not None:
            self._events.close()
