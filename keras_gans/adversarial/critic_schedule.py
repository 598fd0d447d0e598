"""How many updates of the discriminator come before each of the generator."""

import keras
from keras import ops

from keras_gans.errors import check_count


@keras.saving.register_keras_serializable(package="keras_gans")
class CriticSchedule:
    """A number of critic steps for each generator step, which may be another one now and then.

    The critic of a Wasserstein GAN should be near its optimum: the authors' code gives it 100 steps before each of the first 25
    generator steps and of every 500th, and 5 before each other one: `CriticSchedule(5, first=25, every=500, thorough=100)`.

    Args:
        steps: Critic steps for each generator step.
        first: For how many generator steps at first there are `thorough` ones.
        every: Before which generator steps, counted from 0, there are `thorough` ones, too: the multiples of this. None for no
            other than the first.
        thorough: Critic steps there.

    Raises:
        ValueError: If a number is out of range.

    Reference: Arjovsky et al. 2017, algorithm 1 (`n_critic`), and the authors' code (the first and every 500th).
    """

    def __init__(self, steps, first=0, every=None, thorough=100):
        for name, value, least in (("steps", steps, 1), ("first", first, 0), ("every", every, 2), ("thorough", thorough, 1)):
            if not (name == "every" and value is None):
                check_count("critic_steps" if name == "steps" else name, value, least)
        self.steps, self.first, self.every, self.thorough = steps, first, every, thorough

    @property
    def is_constant_one(self):
        """Whether each critic step is followed by one of the generator."""
        return self.steps == 1 and (self.thorough == 1 or (self.first == 0 and self.every is None))

    def is_due(self, critic_steps_done):
        """Whether the generator moves now. Takes and returns an integer scalar of the backend, or of Python."""
        done = critic_steps_done
        # Three spans: the first generator steps; those up to the next multiple of `every`; and periods of `every`.
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

    def get_config(self):
        return {"steps": self.steps, "first": self.first, "every": self.every, "thorough": self.thorough}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def get_schedule(identifier):
    """Returns a schedule from an integer, itself, or its serialized form.

    Raises:
        ValueError: If it is none of these.
    """
    if isinstance(identifier, CriticSchedule):
        return identifier
    if isinstance(identifier, dict):
        return keras.saving.deserialize_keras_object(identifier)
    return CriticSchedule(identifier)


def _where(condition, yes, no):
    if isinstance(condition, bool):
        return yes if condition else no
    return ops.where(condition, yes, no)
