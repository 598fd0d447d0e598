"""What `fit` and `evaluate` accept as samples and conditions, and the errors for what they do not."""

from __future__ import annotations

import contextlib
import math
import numbers
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import keras
import numpy as np

from keras_gans.adversarial.expected import NO_WEIGHTS, Expected, name_conditions, to_array
from keras_gans.data import Data
from keras_gans.data.batches import Batches
from keras_gans.data.first_batch import is_dataset, watch_first_batch
from keras_gans.data.ordered_batches import OrderedBatches
from keras_gans.errors import check_count

__all__ = ["FirstBatch", "batches_of", "check_fit_arguments", "check_given", "data_arrays", "name_conditions", "order_batches"]

_BATCH_SIZE = 32  # Keras' own default
_COUNTS = ("epochs", "batch_size", "steps_per_epoch", "validation_steps", "validation_batch_size")


def check_fit_arguments(arguments: dict[str, Any]) -> None:
    """Check `fit`'s arguments other than the data, and make Python integers of NumPy's.

    Args:
        arguments: All arguments by name.

    Raises:
        ValueError: If one is out of range, or means nothing in adversarial training.
    """
    for name in ("sample_weight", "class_weight"):
        if arguments[name] is not None:
            raise ValueError(NO_WEIGHTS.format(name))
    for name in _COUNTS:
        if arguments[name] is not None:
            arguments[name] = check_count(name, arguments[name])
    share = arguments["validation_split"] = arguments["validation_split"] or 0.0
    if isinstance(share, bool) or not isinstance(share, numbers.Real) or not 0.0 <= float(share) < 1.0:
        raise ValueError(f"validation_split is a share of the samples, from 0 to below 1; received {share!r}.")


def check_given(x: Any, y: Any, expected: Expected) -> tuple[Any, Any]:
    """Return data as Keras takes them, checked as far as they are in memory.

    Args:
        x: Samples as an array, a tensor of any backend, a list of arrays, or a dict that contains conditions, too; or batches.
        y: Conditions: an array, a list, or a dict of these by name; None if there are none.
        expected: What the model learns from.

    Returns:
        `(x, y)`: NumPy arrays, or batches as they are and None.

    Raises:
        ValueError: If samples or conditions do not fit the model.
    """
    if isinstance(x, Mapping):
        x, named = expected.split(x)
        y = named if y is None else y
    if isinstance(x, list | tuple):
        x, y = _from_sequence(x, y, expected)
    x = to_array(x)
    if isinstance(y, Mapping):
        y = {name: _values(each) for name, each in y.items()}
    elif y is not None:
        y = _values(y)
    if isinstance(x, np.ndarray):
        expected.check_shape(x)
        if not len(x):
            raise ValueError(f"There are no samples: x has the shape {x.shape}.")
        expected.check(x, name_conditions(y, expected.conditions))
    elif hasattr(x, "shape"):  # read by slices, such as an HDF5 data set
        expected.check(np.asarray(x[:_BATCH_SIZE]), None)
    return x, y


def _values(y: Any) -> Any:
    return np.asarray(y) if isinstance(y, list | tuple) else to_array(y)


def _from_sequence(x: Any, y: Any, expected: Expected) -> tuple[Any, Any]:
    """Return samples and conditions of a list or tuple: `[samples]`, `(samples, conditions)`, or one entry for each sample."""
    rank = len(expected.sample_shape) + 1
    if x and np.ndim(x[0]) == rank:
        if len(x) == 1:
            return x[0], y
        if len(x) == 2 and y is None:
            return x
    elif x and all(np.shape(each) == np.shape(x[0]) and np.ndim(each) == rank - 1 for each in x):
        return np.stack([np.asarray(to_array(each)) for each in x]), y
    raise ValueError(
        f"Samples are one array of shape {expected.words}, or a data set of batches; received a {type(x).__name__} of {len(x)}."
    )


def data_arrays(data: Data, conditions: Mapping[str, Any]) -> tuple[np.ndarray, dict[str, np.ndarray] | None]:
    """Return all samples of a `Data`, and the conditions of these names, or None for no names.

    Raises:
        ValueError: If a condition is missing, or the samples do not fit in memory.
    """
    if data.streamed or data.source.training_only:
        raise ValueError(f"{data.name} is read as a stream, of which no array can be made: pass arrays, or a tf.data.Dataset.")
    everything = np.arange(len(data))
    samples, found = data.source.read(everything)
    missing = [name for name in conditions if name not in data.conditions]
    if missing:
        raise ValueError(f"{data.name} does not have the condition {', '.join(missing)}, which this model needs.")
    return np.asarray(samples), {name: np.asarray(data.conditions[name][found]) for name in conditions} or None


