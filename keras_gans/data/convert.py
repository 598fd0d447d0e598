"""Writes samples to TFRecord files, for sets that are read often, copied between machines, or too many for one folder."""

import hashlib
import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from keras_gans.conditions import LABELS
from keras_gans.data.data import Data
from keras_gans.data.record_files import AFTER, BEFORE
from keras_gans.data.tfrecords import FORMAT, INDEX, PLACES, VERSION
from keras_gans.files import refuse_existing, replacing, write_json
from keras_gans.media.pictures import as_png

SKIPPED = "skipped.txt"
ENCODINGS = ("png", "raw")


def write_records(
    data: Data,
    path: str | os.PathLike,
    encoding: str = "png",
    shard_mb: float = 256,
    overwrite: bool = False,
    report: Callable[[int], None] | None = None,
) -> int:
    """Write data, in order, to a folder that `load_data("tfrecord:PATH")` reads; unreadable samples are left out.

    The folder appears when it is complete. Its `skipped.txt` lists the samples that were left out, if any.

    Args:
        data: The data, such as `load_data` returns.
        path: The folder.
        encoding: How uint8 images are stored: `"png"`, or `"raw"`, which is larger and needs no decoding. Floats are stored
            unchanged.
        shard_mb: Start a new file once the current one reaches this size, in megabytes (1,000,000 bytes).
        overwrite: Whether to replace the contents of `path`.
        report: Called at intervals with the number of samples written so far.

    Returns:
        The number of samples written.

    Raises:
        FileExistsError: If the folder is not empty and `overwrite` is not set.
        ImportError: If TensorFlow is not installed.
        ValueError: If the samples are cropped or flipped at random, are not images or floats, have conditions other than
            labels, or cannot be read.
    """
    if encoding not in ENCODINGS:
        raise ValueError(f"encoding must be one of {', '.join(ENCODINGS)}; received {encoding!r}.")
    _check(data)
    refuse_existing(path, overwrite)
    try:
        import tensorflow  # noqa: F401
    except ImportError as error:
        raise ImportError(f"Writing TFRecord files needs tensorflow ({error}); reading them does not.") from error
    encoding = encoding if data.medium.pixels and data.source.dtype == np.uint8 else "float32"
    with replacing(path) as folder:
        folder.mkdir()
        shards = _Shards(folder, encoding, shard_mb * 1_000_000)
        for samples, labels in _in_order(data):
            for sample, label in zip(samples, labels, strict=True):
                shards.write(sample, label)
            if report is not None:
                report(shards.count)
        shards.close()
        if not shards.count:
            raise ValueError(f"{data.name} holds no sample that can be read.")
        shards.write_index(data)
        data.skipped.write(folder / SKIPPED)
    return shards.count


def _check(data: Data) -> None:
    """Raise ValueError if records cannot store the data."""
    if data.source.random_numbers or data.flip:
        raise ValueError("Random cuts and flips are drawn anew in each epoch of training; leave them out when converting.")
    others = [name for name in data.conditions if name != LABELS]
    if others:
        raise ValueError(
            f"{data.name} has the conditions {', '.join(others)}; records hold samples and labels only, so it cannot be "
            "converted without losing them."
        )
    if np.issubdtype(data.source.dtype, np.signedinteger):
        raise ValueError(f"{data.name} holds {data.medium.name} of dtype {data.source.dtype}; records hold images and floats.")


def _in_order(data: Data) -> Iterator[tuple[Any, Any]]:
    """Yield samples and their labels (None where there are none), some at a time."""
    for samples, positions, labels in data.source.in_order():
        if data.labels is not None:
            labels = data.labels[positions]
        yield samples, [None] * len(samples) if labels is None else labels


class _Shards:
    """Files of records, and where each record is."""

    def __init__(self, folder: Path, encoding: str, largest: float):
        self.folder, self.encoding, self.largest = folder, encoding, largest
        self.files: list[dict[str, Any]] = []
        self.places: dict[str, list[int]] = {"start": [], "size": [], "crc32": [], "label": []}
        self._writer: Any = None

    @property
    def count(self) -> int:
        return len(self.places["start"])

    def write(self, sample: np.ndarray, label: int | None) -> None:
        from tensorflow.core.example import example_pb2  # quicker by far than all of TensorFlow's names

        payload = _encode(sample, self.encoding)
        example = example_pb2.Example()
        features = example.features.feature
        if self.encoding == "float32":
            features["sample"].float_list.value.extend(np.ravel(sample).tolist())
        else:
            features["image"].bytes_list.value.append(payload)
        if label is not None:
            features["label"].int64_list.value.append(int(label))
        content = example.SerializeToString(deterministic=True)
        start = self._append(content) + content.index(payload)
        for name, value in (("start", start), ("size", len(payload)), ("crc32", zlib.crc32(payload)), ("label", label or 0)):
            self.places[name].append(value)

    def _append(self, content: bytes) -> int:
        """Write a record and return where its content begins."""
        import tensorflow as tf

        if self._writer is None:
            self.files.append({"name": f"data-{len(self.files):05}.tfrecord", "count": 0, "bytes": 0})
            self._writer = tf.io.TFRecordWriter(str(self.folder / self.files[-1]["name"]))
        file = self.files[-1]
        self._writer.write(content)
        start = file["bytes"] + BEFORE
        file["bytes"] += BEFORE + len(content) + AFTER
        file["count"] += 1
        if file["bytes"] >= self.largest:
            self.close()
        return start

    def close(self) -> None:
        """End the file that is being written."""
        if self._writer is None:
            return
        self._writer.close()
        self._writer = None
        with open(self.folder / self.files[-1]["name"], "rb") as file:
            os.fsync(file.fileno())
            self.files[-1]["sha256"] = hashlib.file_digest(file, "sha256").hexdigest()

    def write_index(self, data: Data) -> None:
        dtypes = {"start": "int64", "size": "int32", "crc32": "uint32", "label": "int32"}
        arrays: dict[str, Any] = {name: np.array(values, dtypes[name]) for name, values in self.places.items()}
        np.savez(self.folder / PLACES, **arrays)
        index = {
            "format": FORMAT,
            "version": VERSION,
            "source": data.name,
            "licence": data.licence,
            "count": self.count,
            "shape": list(data.shape),
            "encoding": self.encoding,
            "labelled": data.labelled,
            "class_names": None if data.class_names is None else list(data.class_names),
            "files": self.files,
        }
        write_json(self.folder / INDEX, index)


def _encode(sample: np.ndarray, encoding: str) -> bytes:
    if encoding == "float32":
        return np.ascontiguousarray(sample, "<f4").tobytes()
    if encoding == "raw":
        return np.ascontiguousarray(sample).tobytes()
    return as_png(sample)
