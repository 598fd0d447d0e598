from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import ops

if TYPE_CHECKING:
    from keras_gans._typing import Array
    from keras_gans.adversarial import AdversarialModel


class LogWindow:
    """The means of what an `AdversarialModel` logs since they were last taken, across the ends of epochs.

    Keras' logs are means since the epoch began, in which a change late in a long epoch hardly shows. The device is read only
    when a mean is needed.

    Args:
        model: The model, compiled.
    """

    def __init__(self, model: AdversarialModel):
        self._model = model
        self._names = model.means.names
        # Sums and counts: of the window, and of the current epoch when they were last read, `_unread` steps ago.
        self._window = self._read = np.zeros((2, len(self._names)))
        self._unread = 0

    def count(self, steps: int) -> None:
        """Count steps that are about to run."""
        self._unread += steps

    def read(self) -> None:
        """Read up to the current step, within an epoch."""
        self._model.sync_state()
        self._add(ops.convert_to_numpy(self._model.means.sums).astype("float64"))

    def read_epoch(self, logs: Mapping[str, Any]) -> None:
        """Read up to the end of an epoch from its logs: by then the model's own means may be those of validation."""
        updates = [self._model.critic_steps if name.startswith("g_") else 1 for name in self._names]
        counts = self._read[1] + self._unread / np.array(updates)
        self._add(np.stack([counts * [float(logs[name]) for name in self._names], counts]))
        self._read = np.zeros_like(self._read)

    def take(self) -> dict[str, float]:
        """Return the means by name, leaving out those without a value, and start anew."""
        sums, counts = self._window
        self._window = np.zeros_like(self._window)
        return {name: float(total / n) for name, total, n in zip(self._names, sums, counts, strict=True) if n > 0}

    def _add(self, epoch: Array) -> None:
        with np.errstate(invalid="ignore"):  # infinity minus infinity, after a step that diverged
            self._window = self._window + epoch - self._read
        self._read, self._unread = epoch, 0
