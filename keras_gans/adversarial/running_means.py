"""The logs of training as one metric."""

from collections.abc import Sequence

import keras
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.backend import replica_mean


class RunningMeans(keras.metrics.Metric):
    """Means of several numbers since the epoch began, kept in one variable, so that a step updates them in few operations.

    Args:
        names: The numbers' names in the logs.
        norms: Those of the names that are gradient norms. A norm is negative if loss scaling has skipped the step; it is then
            left out of the mean.
    """

    def __init__(self, names: Sequence[str], norms: Sequence[str] = (), name: str = "running_means"):
        super().__init__(name=name, dtype="float32")
        self.names = tuple(names)
        self.norms = tuple(norms)
        # The same on all replicas: one worker alone could not make a checkpoint of values that differ between them.
        with keras.name_scope(name):
            self.sums = keras.Variable(
                "zeros", (2, len(self.names)), dtype="float32", trainable=False, aggregation="only_first_replica", name="sums"
            )

    def update_state(self, **numbers: Tensor) -> None:
        """Count a scalar, or its mean over replicas, for each name that is given."""
        values, counts = [], []
        for name in self.names:
            value = ops.cast(numbers.get(name, 0.0), "float32")
            counted = ops.cast(name in numbers, "float32")
            if name in self.norms:
                counted = counted * ops.cast(ops.logical_not(value < 0.0), "float32")  # NaN is counted
                value = ops.where(value < 0.0, 0.0, value)
            values.append(value)
            counts.append(counted)
        self.sums.assign_add(ops.stack([replica_mean(ops.stack(values)), ops.stack(counts)]))

    def result(self) -> dict[str, Tensor]:
        """Return the mean of each number by its name; 0 for a name that was never given."""
        totals, counts = ops.unstack(ops.convert_to_tensor(self.sums), 2)
        means = ops.unstack(totals / ops.maximum(counts, 1.0), len(self.names))
        return dict(zip(self.names, means, strict=True))
