"""What a model learns from, and checks of samples and conditions against it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from keras_gans._typing import Conditions, Shape
from keras_gans.conditions import IMAGES, LABELS, Condition
from keras_gans.errors import check_finite
from keras_gans.media import Images, Medium
from keras_gans.media.ranges import check_range, warn_of_half_range

# Names under which data sets keep samples, and a name for labels that TensorFlow Datasets uses.
_SAMPLE_NAMES = ("samples", "images", "image", "x")
_OTHER_NAMES = {LABELS: "label"}

NO_WEIGHTS = "Weights of single samples have no meaning for adversarial training: leave {} out."

# Layers that keep the range of what they are given.
_RESHAPING = ("Reshape", "Flatten", "Permute", "Identity", "Cropping1D", "Cropping2D", "Cropping3D", "UpSampling2D")


@dataclasses.dataclass(frozen=True)
class Expected:
    """What a model learns from.

    Attributes:
        medium: What a sample is.
        sample_shape: Shape of one real sample. None for a size that is free.
        conditions: Conditions by name.
        bounded: Whether samples beyond [-1, 1] cannot be learned, because the generator ends in tanh or the samples are images.
        scale: How many times as high and wide as its image a sample is, for models of any size; None for others.
    """

    medium: Medium
    sample_shape: Shape
    conditions: Mapping[str, Condition]
    bounded: bool = True
    scale: int | None = None

    @property
    def words(self) -> str:
        """The shape of all samples together, such as `(n, 28, 28, 1)`."""
        return f"(n, {', '.join('any' if size is None else str(size) for size in self.sample_shape)})"

    def unpack(self, data: Any) -> tuple[Any, Conditions]:
        """Return samples and conditions by name.

        Args:
            data: Samples, a tuple of samples and conditions, or a dict of both by name.

        Raises:
            ValueError: If conditions are missing, or there are sample weights.
        """
        samples, values, weights = keras.utils.unpack_x_y_sample_weight(data)
        if weights is not None:
            raise ValueError(NO_WEIGHTS.format("sample_weight"))
        samples, named = self.split(samples)
        return samples, name_conditions(named if values is None else values, self.conditions)

    def split(self, data: Any) -> tuple[Any, Any]:
        """Return the samples of a dict, and the dict if it has conditions, else None; anything else as it is, and None.

        Raises:
            ValueError: If no name is that of samples.
        """
        if not isinstance(data, Mapping):
            return data, None
        name = next((name for name in _SAMPLE_NAMES if name in data), None)
        if name is None:
            raise ValueError(f"Samples in a dict must be named one of {', '.join(_SAMPLE_NAMES)}; received {', '.join(data)}.")
        named = {_known_name(other, self.conditions): values for other, values in data.items() if other != name}
        return data[name], named if named and self.conditions else None

    def to_network(self, data: Any) -> tuple[Any, Conditions]:
        """Return the samples of a batch and its conditions by name, as networks take them. Runs in a step's graph.

        Raises:
            ValueError: If a shape or dtype is wrong, conditions are missing, or there are sample weights.
        """
        samples, values = self.unpack(data)
        self.check_shape(samples)
        self._check_sizes(samples, values)
        return self.medium.to_network(samples), {name: self.conditions[name].to_network(each) for name, each in values.items()}

    def check_shape(self, samples: Any) -> None:
        """Raise ValueError if samples have another shape."""
        shape = getattr(samples, "shape", None)
        if shape is None:
            raise ValueError(f"Samples are one array of shape {self.words}; received {type(samples).__name__}.")
        if getattr(shape, "rank", 0) is None:  # TensorFlow does not always know it of what Python functions return
            return
        if not _fits(shape[1:], self.sample_shape):
            raise ValueError(
                f"The data hold samples of shape {tuple(shape[1:])}, but this model generates {self.sample_shape}. Resize the "
                "data or build the model with their shape."
            )

    def check_batch(self, data: Any) -> None:
        """Check all values of a batch, as a data set yields it: see `check`."""
        samples, values = self.unpack(keras.tree.map_structure(to_array, data))
        self.check(samples, values)

    def check(self, samples: np.ndarray, values: Conditions | None) -> None:
        """Check all values of samples and their conditions.

        Args:
            samples: Array of samples.
            values: Values of conditions by name, as `check_conditions` takes them; None skips them.

        Raises:
            ValueError: If a shape, a dtype or a range is wrong, a value is not finite, or there are more or fewer values of a
                condition than samples.

        Warns:
            RangeWarning: If samples lie in [0, 1].
        """
        self.check_shape(samples)
        if samples.dtype.kind in "OSUM":
            raise ValueError(f"Samples are arrays of numbers; received the dtype {samples.dtype}.")
        self.medium.check(samples)
        if self.bounded and samples.dtype.kind == "f":
            check_finite(samples)
            what = "Images" if isinstance(self.medium, Images) else "Samples"
            check_range(samples, what)
            warn_of_half_range(samples, what)
        self.check_conditions(values or {}, len(samples))
        self._check_sizes(samples, values or {})

    def _check_sizes(self, samples: Any, values: Conditions) -> None:
        """Raise ValueError if samples are of another size than what a model of any size makes of their images."""
        if self.scale is None or IMAGES not in values:
            return
        made, given = (tuple(getattr(each, "shape", ()))[1:3] for each in (samples, values[IMAGES]))
        if len(made) + len(given) < 4 or None in (*made, *given) or made == tuple(self.scale * side for side in given):
            return
        size, other = ("x".join(map(str, sides)) for sides in (made, given))
        wanted = "as large as" if self.scale == 1 else f"{self.scale} times as high and wide as"
        raise ValueError(
            f"The samples are {size} and their images {other} pixels; this model makes samples that are {wanted} the images. "
            "The order is fit(samples, images): first what the model should make."
        )

    def check_conditions(self, values: Conditions, count: int) -> None:
        """Check all values of conditions; those that are not arrays are only counted.

        Args:
            values: Arrays, or sources of a data set, by name.
            count: Number of samples.

        Raises:
            ValueError: If an array does not fit the model, or there are more or fewer values than samples.
        """
        for name, each in values.items():
            if isinstance(each, np.ndarray):
                self.conditions[name].check(each)
            if hasattr(each, "__len__") and len(each) != count:
                raise ValueError(f"There are {count} samples, but {len(each)} values of the condition '{name}'.")


def name_conditions(values: Any, conditions: Mapping[str, Condition]) -> dict[str, Any]:
    """Return values of conditions by name.

    Args:
        values: A dict by name, or the values of the only condition; None for none.
        conditions: The model's conditions by name.

    Raises:
        ValueError: If there are several conditions and the values have no names, or a condition is missing.
    """
    if not conditions:
        return {}
    example = LABELS if LABELS in conditions else next(iter(conditions))
    if values is None:
        raise ValueError(
            f"This model is conditional and learns from {', '.join(conditions)}: pass fit(samples, {example}), pairs, or "
            f"load_data(...).batches(..., conditions={list(conditions)})."
        )
    if not isinstance(values, Mapping):
        if len(conditions) > 1:
            raise ValueError(f"This model learns from {', '.join(conditions)}: pass fit(samples, {{{example!r}: ..., ...}}).")
        return {example: values}
    missing = [name for name in conditions if name not in values]
    if missing:
        raise ValueError(f"This model learns from {', '.join(conditions)}; the data do not contain {', '.join(missing)}.")
    return {name: values[name] for name in conditions}


def is_bounded(generator: keras.Model, sample_shape: Shape, medium: Medium) -> bool:
    """Whether samples beyond [-1, 1] are a mistake: images, volumes, and all samples of a generator that ends in tanh."""
    if isinstance(medium, Images) or len(sample_shape) > 2:
        return True
    outputs = getattr(generator, "outputs", None)
    layer = outputs[0]._keras_history.operation if outputs else None
    while layer is not None and type(layer).__name__ in _RESHAPING:
        before = keras.tree.flatten(layer.input)
        layer = before[0]._keras_history.operation if before else None
    return getattr(getattr(layer, "activation", None), "__name__", None) in ("tanh", "hard_tanh", "sigmoid")


def to_array(values: Any) -> Any:
    """Return tensors of any backend, and tables of pandas, as NumPy arrays; anything else as it is."""
    if isinstance(values, np.ndarray):
        return values
    package = type(values).__module__.partition(".")[0]
    if package == "torch" and hasattr(values, "detach"):
        return values.detach().cpu().numpy()
    if keras.ops.is_tensor(values):
        return keras.ops.convert_to_numpy(values)
    if package in ("jax", "jaxlib", "pandas", "tensorflow") and hasattr(values, "__array__"):
        return np.asarray(values)
    return values


def _known_name(name: str, conditions: Mapping[str, Condition]) -> str:
    """Return the name of the condition that a data set calls by another."""
    return next((known for known, other in _OTHER_NAMES.items() if other == name and known in conditions), name)


def _fits(shape: Any, wanted: Shape) -> bool:
    return len(shape) == len(wanted) and all(
        one is None or two is None or one == two for one, two in zip(shape, wanted, strict=True)
    )
