"""The logs of training as one metric."""

import keras
from keras import ops

from keras_gans.backend import replica_mean


class RunningMeans(keras.metrics.Metric):
    """The means of several numbers since an epoch began, kept in one variable, so that a step updates them in few operations.

    Args:
        names: What the numbers are called in logs.
    """

    def __init__(self, names, name="running_means"):
        super().__init__(name=name, dtype="float32")
        self.names = tuple(names)
        # The same on all replicas: of what each had for itself, one worker alone could not make a checkpoint.
        with keras.name_scope(name):
            self.sums = keras.Variable(
                "zeros", (2, len(self.names)), trainable=False, aggregation="only_first_replica", name="sums"
            )

    def update_state(self, **numbers):
        """Counts a scalar, or its mean over replicas, for each name that is given."""
        values = [ops.cast(numbers.get(name, 0.0), "float32") for name in self.names]
        given = [float(name in numbers) for name in self.names]
        self.sums.assign_add(ops.stack([replica_mean(ops.stack(values)), ops.convert_to_tensor(given, "float32")]))

    def result(self):
        """Returns the mean of each number by its name; 0 where none was given."""
        totals, counts = ops.unstack(ops.convert_to_tensor(self.sums), 2)
        means = ops.unstack(totals / ops.maximum(counts, 1.0), len(self.names))
        return dict(zip(self.names, means, strict=True))
