"""Samples from TFRecord files that `keras_gans.data.convert` wrote, each found by its position.

Any reader of TFRecord files can read them. Their index beside them makes them more: batches come in true permutations,
training can begin at any step, and TensorFlow is not needed.

    DIR/index.json             what the samples are: count, shape, classes, licence; size and SHA-256 of each file
    DIR/index.npz              where they are: `start`, `size` and CRC-32 of each payload, and `label`
    DIR/data-00000.tfrecord    `tf.train.Example`s of `image` (PNG, or raw bytes) or `sample` (floats), and `label`
"""

import bisect
import io
import itertools
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from keras_gans.data.data import Data
from keras_gans.data.decoded import DecodedSamples, decode_if_small, open_picture
from keras_gans.data.registry import SOURCES, Loader, Request
from keras_gans.data.resize import ImageOptions, complete_shape
from keras_gans.data.service import ServedRecords
from keras_gans.data.skipped import Skipped, UnreadableError
from keras_gans.files import read_npz, read_object
from keras_gans.media.pictures import as_pillow

INDEX, PLACES = "index.json", "index.npz"
FORMAT, VERSION = "keras_gans tfrecord", 1


@SOURCES.register("tfrecord")
class RecordFolder(Loader):
    """A folder that `keras_gans.data.convert` wrote. Samples have the shape of the records unless an image shape is given.

    The option `service` is the address of a tf.data service that reads and decodes the records in place of this process.
    """

    argument = "PATH"
    options = ("service",)

    def check_path(self, path: Path) -> None:
        if not (path / INDEX).is_file():
            raise FileNotFoundError(
                f"{path} does not contain {INDEX}: write a set with keras-gans data convert --output={path}."
            )

    def load(self, request: Request) -> Data:
        root, options, skipped = Path(request.rest).expanduser(), request.image_options, Skipped("record")
        index, places = _read_index(root)
        own_shape, encoding = tuple(index["shape"]), index["encoding"]
        if encoding == "float32":
            if request.image_shape is not None and complete_shape(request.image_shape, own_shape) != own_shape:
                raise ValueError(f"{root} holds floats of shape {own_shape}; only uint8 images can be resized.")
            shape, options = own_shape, ImageOptions()
        else:
            shape = complete_shape(request.image_shape, own_shape)
            options = ImageOptions() if shape == own_shape else options
        service = request.options.get("service")
        if service is not None:
            if shape != own_shape:
                raise ValueError(
                    f"{root} holds samples of shape {own_shape}; a tf.data service cannot resize them to {shape}: convert them "
                    "to that size."
                )
            return Data(request.name, ServedRecords(root, index, service), None, index["class_names"], index["licence"])
        records = Records(root, index, places, shape, options, skipped, request.strict)
        unit = max(1.0, own_shape[1] * shape[0] / (own_shape[0] * shape[1])) if options.random_numbers else 1.0
        samples, kept = decode_if_small(records, float(np.prod(shape)) * records.dtype.itemsize * max(unit, 1 / unit))
        if len(samples) == 0:
            raise ValueError(f"{root} holds no readable record: the first is damaged ({skipped[0][1]}).")
        skipped.warn(stacklevel=3)
        labels = places["label"] if index["labelled"] else None
        labels = labels if labels is None or kept is None else labels[kept]
        return Data(request.name, samples, labels, index["class_names"], index["licence"], skipped=skipped)


class Records(DecodedSamples):
    """Records as samples.

    Args:
        root: The folder.
        index: Contents of `index.json`.
        places: Contents of `index.npz`.
        shape: Shape of one sample.
        options: How images are brought to that shape, if the records have another.
        skipped: Where damaged records are listed.
        strict: Whether a damaged record is an error.
    """

    options: ImageOptions

    def __init__(
        self,
        root: Path,
        index: Mapping[str, Any],
        places: Mapping[str, np.ndarray],
        shape: tuple[int, ...],
        options: ImageOptions,
        skipped: Skipped,
        strict: bool,
    ):
        dtype = "float32" if index["encoding"] == "float32" else "uint8"
        super().__init__((index["count"], *shape), options, skipped, strict, dtype)
        self.own_shape = tuple(index["shape"])
        self.encoding = index["encoding"]
        self.files = [root / file["name"] for file in index["files"]]
        self.ends = list(itertools.accumulate(file["count"] for file in index["files"]))
        self.places = places

    def decode(self, position: int) -> np.ndarray:
        content = self._payload(position)
        if self.encoding == "float32":
            return np.frombuffer(content, "<f4").reshape(self.own_shape)
        if self.encoding == "raw":
            image = np.frombuffer(content, "uint8").reshape(self.own_shape)
            return image if self.own_shape == self.shape[1:] else self.options.prepare(as_pillow(image), self.shape[1:])
        picture = open_picture(io.BytesIO(content), None if self.options.keeps_size else self.shape[1:])
        return self.options.prepare(picture, self.shape[1:])

    def name(self, position: int) -> str:
        file = bisect.bisect_right(self.ends, position)
        return f"{self.files[file]}, record {position - (self.ends[file - 1] if file else 0)}"

    def _payload(self, position: int) -> bytes:
        file = self.files[bisect.bisect_right(self.ends, position)]
        return read_payload(file, *(int(self.places[name][position]) for name in ("start", "size", "crc32")))


def read_payload(file: Path, start: int, size: int, crc32: int) -> bytes:
    """Return a part of a file.

    Raises:
        UnreadableError: If it cannot be read, or its CRC-32 is another one.
    """
    try:
        with open(file, "rb", buffering=0) as opened:
            opened.seek(start)
            content = opened.read(size)
    except OSError as error:
        raise UnreadableError(error.strerror or type(error).__name__) from error
    if zlib.crc32(content) != crc32:
        raise UnreadableError("its bytes are not those that were written (CRC-32)")
    return content


def _read_index(root: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return what both index files hold.

    Raises:
        FileNotFoundError: If files are missing.
        ValueError: If they do not fit each other.
    """
    index = read_object(root / INDEX)
    if index.get("format") != FORMAT:
        raise ValueError(f"{root / INDEX} is not the index of a set that keras-gans data convert wrote.")
    if index.get("version") != VERSION:
        raise ValueError(f"{root} was written in version {index.get('version')} of its format; this is version {VERSION}.")
    try:
        count, dimensions = index["count"], len(index["shape"])
        counts = [(file["name"], file["count"], file["bytes"]) for file in index["files"]]
        named = all(name == Path(name).name for name, _, _ in counts)
        known = index["encoding"] in ("png", "raw", "float32") and {"labelled", "class_names", "licence"} <= index.keys()
    except (KeyError, TypeError) as error:
        raise ValueError(f"{root / INDEX} is damaged: {error!r}.") from error
    if not (known and named and dimensions and count == sum(number for _, number, _ in counts) >= 1):
        raise ValueError(f"{root / INDEX} is damaged: what it says of its files does not fit together.")
    _, places = read_npz(root / PLACES)
    if {name: len(array) for name, array in places.items()} != dict.fromkeys(("start", "size", "crc32", "label"), count):
        raise ValueError(f"{root / PLACES} does not belong to {root / INDEX}, which counts {count} samples.")
    for name, _, size in counts:
        if not (root / name).is_file():
            raise FileNotFoundError(f"{root / name} is missing.")
        if (root / name).stat().st_size != size:
            raise ValueError(
                f"{root / name} holds {(root / name).stat().st_size} bytes and not {size}: it was not copied whole."
            )
    return index, places
