"""Data sets that TensorFlow Datasets has prepared, read without TensorFlow."""

from __future__ import annotations

import dataclasses
import io
import itertools
import os
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import PIL
from PIL import Image

from keras_gans.data.data import Data
from keras_gans.data.decoded import FORMATS, DecodedSamples, decode_if_small, reason
from keras_gans.data.paths import refuse_existing_path
from keras_gans.data.record_files import RecordFile, find_records, parse_example
from keras_gans.data.registry import Request
from keras_gans.data.resize import ImageOptions, complete_shape, describe_fitting
from keras_gans.data.sample_parts import find_parts
from keras_gans.data.skipped import Skipped, UnreadableError
from keras_gans.data.tfrecords import read_payload
from keras_gans.files import read_object
from keras_gans.media.pictures import as_pillow

INFO, FEATURES = "dataset_info.json", "features.json"

# Licences that builders do not state, from the data sets' own pages.
KNOWN_LICENCES = {"mnist": "CC BY-SA 3.0"}

_MODES = {1: "L", 3: "RGB", 4: "RGBA"}  # Pillow's, by number of channels

# How TensorFlow Datasets reads several files: this many at a time, this many records of each in turn.
_AT_A_TIME, _IN_A_ROW = 16, 16


def load(request: Request, missing: ImportError) -> Data:
    """Loads a prepared data set.

    The samples, their order and their labels are those that TensorFlow Datasets gives. A JPEG may differ from what TensorFlow
    decodes by a few levels.

    Args:
        request: What `load_data` was asked for.
        missing: Why TensorFlow Datasets cannot be used.

    Raises:
        ImportError: If the data set is not prepared.
        ValueError: If its files are damaged, there is no such split, or it holds no 8-bit images.
    """
    name, skipped = request.rest, Skipped("record")
    folder = find_folder(name)
    if folder is None:
        refuse_existing_path(name)
        raise ImportError(
            f"The data source 'tfds:{name}' needs tensorflow and tensorflow-datasets ({missing}), because {data_dir()} does not "
            'hold it prepared: pip install "keras-gans[tfds]", or set TFDS_DATA_DIR to a folder that holds it. Without either, '
            "train from npz:PATH or folder:PATH."
        ) from missing
    info, features = read_object(folder / INFO), _features(folder)
    if "image" not in features.get("image", {}):
        raise ValueError(f"'{name}' has the features {list(features)} and no 'image': it cannot train an image model.")
    declared, label = features["image"]["image"], features.get("label")
    own_shape = tuple(None if int(side) < 0 else int(side) for side in declared["shape"]["dimensions"])
    shape = target_shape(name, own_shape, np.dtype(declared.get("dtype", "uint8")), request.image_shape)
    options = ImageOptions() if shape == own_shape else request.image_options
    places, files = _find_places(_files(name, folder, info, request.split), label is not None, info)
    images = PreparedImages(own_shape, shape, options, skipped, request.strict, files, places)
    samples, kept = decode_if_small(images, float(np.prod(shape)))
    if len(samples) == 0:
        raise ValueError(f"{folder} holds no readable record: the first is damaged ({skipped[0][1]}).")
    skipped.warn(stacklevel=4)
    labels = None if label is None else places.label if kept is None else places.label[kept]
    notes = describe_fitting({own_shape}, shape, len(samples))
    if places.jpeg.any():
        notes.append(f"JPEGs were decoded by Pillow {PIL.__version__}; TensorFlow may decode them a few levels differently")
    licence = str(info.get("redistributionInfo", {}).get("license") or "") or KNOWN_LICENCES.get(info["name"], "")
    return Data(request.name, samples, labels, _class_names(folder, label), licence, skipped=skipped, notes=notes)


