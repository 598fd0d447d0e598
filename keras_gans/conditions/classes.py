"""Classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_gans.conditions.base import CONDITIONS, UNLABELLED, Condition
from keras_gans.errors import check_count


@CONDITIONS.register("classes")
class Classes(Condition):
    """A class, as an integer label from 0 to `count` - 1.

    Args:
        count: Number of classes, an integer of at least 1.

    Raises:
        ValueError: If `count` is anything else.
    """

    kind = "classes"
    words = "labels"

    def __init__(self, count: int):
        self.count = check_count("num_classes", count)

    def get_config(self) -> dict[str, Any]:
        return {"count": self.count}

    def check(self, values: Any) -> np.ndarray:
        """Return labels as int32 of shape `(n,)`.

        Args:
            values: Integers from 0 to `count` - 1, of shape `(n,)` or `(n, 1)`, or a single one.

        Raises:
            ValueError: If they are not integers of that shape from 0 to `count` - 1.
        """
        labels = np.atleast_1d(np.asarray(values))
        _check_labels(labels.shape, labels.dtype.name)
        labels = labels.reshape(-1)
        if labels.size and not (labels.min() >= 0 and labels.max() < self.count):
            wrong = labels[(labels < 0) | (labels >= self.count)][0]
            unknown = " (only semi-supervised models, such as sgan, learn from unknown labels)" if wrong == UNLABELLED else ""
            raise ValueError(f"Labels of this model are 0 to {self.count - 1}; received {wrong}{unknown}.")
        return labels.astype("int32")

    def to_network(self, values: Any) -> Any:
        """Return labels as int32 of shape `(n,)`.

        Raises:
            ValueError: If the shape or the dtype is another.
        """
        import keras
        from keras import ops

        # TensorFlow does not always know the rank of what Python functions return.
        shape = () if getattr(values.shape, "rank", 0) is None else tuple(values.shape)
        _check_labels(shape, keras.backend.standardize_dtype(values.dtype))
        return ops.cast(ops.reshape(values, (-1,)), "int32")

    def examples(self, n: int) -> np.ndarray:
        """Return every class in turn: int32 `(n,)`."""
        return np.arange(n, dtype="int32") % self.count

    def spec(self) -> tuple[tuple[int | None, ...], str]:
        return (), "int32"


def _check_labels(shape: tuple[int | None, ...], dtype: str) -> None:
    """Check that labels are integers of shape `(n,)` or `(n, 1)`, and say how to convert others."""
    if len(shape) == 2 and shape[1] not in (1, None):
        raise ValueError(
            "Labels are integers of shape (n,), not one-hot vectors; received "
            f"{dtype} of shape ({shape[0] or 'n'}, {shape[1]}): pass labels.argmax(axis=-1)."
        )
    if len(shape) > 2:
        raise ValueError(f"Labels are integers of shape (n,); received {dtype} of shape {shape}.")
    if "int" in dtype:
        return
    if dtype.startswith(("str", "bytes", "object")):
        raise ValueError(
            "Labels are integers of shape (n,), not names or other objects: number the classes with "
            "names, labels = numpy.unique(labels, return_inverse=True)."
        )
    raise ValueError(f"Labels are integers of shape (n,); received {dtype}: convert them, as with labels.astype('int32').")
