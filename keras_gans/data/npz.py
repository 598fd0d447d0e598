"""Samples from a NumPy archive."""

from pathlib import Path

import numpy as np

from keras_gans.data.data import Data
from keras_gans.data.decoded import as_samples
from keras_gans.data.registry import SOURCES, Loader, Request
from keras_gans.data.resize import complete_shape, fit_images
from keras_gans.errors import check_finite
from keras_gans.files import read_npz
from keras_gans.media import Images, Text

_SAMPLE_NAMES = ("x", "images", "x_train", "samples", "arr_0")
_LABEL_NAMES = ("y", "labels", "y_train", "arr_1")


@SOURCES.register("npz")
class NumPyArchive(Loader):
    """The samples, and the labels if there are any, of a `.npz` file.

    Samples are images `(n, height, width[, channels])`, uint8 or floats in [-1, 1], floats of any other shape, or tokens
    `(n, length)`, int32 or int64, which become int32.
    """

    argument = "PATH"

    def load(self, request: Request) -> Data:
        path = Path(request.rest).expanduser()
        names, arrays = read_npz(path, wanted=(*_SAMPLE_NAMES, *_LABEL_NAMES))
        samples = next((arrays[name] for name in _SAMPLE_NAMES if name in names), None)
        labels = next((arrays[name] for name in _LABEL_NAMES if name in names), None)
        if samples is None:
            raise ValueError(f"{path} holds the arrays {names}; samples must be named one of {list(_SAMPLE_NAMES)}.")
        samples = _checked_samples(path, samples)
        if labels is not None:
            labels = _checked_labels(path, labels, len(samples))
        if request.image_shape is not None:
            shape = complete_shape(request.image_shape, samples.shape[1:])
            if samples.dtype != np.uint8 and samples.shape[1:] != shape:
                raise ValueError(f"{path} holds floats of shape {samples.shape[1:]}; only uint8 images can be resized.")
            samples = as_samples(fit_images(samples, shape, request.image_options), shape, request.image_options)
        return Data(request.name, samples, labels)


def _checked_samples(path, samples):
    """Returns samples as uint8 images, float32, or int32 tokens."""
    if samples.ndim == 3:
        samples = samples[..., None]
    if samples.ndim < 2 or len(samples) == 0:
        raise ValueError(f"{path} holds samples of shape {samples.shape}; the first axis must count at least one sample.")
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
    largest = float(np.abs(samples).max())
    if largest > 1.0:
        raise ValueError(f"{path} holds floats up to {largest:g}; scale them to [-1, 1], or store images as uint8.")
    return samples


def _check(path, check, what):
    """Runs a check of a medium, and says in its error which file holds what."""
    try:
        check()
    except ValueError as error:
        raise ValueError(f"{path} holds {what}. {error}") from error


def _checked_labels(path, labels, count):
    labels = labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels
    if labels.shape != (count,) or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(
            f"{path} holds labels of shape {labels.shape} and dtype {labels.dtype}; there must be one integer for each of "
            f"the {count} samples."
        )
    return labels.astype("int32")