def data_dir() -> Path:
    """Returns the folder in which TensorFlow Datasets looks."""
    return Path(os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets").expanduser()


def find_folder(name: str) -> Path | None:
    """Returns the folder of a data set, given as `NAME`, `NAME/CONFIG` or either with `:VERSION`; None if it is not prepared.

    Raises:
        ValueError: If the data set has several configurations, and none is named.
    """
    path, _, version = name.partition(":")
    root = data_dir() / path
    if not (version or _versions(root)) or (version and not (root / version).is_dir()):
        configurations = [found for found in sorted(root.glob("*/")) if _versions(found)]
        if len(configurations) > 1:
            known = ", ".join(f"{path}/{each.name}" for each in configurations)
            raise ValueError(f"'{name}' has several configurations: name one of {known}.")
        root = configurations[0] if configurations else root
    if version:
        return root / version if (root / version / INFO).is_file() else None
    return max(_versions(root), key=_number, default=None)


def _versions(root: Path) -> list[Path]:
    return [path.parent for path in root.glob(f"*/{INFO}") if re.fullmatch(r"\d+\.\d+\.\d+", path.parent.name)]


def _number(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in folder.name.split("."))


def _features(folder: Path) -> Mapping[str, Any]:
    try:
        return read_object(folder / FEATURES)["featuresDict"]["features"]
    except KeyError as error:
        raise ValueError(
            f"{folder / FEATURES} was written by an old version of TensorFlow Datasets: prepare the data set again, or install "
            'keras-gans[tfds] to read it: pip install "keras-gans[tfds]".'
        ) from error


def _class_names(folder: Path, label: Mapping[str, Any] | None) -> list[str] | None:
    if label is None or "classLabel" not in label:
        return None
    file = folder / "label.labels.txt"
    if file.is_file():
        return [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [str(number) for number in range(int(label["classLabel"]["numClasses"]))]


def target_shape(
    name: str, own_shape: Sequence[int | None], dtype: np.dtype, image_shape: tuple[int, ...] | None
) -> tuple[int, ...]:
    """Returns the shape of the samples to make of a data set's images.

    Args:
        name: Name of the data set.
        own_shape: Height, width and channels of the images; None where they differ.
        dtype: Their dtype.
        image_shape: The shape that was asked for, or None.

    Raises:
        ValueError: If the images are not uint8, or differ in size and no shape was asked for.
    """
    if dtype != np.uint8:
        raise ValueError(f"'{name}' holds images of dtype {np.dtype(dtype).name}; only 8-bit images are supported.")
    if None in own_shape and image_shape is None:
        raise ValueError(
            f"'{name}' contains images of several sizes. Choose the size to resize them to, such as image_shape=(64, 64) or "
            "--image_size=64."
        )
    return complete_shape(image_shape, own_shape)  # type: ignore[arg-type]


@dataclasses.dataclass
class _File:
    """A file of records, of which `range(first, last)` are read, of `count`."""

    path: Path
    count: int
    first: int
    last: int


def _files(name: str, folder: Path, info: Mapping[str, Any], split: str) -> list[_File]:
    """Returns the files of a split such as `"train"`, `"train[:10%]"` or `"train+test"`."""
    if info.get("fileFormat", "tfrecord") != "tfrecord":
        raise ValueError(f"{folder} holds files of the format {info['fileFormat']}; without TensorFlow, only TFRecord is read.")
    lengths = {each["name"]: [int(length) for length in each.get("shardLengths", ())] for each in info["splits"]}
    templates = {each["name"]: each.get("filepathTemplate") for each in info["splits"]}
    found = []
    for part, first, last in find_parts(name, split, {each: sum(shards) for each, shards in lengths.items()}):
        begin, shards = 0, lengths[part]
        for number, count in enumerate(shards):
            inside = max(first - begin, 0), min(last - begin, count)
            if inside[0] < inside[1]:
                path = folder / _file_name(templates[part], info["name"], part, number, len(shards))
                found.append(_File(path, count, *inside))
            begin += count
    return found


def _file_name(template: str | None, name: str, split: str, number: int, count: int) -> str:
    values = {
        "DATASET": name,
        "SPLIT": split,
        "FILEFORMAT": "tfrecord",
        "SHARD_INDEX": f"{number:05}",
        "NUM_SHARDS": f"{count:05}",
        "SHARD_X_OF_Y": f"{number:05}-of-{count:05}",
    }
    template = template or "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}"
    return re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], match[0]), template)


@dataclasses.dataclass
class _Places:
    """Where records are, and what is known of each: arrays of shape `(n,)`."""

    file: np.ndarray
    record: np.ndarray
    start: np.ndarray
    size: np.ndarray
    crc32: np.ndarray
    label: np.ndarray
    jpeg: np.ndarray
    intact: np.ndarray

    def take(self, order: np.ndarray) -> _Places:
        return _Places(**{field.name: getattr(self, field.name)[order] for field in dataclasses.fields(self)})


