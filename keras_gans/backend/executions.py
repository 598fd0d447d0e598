"""Several steps per call of Keras' training function, whatever the number of steps of an epoch."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any


def end_with_epochs(epochs: Any) -> None:
    """Make the last execution of each epoch take the steps that are left, so that epochs may have any number of steps.

    Keras' own takes `steps_per_execution` batches wherever the epoch ends: from endless data, those of the next epoch. It also
    counts steps that do not exist, which progress bars show.

    Args:
        epochs: Keras' iterator over the executions of an epoch, before the epoch begins. Calling this again changes nothing.
    """
    if epochs.steps_per_execution == 1 or "_enumerate_iterator" in vars(epochs):
        return
    whole_executions = epochs._enumerate_iterator

    def executions() -> Iterator[tuple[int, int, Any]]:
        steps = epochs.steps_per_epoch or epochs.num_batches
        for begin, end, batches in whole_executions():
            if steps is None or end < steps:
                yield begin, end, batches
                continue
            left = list(itertools.islice(batches, steps - begin))
            if not left:  # fewer batches than there should be
                epochs._interrupted_warning()
                return
            yield begin, steps - 1, iter(left)

    epochs._enumerate_iterator = executions
