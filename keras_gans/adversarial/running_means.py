"""The logs of training as one metric."""

import keras
from keras import ops


class RunningMeans(keras.metrics.Metric):
    """The means of several numbers since an epoch began, kept in two vectors, so that a step updates them in two operations.

    Args:
        names: What the numbers are called in logs.
    """

    def __init__(self, names, name="running_means"):
        super().__init__(name=name, dtype="float32")
        self.names = tuple(names)
        self.totals = self.add_variable((len(self.names),), initializer="zeros", name="totals", aggregation="sum")
        self.counts = self.add_variable((len(self.names),), initializer="zeros", name="counts", aggregation="sum")

    def update_state(self, **numbers):
        """Counts a scalar for each name that is given."""
        given = [float(name in numbers) for name in self.names]
        self.totals.assign_add(ops.stack([ops.cast(numbers.get(name, 0.0), "float32") for name in self.names]))
        self.counts.assign_add(ops.convert_to_tensor(given, "float32"))

    def result(self):
        """Returns the mean of each number by its name; 0 where none was given."""
        means = ops.unstack(self.totals / ops.maximum(self.counts, 1.0), len(self.names))
        return dict(zip(self.names, means, strict=True))
