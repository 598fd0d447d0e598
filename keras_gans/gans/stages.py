"""Training in stages, each with steps of its own."""

import contextlib

from keras import ops


class Staged:
    """The part of a model whose training goes through stages. Mixed in before `AdversarialModel`.

    A step computes what its stage needs and no more: it is compiled for one stage, and anew when the next one begins. A
    subclass says which stage has been reached (`stage`, kept in its variables), and reads in its steps the one they are
    compiled for (`step_stage`). Callbacks that `fit` adds (`stage_callbacks`) call `enter_stage`.
    """

    # While a method runs that compiles steps: the stage they are compiled for.
    step_stage = None
    _tested_stage = None

    @property
    def stage(self):
        """Which stage has been reached, counted from 0."""
        raise NotImplementedError

    def stage_callbacks(self):
        """Returns the callbacks that follow the schedule; they come after all others."""
        raise NotImplementedError

    def enter_stage(self, stage):
        """Makes the steps that follow those of a stage."""
        self.step_stage = stage
        self.make_train_function(force=True)

    # Keras' methods, whose steps are compiled for one stage.

    def fit(self, *args, callbacks=None, **kwargs):
        with self.at_stage(self.stage):
            return super().fit(*args, callbacks=[*(callbacks or ()), *self.stage_callbacks()], **kwargs)

    def evaluate(self, *args, **kwargs):
        with self.at_stage(self.step_stage if self.step_stage is not None else self.stage):
            if self._tested_stage != self.step_stage:
                self.test_function, self._tested_stage = None, self.step_stage
            return super().evaluate(*args, **kwargs)

    @contextlib.contextmanager
    def at_stage(self, stage):
        """Makes steps be those of a stage for a while."""
        before, self.step_stage = self.step_stage, stage
        try:
            yield
        finally:
            self.step_stage = before


def forget(optimizer):
    """Makes an optimizer forget its moments and its steps."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    for variable in inner.variables:
        if variable is not inner._learning_rate:
            variable.assign(ops.zeros(variable.shape, variable.dtype))
