"""Samples from NumPy files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from keras_gans.data.data import Data
from keras_gans.data.decoded import as_samples
from keras_gans.data.given_frames import give_frames
from keras_gans.data.paths import check_file
from keras_gans.data.registry import SOURCES, Loader, Request
from keras_gans.data.resize import complete_shape, describe_fitting, fit_images
from keras_gans.errors import check_finite
from keras_gans.files import read_npz
from keras_gans.media import Audio, Images, Text, Video
from keras_gans.media.ranges import check_range
from keras_gans.video.clip import FPS

_SAMPLE_NAMES = ("x", "images", "x_train", "samples", "arr_0")
_LABEL_NAMES = ("y", "labels", "y_train", "arr_1")
_RATE, _FPS = "sample_rate", "fps"


@SOURCES.register("npz")
class NumPyArchive(Loader):
    """The samples, and the labels if there are any, of a `.npz` file; or the samples that a `.npy` file is.

    Samples are images `(n, height, width[, channels])`, uint8 or floats in [-1, 1], floats of any other shape, or tokens
    `(n, length)`, int32 or int64, which become int32. With an array `sample_rate` of one number, they are sounds `(n, length)`
    or `(n, length, 1)`, int16 or floats in [-1, 1]. With an array `fps` of one number, or if they are uint8
    `(n, frames, height, width, channels)`, they are clips; `fps` is 8 if it is not there.

    Options:
        given: For prediction: how many of a clip's first frames are the condition `frames`. The others are the sample.
    """

    argument = "PATH"
    options = ("given",)

    def check_path(self, path: Path) -> None:
        check_file(path)

    def load(self, request: Request) -> Data:
        path = Path(request.rest).expanduser()
        names, arrays = _read(path)
        samples: Any = next((arrays[name] for name in _SAMPLE_NAMES if name in names), None)
        labels = next((arrays[name] for name in _LABEL_NAMES if name in names), None)
        if samples is None:
            raise ValueError(f"{path} holds the arrays {names}; samples must be named one of {list(_SAMPLE_NAMES)}.")
        if _RATE in arrays:
            return _sounds(request, path, samples, labels, arrays[_RATE])
        given = request.options.get("given")
        if _FPS in arrays or (samples.ndim == 5 and samples.dtype == np.uint8):
            return give_frames(_clips(request, path, samples, labels, arrays.get(_FPS)), given)
        if given is not None:
            raise ValueError(f"{path} holds no clips, of which given={given} could give the first frames: leave given out.")
        samples = _checked_samples(path, samples)
        if labels is not None:
            labels = _checked_labels(path, labels, len(samples))
        notes: list[str] = []
        if request.image_shape is not None:
            shape = complete_shape(request.image_shape, samples.shape[1:])
            if samples.dtype != np.uint8 and samples.shape[1:] != shape:
                raise ValueError(f"{path} holds floats of shape {samples.shape[1:]}; only uint8 images can be resized.")
            notes = describe_fitting({samples.shape[1:]}, shape, len(samples))
            samples = as_samples(fit_images(samples, shape, request.image_options), shape, request.image_options)
        return Data(request.name, samples, labels, notes=notes)


def _read(path: Path) -> tuple[list[str], dict[str, np.ndarray]]:
    """Return the names of all arrays of a file, and those that may be samples or labels by name."""
    if path.suffix.lower() != ".npy":
        return read_npz(path, wanted=(*_SAMPLE_NAMES, *_LABEL_NAMES, _RATE, _FPS))
    try:
        return [_SAMPLE_NAMES[0]], {_SAMPLE_NAMES[0]: np.load(path, allow_pickle=False)}
    except (ValueError, OSError, EOFError) as error:
        raise ValueError(f"{path} is damaged, or is not a NumPy array of numbers (numpy.save): {error}") from error


def _sounds(request: Request, path: Path, samples: np.ndarray, labels: np.ndarray | None, rate: np.ndarray) -> Data:
    if request.image_shape is not None:
        raise ValueError(f"{path} holds sounds, which have no image size: leave image_shape out.")
    if rate.size != 1 or not np.issubdtype(rate.dtype, np.integer):
        raise ValueError(f"{path} holds a sample_rate of shape {rate.shape} and dtype {rate.dtype}; it must be one integer.")
    samples = samples[..., None] if samples.ndim == 2 else samples
    if samples.ndim != 3 or len(samples) == 0:
        raise ValueError(f"{path} holds sounds of shape {samples.shape}; they must be (n, length) or (n, length, 1).")
    medium = Audio(samples.shape[1:], int(rate.reshape(())))
    _check(path, lambda: medium.check(samples), f"sounds of shape {samples.shape}")
    samples = samples if samples.dtype == np.int16 else samples.astype("float32")
    return Data(request.name, samples, None if labels is None else _checked_labels(path, labels, len(samples)), medium=medium)


def _clips(request: Request, path: Path, samples: np.ndarray, labels: np.ndarray | None, fps: np.ndarray | None) -> Data:
    if samples.ndim == 4:
        samples = samples[..., None]
    if samples.ndim != 5 or len(samples) == 0:
        raise ValueError(f"{path} holds clips of shape {samples.shape}; they must be (n, frames, height, width, channels).")
    if request.image_shape is not None and complete_shape(request.image_shape, samples.shape[2:]) != samples.shape[2:]:
        raise ValueError(f"{path} holds clips of shape {samples.shape[1:]}, which are not resized: leave image_shape out.")
    if fps is not None and (fps.size != 1 or fps.dtype.kind not in "iuf"):
        raise ValueError(f"{path} holds fps of shape {fps.shape} and dtype {fps.dtype}; it must be one number.")
    medium = Video(samples.shape[1:], FPS if fps is None else float(fps.reshape(())))
    _check(path, lambda: medium.check(samples), f"clips of shape {samples.shape}")
    if samples.dtype != np.uint8 and samples.dtype.kind != "f":
        raise ValueError(f"{path} holds clips of dtype {samples.dtype}; use uint8 (0 to 255) or floats in [-1, 1].")
    samples = samples if samples.dtype == np.uint8 else samples.astype("float32")
    notes = [] if fps is not None else [f"{path.name} does not tell the frame rate (fps): {FPS:g} frames per second are taken"]
    labels = None if labels is None else _checked_labels(path, labels, len(samples))
    return Data(request.name, samples, labels, medium=medium, notes=notes)


def _checked_samples(path: Path, samples: np.ndarray) -> np.ndarray:
    """Return samples as uint8 images, float32, or int32 tokens."""
    if samples.ndim == 3:
        samples = samples[..., None]
    if samples.ndim < 2 or len(samples) == 0:
        raise ValueError(f"{path} holds samples of shape {samples.shape}; there must be at least one sample.")
    shape = samples.shape[1:]
    if samples.ndim == 2 and samples.dtype in ("int32", "int64"):
        _check(path, lambda: Text(shape).check(samples), f"integers of shape {samples.shape}")
        return samples.astype("int32")
    if samples.dtype == np.uint8:
        _check(path, lambda: Images(shape).check(samples), f"images of shape {shape}")
        return samples
    if not np.issubdtype(samples.dtype, np.floating):
        raise ValueError(f"{path} holds samples of dtype {samples.dtype}; use uint8 (0 to 255) or floats in [-1, 1].")
    samples = samples.astype("float32", copy=False)
    check_finite(samples, f"{path}: ")
    try:
        check_range(samples, "Samples")
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return samples


def _check(path: Path, check: Callable[[], None], what: str) -> None:
    """Run a check of a medium, whose error then names the file and its contents."""
    try:
        check()
    except ValueError as error:
        raise ValueError(f"{path} holds {what}. {error}") from error


def _checked_labels(path: Path, labels: np.ndarray, count: int) -> np.ndarray:
    labels = labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels
    if labels.shape != (count,) or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(
            f"{path} holds labels of shape {labels.shape} and dtype {labels.dtype}; there must be one integer for each of "
            f"the {count} samples."
        )
    return labels.astype("int32")
