import numpy as np
from keras import ops


class LogWindow:
    """The means of what an `AdversarialModel` logs since they were last asked for, over the ends of epochs.

    Keras' logs are means since an epoch began, in which a change late in a long epoch hardly shows. Nothing is read from the
    device but where a mean is wanted.
    """

    def __init__(self, model):
        self._model = model
        self._names = model.means.names
        # Sums and counts: of the window, and of the present epoch when they were last read, so many steps ago.
        self._window = self._read = np.zeros((2, len(self._names)))
        self._unread = 0

    def count(self, steps):
        """Counts steps that begin."""
        self._unread += steps

    def read(self):
        """Reads up to the present step, within an epoch."""
        self._model.sync_state()
        self._add(ops.convert_to_numpy(self._model.means.sums).astype("float64"))

    def read_epoch(self, logs):
        """Reads up to the end of an epoch from its logs: the model's own means may be those of a validation by then."""
        updates = [self._model.critic_steps if name.startswith("g_") else 1 for name in self._names]
        counts = self._read[1] + self._unread / np.array(updates)
        self._add(np.stack([counts * [float(logs[name]) for name in self._names], counts]))
        self._read = np.zeros_like(self._read)

    def take(self):
        """Returns the means by name, without those of which there are none, and begins anew."""
        sums, counts = self._window
        self._window = np.zeros_like(self._window)
        return {name: float(total / n) for name, total, n in zip(self._names, sums, counts, strict=True) if n > 0}

    def _add(self, epoch):
        self._window = self._window + epoch - self._read
        self._read, self._unread = epoch, 0
