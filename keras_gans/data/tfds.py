"""Samples from TensorFlow Datasets, read from its prepared files."""

import os
import urllib.error
import urllib.request
from typing import Any

import numpy as np

from keras_gans.data import memory_limit
from keras_gans.data.data import Data
from keras_gans.data.decoded import Croppable
from keras_gans.data.paths import refuse_existing_path
from keras_gans.data.registry import SOURCES, Loader, Request, usages
from keras_gans.data.resize import complete_shape, describe_fitting
from keras_gans.data.streams import Stream
from keras_gans.errors import no_such

_SECONDS_FOR_THE_NETWORK = 5


@SOURCES.register("tfds")
class TensorFlowDataset(Loader):
    """The images, and the labels if there are any, of a data set that TensorFlow Datasets knows.

    Prepared files are read from `TFDS_DATA_DIR`, or from the default folder of TensorFlow Datasets. A data set that is not
    there is downloaded and prepared first.
    """

    argument = "NAME"
    splits = None

    def load(self, request: Request) -> Data:
        """Load data: see `Loader.load`.

        Raises:
            ImportError: If TensorFlow or TensorFlow Datasets is not installed.
            ValueError: If there is no such data set or split, it holds no images, or it cannot be prepared.
        """
        name, split, options = request.rest, request.split, request.image_options
        builder = _prepared_builder(name)
        _check_split(name, split, builder.info.splits)
        features = builder.info.features
        if "image" not in features:
            raise ValueError(f"'{name}' has the features {list(features)} and no 'image': it cannot train an image model.")
        shape = _target_shape(name, builder, request.image_shape)
        examples = builder.as_dataset(split=split, shuffle_files=False)
        samples_count = builder.info.splits[split].num_examples
        stream, labels = Stream(examples, (samples_count, *shape), options), None
        samples: Any = stream
        labelled = stream.labelled
        if memory_limit.fits(stream.shape):
            images, labels = stream.to_arrays()
            samples = Croppable(images, shape, options) if stream.random_numbers else images
        return Data(
            request.name,
            samples,
            labels if labelled else None,
            getattr(features["label"], "names", None) if labelled else None,
            str(builder.info.redistribution_info.license or "") or _KNOWN_LICENCES.get(builder.name, ""),
            notes=describe_fitting({tuple(features["image"].shape)}, shape, samples_count),
        )


def _prepared_builder(name: str) -> Any:
    """Return the builder of a data set, which is prepared if necessary."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        import tensorflow_datasets as tfds
    except ImportError as error:
        refuse_existing_path(name)
        raise ImportError(
            f"The data source 'tfds:{name}' needs tensorflow and tensorflow-datasets ({error}): "
            'pip install "keras-gans[tfds]". Without them, train from npz:PATH or folder:PATH.'
        ) from error
    try:
        builder = tfds.builder(name)
    except (tfds.core.DatasetNotFoundError, ValueError) as error:
        refuse_existing_path(name)
        raise ValueError(_no_such_dataset(name, tfds)) from error
    if not builder.data_path.exists():
        _prepare(name, builder)
    return builder


def _check_split(name: str, split: str, splits: Any) -> None:
    """Raise ValueError for a split that is not there, and for a part of one, such as "train[:10%]", that cannot be read."""
    try:
        count = splits[split].num_examples
    except (KeyError, ValueError, AssertionError) as error:
        has = f"It has: {', '.join(splits)}; a part of one looks like {next(iter(splits))}[:10%]."
        raise ValueError(f"'{name}' has no split '{split}'. {has}") from error
    if not count:
        raise ValueError(f"The split '{split}' of '{name}' is empty.")


def _prepare(name: str, builder: Any) -> None:
    missing = f"The data set '{name}' is not prepared in {builder.data_dir}"
    way_out = "Set TFDS_DATA_DIR to a folder that holds it."
    unreachable = _network_error()
    if unreachable:
        # TensorFlow Datasets itself would retry for minutes.
        raise ValueError(f"{missing}, and there is no network to download it from ({unreachable}). {way_out}")
    try:
        builder.download_and_prepare()
    except Exception as error:  # whatever the network, the disk or the builder raises, the way out is the same
        reason = f"{type(error).__name__}: {error}".partition("\n")[0]
        raise ValueError(f"{missing}, and preparing it failed ({reason[:160]}). {way_out}") from error


def _network_error() -> str | None:
    """Return why the network cannot be reached, found out within seconds; None if it can."""
    try:
        # Where TensorFlow Datasets looks first. Proxies that the environment names are used, as for its downloads.
        with urllib.request.urlopen("https://storage.googleapis.com/tfds-data", timeout=_SECONDS_FOR_THE_NETWORK):
            return None
    except urllib.error.HTTPError:
        return None  # an answer, whatever it says
    except OSError as error:
        return str(getattr(error, "reason", error) or type(error).__name__)


# Licences that builders do not state, from the data sets' own pages.
_KNOWN_LICENCES = {"mnist": "CC BY-SA 3.0"}


def _target_shape(name: str, builder: Any, image_shape: tuple[int, ...] | None) -> tuple[int, ...]:
    declared = builder.info.features["image"]
    if declared.np_dtype != np.uint8:
        raise ValueError(f"'{name}' holds images of dtype {declared.np_dtype.__name__}; only 8-bit images are supported.")
    if None in declared.shape and image_shape is None:
        raise ValueError(
            f"'{name}' contains images of several sizes. Choose the size to resize them to, such as image_shape=(64, 64) or "
            "--image_size=64."
        )
    return complete_shape(image_shape, declared.shape)


def _no_such_dataset(name: str, tfds: Any) -> str:
    sources = [usage for usage in usages() if usage != f"tfds:{TensorFlowDataset.argument}"]
    known = sorted({*sources, *SOURCES.names(), *tfds.list_builders(with_community_datasets=False)})
    message = no_such("data source", name, known)
    hint = message[: message.index(" There are:")]
    return f"{hint} There are: {', '.join(sources)}, and every data set of TensorFlow Datasets by its name."