class FirstBatch:
    """Checks the first batch of data that come in batches.

    Args:
        expected: What the model learns from.
    """

    def __init__(self, expected: Expected):
        self._expected = expected
        self._mistake: Exception | None = None
        self._unseen: list[Any] = []

    def watch(self, batches: Any) -> Any:
        """Return batches to give to Keras in place of these, whose first is checked before it is used.

        Raises:
            ValueError: If there are no batches, or the first one is here already and does not fit the model.
        """
        if isinstance(batches, OrderedBatches):
            self._check_ordered(batches)
            return batches
        if is_dataset(batches):
            if int(batches.cardinality()) == 0:
                raise ValueError("The data set yields no batches.")
            self._unseen.append(batches)
        watched = watch_first_batch(batches, lambda batch: self._look(batches, batch))
        if self._unseen and keras.config.backend() != "tensorflow":  # where the first batch has been read by now
            raise ValueError("The data set yields no batches.")
        return watched

    def _check_ordered(self, batches: OrderedBatches) -> None:
        labels = getattr(batches, "labels", None)
        if self._expected.conditions and labels is not None and not isinstance(labels, bool):
            self._expected.check_conditions(name_conditions(labels, self._expected.conditions), len(batches.source))
        if np.issubdtype(batches.source.dtype, np.floating):
            samples = batches.first_samples(batches.batch_size)
            if samples is not None:
                self._expected.check(samples, None)

    def _look(self, batches: Any, batch: Any) -> None:
        self._unseen = [each for each in self._unseen if each is not batches]
        try:
            self._expected.check_batch(batch)
        except Exception as mistake:
            self._mistake = self._mistake or mistake  # tf.data reads ahead
            raise

    @contextlib.contextmanager
    def told(self) -> Iterator[None]:
        """Raise what was found wrong with a batch in place of the error that the backend makes of it.

        Raises:
            ValueError: If a batch does not fit the model, or a data set turned out to be empty.
        """
        try:
            yield
        except Exception:
            if self._mistake is not None:
                raise self._mistake.with_traceback(None) from None
            raise
        if self._unseen:
            raise ValueError("The data set yields no batches.")


def order_batches(arguments: dict[str, Any], seed_and_epoch: Callable[[int, int], tuple[int, int]]) -> Any:
    """Turn `fit`'s data into batches whose order is a function of (seed, epoch, step), if possible.

    Args:
        arguments: `fit`'s arguments; those that the batches replace are removed.
        seed_and_epoch: Returns, for a number of steps per epoch and a batch size, the seed and the first epoch of batches made
            from an array.

    Returns:
        `Batches`, or an object with the same `seek` and `as_dataset`; None for data that have an order of their own, such as a
        `tf.data.Dataset`.

    Raises:
        ValueError: If there are fewer samples than a batch, or `steps_per_epoch` is more than there are.
    """
    x, y = arguments["x"], arguments["y"]
    if isinstance(x, np.ndarray) and all(isinstance(each, np.ndarray) for each in keras.tree.flatten(y) if each is not None):
        batch_size, shuffle = arguments.pop("batch_size") or _BATCH_SIZE, arguments.pop("shuffle")
        _split_validation(arguments, batch_size)
        x, y = arguments.pop("x"), arguments.pop("y")
        seed, epoch = seed_and_epoch(max(1, len(x) // batch_size), batch_size)
        batches = Batches(x, y, batch_size, seed, max(epoch, arguments["initial_epoch"]), bool(shuffle))
    elif getattr(x, "ordered", False):
        batches = arguments.pop("x")
        arguments.pop("shuffle")
    else:
        return None
    steps = arguments.pop("steps_per_epoch") or len(batches)
    return batches if steps == len(batches) else batches.take(steps)


def batches_of(
    data: Data, arguments: dict[str, Any], conditions: Mapping[str, Any], seed_and_epoch: Callable[[int, int], tuple[int, int]]
) -> OrderedBatches:
    """Return batches of a `Data` that was given to `fit`, and remove the arguments they replace.

    Args:
        data: The data.
        arguments: `fit`'s arguments.
        conditions: The model's conditions by name.
        seed_and_epoch: See `order_batches`.

    Raises:
        ValueError: If an argument has no meaning for a `Data`.
    """
    if arguments["y"] is not None or arguments["validation_split"] or not arguments["shuffle"]:
        raise ValueError(
            "A Data has its own conditions, is shuffled and is not split: leave y, shuffle and validation_split out, or pass "
            "fit(data.samples, data.labels, ...)."
        )
    batch_size, arguments["batch_size"] = arguments["batch_size"] or _BATCH_SIZE, None
    seed, epoch = seed_and_epoch(max(1, len(data) // batch_size), batch_size)
    epoch = max(epoch, arguments["initial_epoch"])
    return data.batches(batch_size, seed, epoch, conditions=tuple(conditions))


def _split_validation(arguments: dict[str, Any], batch_size: int) -> None:
    """Put the last samples aside for validation, as Keras does where `validation_split` is given."""
    share = arguments.pop("validation_split") if arguments["validation_data"] is None else 0.0
    count = len(arguments["x"])
    kept = math.floor(count * (1.0 - share))
    if kept < batch_size:
        held_out = f", of which {kept} remain for training," if share else ""
        most = f": set batch_size to at most {kept}" if kept else ""
        raise ValueError(f"There are {count} samples{held_out or ','} fewer than one batch of {batch_size}{most}.")
    if not share:
        return
    parts = {name: arguments[name] for name in ("x", "y") if arguments[name] is not None}
    arguments["validation_data"] = tuple(keras.tree.map_structure(lambda each: each[kept:], part) for part in parts.values())
    arguments |= {name: keras.tree.map_structure(lambda each: each[:kept], part) for name, part in parts.items()}
