"""Samples from a NumPy archive."""

from pathlib import Path

import numpy as np

from keras_gans.data.decoded import as_samples
from keras_gans.data.resize import ImageOptions, complete_shape, fit_images
from keras_gans.errors import check_finite
from keras_gans.files import read_npz
from keras_gans.media.pictures import is_image_shape

_SAMPLE_NAMES = ("x", "images", "x_train", "samples", "arr_0")
_LABEL_NAMES = ("y", "labels", "y_train", "arr_1")


def load(path, image_shape=None, options=None):
    """Returns the samples, and the labels if there are any, of a `.npz` file.

    Samples are images `(n, height, width[, channels])`, uint8 or floats in [-1, 1], floats of any other shape, or ids of tokens
    `(n, length)`, int32 or int64, which become int32.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no `.npz` file or holds no usable samples, saying why.
    """
    path = Path(path).expanduser()
    names, arrays = read_npz(path, wanted=(*_SAMPLE_NAMES, *_LABEL_NAMES))
    samples = next((arrays[name] for name in _SAMPLE_NAMES if name in names), None)
    labels = next((arrays[name] for name in _LABEL_NAMES if name in names), None)
    if samples is None:
        raise ValueError(f"{path} holds the arrays {names}; samples must be named one of {list(_SAMPLE_NAMES)}.")
    samples = _checked_samples(path, samples)
    if labels is not None:
        labels = _checked_labels(path, labels, len(samples))
    if image_shape is not None:
        shape = complete_shape(image_shape, samples.shape[1:])
        if samples.dtype != np.uint8 and samples.shape[1:] != shape:
            raise ValueError(f"{path} holds floats of shape {samples.shape[1:]}; only uint8 images can be resized.")
        options = options or ImageOptions()
        samples = as_samples(fit_images(samples, shape, options), shape, options)
    return {"samples": samples, "labels": labels}


def _checked_samples(path, samples):
    if samples.ndim == 3:
        samples = samples[..., None]
    if samples.ndim < 2 or len(samples) == 0:
        raise ValueError(f"{path} holds samples of shape {samples.shape}; the first axis must count at least one sample.")
    if samples.ndim == 2 and samples.dtype in ("int32", "int64"):
        return _checked_tokens(path, samples)
    if samples.dtype == np.uint8:
        if not is_image_shape(samples.shape[1:]):
            raise ValueError(f"{path} holds images of shape {samples.shape[1:]}; they need 1 or 3 channels, last.")
        return samples
    if not np.issubdtype(samples.dtype, np.floating):
        raise ValueError(f"{path} holds samples of dtype {samples.dtype}; use uint8 (0 to 255) or floats in [-1, 1].")
    samples = samples.astype("float32", copy=False)
    check_finite(samples, f"{path}: ")
    largest = float(np.abs(samples).max())
    if largest > 1.0:
        raise ValueError(f"{path} holds floats up to {largest:g}; scale them to [-1, 1], or store images as uint8.")
    return samples


def _checked_tokens(path, tokens):
    if tokens.size == 0 or tokens.min() < 0 or tokens.max() > np.iinfo("int32").max:
        raise ValueError(f"{path} holds integers of shape {tokens.shape}; ids of tokens must lie between 0 and 2147483647.")
    return tokens.astype("int32")


def _checked_labels(path, labels, count):
    labels = labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels
    if labels.shape != (count,) or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(
            f"{path} holds labels of shape {labels.shape} and dtype {labels.dtype}; there must be one integer for each of "
            f"the {count} samples."
        )
    return labels.astype("int32")
