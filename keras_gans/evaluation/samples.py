"""Samples to measure: fixed choices of real ones, and generated ones as files hold them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.errors import check_finite
from keras_gans.media import Medium

if TYPE_CHECKING:
    from keras_gans.data import Data

_CHUNK = 1000


def choose(data: Data, num: int, seed: int = 0) -> np.ndarray:
    """Return the sorted positions of `num` samples of a `Data`, drawn without replacement, or of all if there are fewer.

    From a stream, which has no random access, they are the first samples: TensorFlow Datasets shuffles its files.
    """
    if data.streamed:
        return np.arange(min(num, len(data)))
    return np.sort(np.random.default_rng(seed).permutation(len(data))[:num])


def read(data: Data, positions: np.ndarray, medium: Medium) -> np.ndarray:
    """Return the samples of a `Data` at sorted positions as they are measured, with centre crops instead of random ones.

    Raises:
        ValueError: If the data come from a tf.data service, which serves training only.
    """
    samples, _ = data.source.read(positions)
    return as_measured(samples, medium)


def stored_dtype(medium: Medium) -> np.dtype:
    """Return the dtype of samples in files, in which they are also measured."""
    return np.asarray(medium.to_file(np.zeros((1, *medium.sample_shape), "float32"))).dtype


def as_measured(samples: ArrayLike, medium: Medium) -> np.ndarray:
    """Return samples as files hold them, which is how they are measured: images rounded to 8 bits, points as float32.

    Args:
        samples: Floats in [-1, 1], or samples as files hold them, shape `(n, ...)`.
        medium: The medium of the real samples.

    Raises:
        ValueError: If there are none, their shape is another, or they contain NaN, infinity or values beyond [-1, 1].
    """
    samples, shape = np.asarray(samples), tuple(medium.sample_shape)
    if len(samples) == 0:
        raise ValueError("There are no samples to measure.")
    if samples.shape[1:] != shape:
        raise ValueError(
            f"The samples to measure have the shape {samples.shape[1:]}, the real ones {shape}: load the real ones in that "
            "shape (image_shape of load_data, or --image_size)."
        )
    stored = stored_dtype(medium)
    in_whole_numbers = np.issubdtype(stored, np.integer)
    if samples.dtype == np.uint8 or (in_whole_numbers and samples.dtype == stored):
        return samples
    if not np.issubdtype(samples.dtype, np.floating):
        accepted = f"{stored} {medium.name} or " if in_whole_numbers else ""
        raise ValueError(f"Samples must be {accepted}floats in [-1, 1]; received {samples.dtype}.")
    check_finite(samples, "Among the samples to measure, ")
    medium.check(samples)
    return np.asarray(medium.to_file(samples)).astype(stored, copy=False)


def regrouped(parts: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Yield the same samples in parts of at least 1,000, except for the last: extractors work in blocks."""
    gathered: list[np.ndarray] = []
    for part in parts:
        gathered.append(part)
        if sum(map(len, gathered)) >= _CHUNK:
            yield np.concatenate(gathered)
            gathered = []
    if gathered:
        yield np.concatenate(gathered)


def digest(samples: np.ndarray) -> str:
    """Return the SHA-256 of an array's shape, dtype and values."""
    hashed = hashlib.sha256(f"{samples.shape} {samples.dtype}".encode())
    hashed.update(np.ascontiguousarray(samples).data)
    return hashed.hexdigest()
