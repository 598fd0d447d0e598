"""How many updates of the discriminator precede each update of the generator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.errors import check_count


@keras.saving.register_keras_serializable(package="keras_gans")
class CriticSchedule:
    """The number of critic updates per generator update, with more of them at the beginning or at intervals.

    The critic of a Wasserstein GAN should be near its optimum. The authors' code updates it 100 times before each of the first
    25 generator updates and before every 500th, and 5 times before the others: `CriticSchedule(5, first=25, every=500,
    thorough=100)`.

    Args:
        steps: Critic updates per generator update.
        first: Number of initial generator updates that are each preceded by `thorough` critic updates.
        every: After that, every `every`-th generator update, counted from 0, is preceded by `thorough` critic updates. None for
            no further ones.
        thorough: Number of critic updates at those times.

    Raises:
        ValueError: If a number is out of range.

    Reference: Arjovsky et al. 2017, algorithm 1 (`n_critic`), and the authors' code (the first and every 500th).
    """

    def __init__(self, steps: int, first: int = 0, every: int | None = None, thorough: int = 100):
        self.steps = check_count("critic_steps", steps)
        self.first = check_count("first", first, 0)
        self.every = None if every is None else check_count("every", every, 2)
        self.thorough = check_count("thorough", thorough)

    @property
    def is_constant_one(self) -> bool:
        """Whether every critic update is followed by one of the generator."""
        return self.steps == 1 and (self.thorough == 1 or (self.first == 0 and self.every is None))

    def is_due(self, critic_steps_done: Tensor) -> Tensor:
        """Whether the generator is updated now, given an integer scalar of the backend or of Python."""
        done = critic_steps_done
        # Three spans: the first generator updates; those up to the next multiple of `every`; and periods of `every`.
        begin = self.first * self.thorough
        in_first = done % self.thorough == 0
        if self.every is None:
            return _where(done <= begin, in_first, (done - begin) % self.steps == 0)
        rest = -self.first % self.every
        periods = begin + rest * self.steps
        period = self.thorough + (self.every - 1) * self.steps
        place = (done - periods) % period
        in_period = (place == 0) | ((place >= self.thorough) & ((place - self.thorough) % self.steps == 0))
        return _where(done <= begin, in_first, _where(done <= periods, (done - begin) % self.steps == 0, in_period))

    def get_config(self) -> dict[str, int | None]:
        return {"steps": self.steps, "first": self.first, "every": self.every, "thorough": self.thorough}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> CriticSchedule:
        return cls(**config)


def get_schedule(identifier: CriticSchedule | Mapping[str, Any] | int) -> CriticSchedule:
    """Return a schedule from an integer, a `CriticSchedule`, or its serialized form.

    Raises:
        ValueError: If it is none of these.
    """
    if isinstance(identifier, CriticSchedule):
        return identifier
    if isinstance(identifier, Mapping):
        return keras.saving.deserialize_keras_object(identifier)
    return CriticSchedule(identifier)


def _where(condition: Tensor, yes: Tensor, no: Tensor) -> Tensor:
    if isinstance(condition, bool):
        return yes if condition else no
    return ops.where(condition, yes, no)
