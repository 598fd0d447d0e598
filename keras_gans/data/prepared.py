"""Data sets that TensorFlow Datasets has prepared, read without TensorFlow."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import PIL

from keras_gans.data.data import Data
from keras_gans.data.decoded import decode_if_small
from keras_gans.data.paths import refuse_existing_path
from keras_gans.data.prepared_images import PreparedFile, PreparedImages, find_places
from keras_gans.data.registry import Request
from keras_gans.data.resize import ImageOptions, complete_shape, describe_fitting
from keras_gans.data.sample_parts import find_parts
from keras_gans.data.skipped import Skipped
from keras_gans.files import read_object

INFO, FEATURES = "dataset_info.json", "features.json"

# Licences that builders do not state, from the data sets' own pages.
KNOWN_LICENCES = {"mnist": "CC BY-SA 3.0"}


def load(request: Request, missing: ImportError) -> Data:
    """Load a prepared data set.

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
            f"The data source 'tfds:{name}' needs tensorflow and tensorflow-datasets ({missing}), because {data_dir()} does "
            'not hold it prepared: pip install "keras-gans[tfds]", or set TFDS_DATA_DIR to a folder that holds it. Without '
            "either, train from npz:PATH or folder:PATH."
        ) from missing
    info, features = read_object(folder / INFO), _features(folder)
    if "image" not in features.get("image", {}):
        raise ValueError(f"'{name}' has the features {list(features)} and no 'image': it cannot train an image model.")
    declared, label = features["image"]["image"], features.get("label")
    if label is not None and "classLabel" not in label and "int" not in label.get("tensor", {}).get("dtype", ""):
        raise ValueError(f"'{name}' has labels that are not integers: it cannot be read as images of classes.")
    own_shape = tuple(None if int(side) < 0 else int(side) for side in declared["shape"]["dimensions"])
    shape = target_shape(name, own_shape, np.dtype(declared.get("dtype", "uint8")), request.image_shape)
    options = ImageOptions() if shape == own_shape else request.image_options
    files = _files(name, folder, info, request.split)
    places = find_places(files, label is not None, in_turn=not info.get("disableShuffling"))
    images = PreparedImages(own_shape, shape, options, skipped, request.strict, [file.path for file in files], places)
    samples, kept = decode_if_small(images, float(np.prod(shape)))
    if len(samples) == 0:
        raise ValueError(f"{folder} holds no readable record: the first is damaged ({skipped[0][1]}).")
    skipped.warn(stacklevel=4)
    labels = None if label is None else places.label if kept is None else places.label[kept]
    notes = describe_fitting({own_shape}, shape, len(samples))  # type: ignore[arg-type]
    if places.jpeg.any():
        notes.append(f"JPEGs were decoded by Pillow {PIL.__version__}; TensorFlow may decode them a few levels differently")
    licence = str(info.get("redistributionInfo", {}).get("license") or "") or KNOWN_LICENCES.get(info["name"], "")
    return Data(request.name, samples, labels, _class_names(folder, label), licence, skipped=skipped, notes=notes)


def data_dir() -> Path:
    """Return the folder in which TensorFlow Datasets looks."""
    return Path(os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets").expanduser()


def find_folder(name: str) -> Path | None:
    """Return the folder of a data set, given as `NAME`, `NAME/CONFIG` or either with `:VERSION`; None if it is not prepared.

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
    """Return the shape of the samples to make of a data set's images.

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


def _files(name: str, folder: Path, info: Mapping[str, Any], split: str) -> list[PreparedFile]:
    """Return the files of a split such as `"train"`, `"train[:10%]"` or `"train+test"`."""
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
                found.append(PreparedFile(path, count, *inside))
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
