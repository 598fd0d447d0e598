"""Images: height, width and 1, 3 or 4 channels (grey, RGB, RGBA), in [-1, 1] inside models and 8 bits in files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from keras_gans.declaration import declare
from keras_gans.media.base import MEDIA, Medium
from keras_gans.media.pictures import CHANNELS, SIDE, grid, save_picture, to_uint8
from keras_gans.media.ranges import check_range
from keras_gans.media.writers import ArrayWriter, PictureWriter, PNGFolderWriter, Writer

# Classes in a grid, and samples in a row, at most.
_MOST_CLASSES, _MOST_COLUMNS = 20, 16
# About so many pixels has the picture of a preset.
_PRESET_PIXELS = 2**19
# Larger images are shrunk to about this side before they are compared.
_COARSE_SIDE = 32


def is_image_shape(shape: tuple[int, ...]) -> bool:
    """Whether samples of this shape, without the batch, are images: height, width and 1, 3 or 4 channels."""
    return len(shape) == 3 and shape[-1] in CHANNELS


@MEDIA.register("images")
class Images(Medium):
    """Images of one size.

    Args:
        sample_shape: Height, width and channels (1, 3 or 4).

    Raises:
        ValueError: If the shape is not that of an image.
    """

    name = "images"
    one = "image"
    pipeline_tag = "unconditional-image-generation"
    writers: ClassVar[Mapping[str, type[Writer]]] = {
        ".png": PictureWriter,
        ".jpg": PictureWriter,
        ".jpeg": PictureWriter,
        ".webp": PictureWriter,
        ".npy": ArrayWriter,
        "/": PNGFolderWriter,
    }
    default_output = "samples.png"
    tiled = True
    pixels = True

    def __init__(self, sample_shape: tuple[int, ...]):
        if not is_image_shape(sample_shape):
            raise ValueError(f"Images have a height, a width and 1, 3 or 4 channels; received the shape {tuple(sample_shape)}.")
        super().__init__(sample_shape)

    def check(self, samples: np.ndarray) -> None:
        super().check(samples)
        check_range(samples, "Images")

    @classmethod
    def usage(cls, labelled: bool = False) -> str:
        return super().usage(labelled).replace(cls.many, "images", 1)

    def to_file(self, samples: np.ndarray) -> np.ndarray:
        """Return uint8 pixels of images in [-1, 1]; uint8 images are returned unchanged."""
        samples = np.asarray(samples)
        return samples if samples.dtype == np.uint8 else to_uint8(samples)

    @property
    def image_shape(self) -> tuple[int, ...] | None:
        return self.sample_shape

    @property
    def flippable(self) -> bool:
        return True

    @property
    def drawable(self) -> bool:
        return True

    def picture(self, samples: np.ndarray, columns: int | None = None) -> np.ndarray:
        samples = np.asarray(samples)
        return grid(self.to_file(samples), columns, scale=max(1, SIDE // samples.shape[1]))

    def tiles(self, samples: np.ndarray) -> np.ndarray:
        return self.to_file(samples)

    def shrink(self, samples: np.ndarray) -> np.ndarray:
        """Return images whose pixels are the means of squares of pixels, about 32 a side, if they are large."""
        n, height, width, channels = samples.shape
        factor = min(height, width) // _COARSE_SIDE
        if factor < 2:
            return samples
        rows, columns = height // factor, width // factor
        whole = samples[:, : rows * factor, : columns * factor]
        return whole.reshape(n, rows, factor, columns, factor, channels).mean(axis=(2, 4))

    def draw(
        self, model: Any, n: int = 64, seed: int | None = 0, labels: Any = None, at_data_size: bool = False, **sampling: Any
    ) -> np.ndarray:
        """Draw samples as one picture; if a class is the only condition, with rows of the same latents for each class."""
        if labels is not None or set(model.conditions) != {"labels"}:
            return super().draw(model, n, seed, labels, at_data_size, **sampling)
        classes = min(model.num_classes, _MOST_CLASSES)
        seeds = sampling.get("seeds")
        each = -(-n // classes) if seeds is None else len(seeds)
        rows = -(-each // _MOST_COLUMNS)
        if seeds is None:
            each = -(-each // rows) * rows
        elif each % rows:
            rows = 1
        which = {"n": each, "seed": seed} if seeds is None else {}
        samples = np.concatenate([model.generate(**which, labels=label, **sampling) for label in range(classes)])
        return self.picture(model.at_data_size(samples) if at_data_size else samples, each // rows)

    def preset_files(self, model: Any) -> dict[str, Callable[[Path], None]]:
        # As many of 64 samples as keep the file small.
        height, width = (side or SIDE for side in self.sample_shape[:2])  # None if images may have any size
        n = min(64, max(16, _PRESET_PIXELS // (height * width)))
        return {"samples.png": lambda path: save_picture(path, model.draw(n), declare(model))}