def _find_places(files: Sequence[_File], labelled: bool, info: Mapping[str, Any]) -> tuple[_Places, list[Path]]:
    """Returns where the images of files are, in the order in which TensorFlow Datasets reads them."""
    rows: list[tuple[int, ...]] = []
    for number, file in enumerate(files):
        try:
            records = find_records(file.path)
        except OSError as error:
            raise ValueError(f"{file.path} cannot be read ({error.strerror}): copy or prepare the data set again.") from error
        if len(records.starts) != file.count:
            raise ValueError(
                f"{file.path} holds {len(records.starts)} records and not {file.count}: copy or prepare the data set again."
            )
        rows += [(number, record, *_find_image(records, record, labelled)) for record in range(file.first, file.last)]
    columns = np.array(rows, "int64").reshape(len(rows), 8).T
    order = interleaved([file.last - file.first for file in files], 1 if info.get("disableShuffling") else _AT_A_TIME)
    return _Places(*columns[:5], columns[5].astype("int32"), *columns[6:].astype(bool)).take(order), [f.path for f in files]


def _find_image(records: RecordFile, number: int, labelled: bool) -> tuple[int, int, int, int, bool, bool]:
    """Returns start, size and CRC-32 of a record's image, its label, whether it is a JPEG, and whether the record is intact."""
    start, size = int(records.starts[number]), int(records.sizes[number])
    data = memoryview(records.content)
    try:
        features = parse_example(data, start, start + size) if records.intact[number] else {}
        first, last = features["image"]
        label = features["label"][0] if labelled else 0
    except (ValueError, KeyError):
        return start, size, 0, 0, False, False
    return first, last - first, zlib.crc32(data[first:last]), label, bytes(data[first : first + 2]) == b"\xff\xd8", True


def interleaved(counts: Sequence[int], at_a_time: int = _AT_A_TIME, in_a_row: int = _IN_A_ROW) -> np.ndarray:
    """Returns the order in which records of several files are read: `tf.data.Dataset.interleave`'s.

    Args:
        counts: Number of records of each file.
        at_a_time: Files that are read in turn.
        in_a_row: Records that are read of one before the next.

    Returns:
        Positions in the files one after the other, int64 of shape `(sum(counts),)`.
    """
    ends = list(itertools.accumulate(counts))
    waiting = iter([range(end - count, end) for count, end in zip(counts, ends, strict=True)])
    order: list[int] = []
    lanes: list[Iterator[int] | None] = [iter(each) for each in itertools.islice(waiting, at_a_time)]
    while any(lane is not None for lane in lanes):
        for place, lane in enumerate(lanes):
            if lane is None:
                continue
            some = list(itertools.islice(lane, in_a_row))
            order += some
            if len(some) < in_a_row:
                following = next(waiting, None)
                lanes[place] = None if following is None else iter(following)
    return np.array(order, "int64")


class PreparedImages(DecodedSamples):
    """Images of a prepared data set.

    Args:
        own_shape: Height, width and channels that the images have; None where they differ.
        shape: Height, width and channels of a sample.
        options: How images are brought to that shape.
        skipped: Where damaged records are listed.
        strict: Whether a damaged record is an error.
        files: The files.
        places: Where in them the images are.
    """

    def __init__(
        self,
        own_shape: tuple[int | None, ...],
        shape: tuple[int, ...],
        options: ImageOptions,
        skipped: Skipped,
        strict: bool,
        files: Sequence[Path],
        places: _Places,
    ):
        super().__init__((len(places.start), *shape), options, skipped, strict)
        self.own_shape, self.files, self.places = own_shape, files, places

    def decode(self, position: int) -> np.ndarray:
        if not self.places.intact[position]:
            raise UnreadableError("it is no example with an image, or its bytes are not those that were written (CRC-32C)")
        file, start, size = self.files[self.places.file[position]], self.places.start[position], self.places.size[position]
        content = read_payload(file, int(start), int(size), int(self.places.crc32[position]))
        image = self._pixels(content)
        fixed = zip(image.shape, self.own_shape, strict=True)
        if any(own is not None and side != own for side, own in fixed):
            raise UnreadableError(f"its shape is {image.shape} and not {self.own_shape}")
        if image.shape == self.shape[1:]:
            return image
        return self.options.prepare(as_pillow(image), self.shape[1:])

    def name(self, position: int) -> str:
        return f"{self.files[self.places.file[position]]}, record {self.places.record[position]}"

    def _pixels(self, content: bytes) -> np.ndarray:
        """Returns the pixels as TensorFlow does: not turned upright, without transparency, and 16 bits cut to 8."""
        try:
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                picture.load()
                if picture.mode.startswith("I"):
                    picture = Image.fromarray((np.asarray(picture) >> 8).astype("uint8"))
                pixels = np.asarray(picture.convert(_MODES.get(self.own_shape[-1] or 0)))
        except Exception as error:  # decoders raise whatever damaged bytes lead them to
            raise UnreadableError(reason(error)) from error
        return pixels.reshape(*pixels.shape[:2], -1)
