"""Samples from TensorFlow Datasets, read from its prepared files: by TensorFlow where it is installed."""

import os
import urllib.error
import urllib.request
from typing import Any

from keras_gans.data import memory_limit, prepared
from keras_gans.data.data import Data
from keras_gans.data.decoded import Croppable
from keras_gans.data.paths import refuse_existing_path
from keras_gans.data.registry import SOURCES, Loader, Request, usages
from keras_gans.data.resize import describe_fitting
from keras_gans.data.sample_parts import no_such_split
from keras_gans.data.streams import Stream
from keras_gans.errors import no_such

_SECONDS_FOR_THE_NETWORK = 5


@SOURCES.register("tfds")
class TensorFlowDataset(Loader):
    """The images, and the labels if there are any, of a data set that TensorFlow Datasets knows.

    Prepared files are read from `TFDS_DATA_DIR`, or from the default folder of TensorFlow Datasets. A data set that is not
    there is downloaded and prepared first. That needs TensorFlow; prepared files are read without it, too.
    """

    argument = "NAME"
    splits = None

    def load(self, request: Request) -> Data:
        """Load data: see `Loader.load`.

        Raises:
            ImportError: If the data set is not prepared, and TensorFlow or TensorFlow Datasets is not installed.
            ValueError: If there is no such data set or split, it holds no images, or it cannot be prepared.
        """
        missing = _missing_library()
        if missing is not None:
            return prepared.load(request, missing)
        name, split, options = request.rest, request.split, request.image_options
        builder = _prepared_builder(name)
        _check_split(name, split, builder.info.splits)
        features = builder.info.features
        if "image" not in features:
            raise ValueError(f"'{name}' has the features {list(features)} and no 'image': it cannot train an image model.")
        shape = prepared.target_shape(name, features["image"].shape, features["image"].np_dtype, request.image_shape)
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
            str(builder.info.redistribution_info.license or "") or prepared.KNOWN_LICENCES.get(builder.name, ""),
            notes=describe_fitting({tuple(features["image"].shape)}, shape, samples_count),
        )


def _missing_library() -> ImportError | None:
    """Return why TensorFlow Datasets cannot be used; None if it can."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        import tensorflow  # noqa: F401
        import tensorflow_datasets  # noqa: F401
    except ImportError as error:
        return error
    return None


def _prepared_builder(name: str) -> Any:
    """Return the builder of a data set, which is prepared if necessary."""
    import tensorflow_datasets as tfds

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
        raise ValueError(no_such_split(name, split, splits)) from error
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


def _no_such_dataset(name: str, tfds: Any) -> str:
    sources = [usage for usage in usages() if usage != f"tfds:{TensorFlowDataset.argument}"]
    known = sorted({*sources, *SOURCES.names(), *tfds.list_builders(with_community_datasets=False)})
    message = no_such("data source", name, known)
    hint = message[: message.index(" There are:")]
    return f"{hint} There are: {', '.join(sources)}, and every data set of TensorFlow Datasets by its name."
