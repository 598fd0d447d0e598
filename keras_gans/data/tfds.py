"""Samples from TensorFlow Datasets, read from its prepared files."""

import os
import urllib.error
import urllib.request

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

    Files prepared by TensorFlow Datasets are looked for in `TFDS_DATA_DIR`, or its default folder; what is not there is
    downloaded and prepared first, if there is a network.
    """

    argument = "NAME"
    splits = None

    def load(self, request: Request) -> Data:
        """Loads data: see `Loader.load`.

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
        shape = _target_shape(name, builder, split, request.image_shape)
        examples = builder.as_dataset(split=split, shuffle_files=False)
        samples_count = builder.info.splits[split].num_examples
        samples, labels = Stream(examples, (samples_count, *shape), options), None
        labelled = samples.labelled
        if memory_limit.fits(samples.shape):
            images, labels = samples.to_arrays()
            samples = Croppable(images, shape, options) if samples.random_numbers else images
        return Data(
            request.name,
            samples,
            labels if labelled else None,
            getattr(features["label"], "names", None) if labelled else None,
            str(builder.info.redistribution_info.license or "") or _KNOWN_LICENCES.get(builder.name, ""),
            notes=describe_fitting({features["image"].shape: samples_count}, shape),
        )


def _prepared_builder(name):
    """Returns the builder of a data set whose files are there."""
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


def _check_split(name, split, splits):
    """Raises ValueError for a split that is not there, and for a part of one, such as "train[:10%]", that cannot be read."""
    try:
        count = splits[split].num_examples
    except (KeyError, ValueError, AssertionError) as error:
        has = f"It has: {', '.join(splits)}; a part of one looks like {next(iter(splits))}[:10%]."
        raise ValueError(f"'{name}' has no split '{split}'. {has}") from error
    if not count:
        raise ValueError(f"The split '{split}' of '{name}' is empty.")


def _prepare(name, builder):
    missing = f"The data set '{name}' is not prepared in {builder.data_dir}"
    way_out = "Set TFDS_DATA_DIR to a folder that holds it."
    unreachable = _network_error()
    if unreachable:
        # TensorFlow Datasets itself would try again and again for minutes before it says so.
        raise ValueError(f"{missing}, and there is no network to download it from ({unreachable}). {way_out}")
    try:
        builder.download_and_prepare()
    except Exception as error:  # whatever the network, the disk or the builder raises, the way out is the same
        reason = f"{type(error).__name__}: {error}".partition("\n")[0]
        raise ValueError(f"{missing}, and preparing it failed ({reason[:160]}). {way_out}") from error


def _network_error():
    """Returns why the network cannot be reached, as it is seen within seconds; None if it can."""
    try:
        # Where TensorFlow Datasets looks first. Proxies that the environment names are used, as for its downloads.
        with urllib.request.urlopen("https://storage.googleapis.com/tfds-data", timeout=_SECONDS_FOR_THE_NETWORK):
            return None
    except urllib.error.HTTPError:
        return None  # an answer, whatever it says
    except OSError as error:
        return str(getattr(error, "reason", error) or type(error).__name__)


# What builders leave out of their own metadata, as their upstream states it.
_KNOWN_LICENCES = {"mnist": "CC BY-SA 3.0"}


def _target_shape(name, builder, split, image_shape):
    declared = builder.info.features["image"]
    if declared.np_dtype != np.uint8:
        raise ValueError(f"'{name}' holds images of dtype {declared.np_dtype.__name__}; only 8-bit images are supported.")
    if None in declared.shape and image_shape is None:
        raise ValueError(
            f"'{name}' contains images of several sizes. Choose the size to resize them to, such as image_shape=(64, 64) or "
            "--image_size=64."
        )
    return complete_shape(image_shape, declared.shape)


def _no_such_dataset(name, tfds):
    sources = [usage for usage in usages() if usage != f"tfds:{TensorFlowDataset.argument}"]
    known = sorted({*sources, *SOURCES.names(), *tfds.list_builders(with_community_datasets=False)})
    message = no_such("data source", name, known)
    hint = message[: message.index(" There are:")]
    return f"{hint} There are: {', '.join(sources)}, and every data set of TensorFlow Datasets by its name."
