"""Where in an endless sequence of epochs the next batch lies."""


class Position:
    """Makes batches be taken from any epoch and step on. Mixed into what knows its steps an epoch as `_steps`."""

    def take(self, steps):
        """Makes epochs shorter: each takes only this many batches of its order. Returns itself.

        Raises:
            ValueError: If there are fewer.
        """
        if not 1 <= steps <= len(self):
            raise ValueError(f"steps_per_epoch must be from 1 to the {len(self)} batches there are; received {steps}.")
        self._steps = steps
        self.seek(*self._next)
        return self

    def seek(self, epoch, step=0):
        """Makes the next epoch that is begun the one of this number, without its first `step` batches."""
        self._next = (epoch, step)

    @property
    def epoch(self):
        """The number of the epoch that is begun next."""
        return self._next[0]

    def __len__(self):
        return self._steps
