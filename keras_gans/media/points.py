"""Points: floats of any shape that are not images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from keras_gans.declaration import declare
from keras_gans.media.base import MEDIA, Medium
from keras_gans.media.pictures import save_picture, scatter
from keras_gans.media.writers import ArrayWriter, PictureWriter, Writer


@MEDIA.register("points")
class Points(Medium):
    """Floats of one shape, usually in [-1, 1]. Two coordinates are drawn as a scatter plot.

    Args:
        sample_shape: The shape of one sample, such as `(2,)`.
    """

    name = "points"
    one = "point"
    writers: ClassVar[Mapping[str, type[Writer]]] = {
        ".png": PictureWriter,
        ".jpg": PictureWriter,
        ".jpeg": PictureWriter,
        ".webp": PictureWriter,
        ".npy": ArrayWriter,
    }
    default_output = "samples.png"

    def __init__(self, sample_shape: tuple[int, ...]):
        super().__init__(sample_shape)
        if not self.drawable:
            self.default_output = "samples.npy"

    @property
    def drawable(self) -> bool:
        return self.sample_shape == (2,)

    def picture(self, samples: np.ndarray, columns: int | None = None) -> np.ndarray | None:
        return scatter(samples) if self.drawable else None

    def _not_drawable(self, shape: tuple[int, ...]) -> str:
        return f"Samples of shape {shape} cannot be drawn: only images (1, 3 or 4 channels) and 2-D points."

    def preset_files(self, model: Any) -> dict[str, Callable[[Path], None]]:
        return {"samples.png": lambda path: save_picture(path, model.draw(), declare(model))} if self.drawable else {}
