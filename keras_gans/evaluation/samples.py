"""Samples to be measured: fixed choices of real ones, and generated ones as 8-bit images."""

import hashlib

import numpy as np

from keras_gans.errors import check_finite
from keras_gans.media.pictures import is_image_shape, to_uint8

_CHUNK = 1000


def choose(data, num, seed=0):
    """Returns sorted positions of `num` samples of a `Data`, or of all if there are fewer, drawn without replacement.

    Those of a stream, which cannot be read at random, are its first ones: TensorFlow Datasets keeps files shuffled.
    """
    if data.streamed:
        return np.arange(min(num, len(data)))
    return np.sort(np.random.default_rng(seed).permutation(len(data))[:num])


def read(data, positions):
    """Returns the samples of a `Data` at sorted positions as they are measured, with centre cuts where it cuts at random.

    Raises:
        ValueError: If a tf.data service reads them, which deals them to training only.
    """
    samples, _ = data.source.read(positions)
    return as_measured(samples, data.shape)


def as_measured(samples, shape):
    """Returns samples as they are measured: images rounded to 8 bits, as files hold them; other samples float32.

    Args:
        samples: uint8 images, or floats in [-1, 1], shape `(n, ...)`.
        shape: Of the real samples.

    Raises:
        ValueError: If there are none, their shape is another, or they hold NaN, infinity or values beyond [-1, 1].
    """
    samples = np.asarray(samples)
    if len(samples) == 0:
        raise ValueError("There are no samples to measure.")
    if samples.shape[1:] != tuple(shape):
        raise ValueError(
            f"The samples to measure have the shape {samples.shape[1:]}, the real ones {tuple(shape)}: bring the real ones to "
            "theirs (image_shape of load_data, or --image_size)."
        )
    if samples.dtype == np.uint8:
        return samples
    if not np.issubdtype(samples.dtype, np.floating):
        raise ValueError(f"Samples are uint8 images or floats in [-1, 1]; received {samples.dtype}.")
    check_finite(samples, "Of the samples to measure, ")
    if not is_image_shape(samples.shape[1:]):
        return samples.astype("float32", copy=False)
    largest = float(np.abs(samples).max())
    if largest > 1.0 + 1e-3:
        raise ValueError(f"Images as floats lie in [-1, 1]; these reach {largest:g}.")
    return to_uint8(samples)


def regrouped(parts):
    """Yields the same samples in parts of at least 1,000, but the last: extractors work in blocks."""
    gathered = []
    for part in parts:
        gathered.append(part)
        if sum(map(len, gathered)) >= _CHUNK:
            yield np.concatenate(gathered)
            gathered = []
    if gathered:
        yield np.concatenate(gathered)


def digest(samples) -> str:
    """Returns the SHA-256 of an array: of its shape, its dtype and its values."""
    hashed = hashlib.sha256(f"{samples.shape} {samples.dtype}".encode())
    hashed.update(np.ascontiguousarray(samples))
    return hashed.hexdigest()
