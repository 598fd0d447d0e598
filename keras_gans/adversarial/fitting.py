"""Keras' `fit` over batches whose order is known, through stages if training has any."""

import contextlib
import inspect

import keras
import numpy as np
from keras import ops

from keras_gans.adversarial.inputs import check_fit_arguments, name_conditions, order_batches, unpack_batch


class Fit:
    """The part of `AdversarialModel` that goes through the data.

    Training may go through stages, each with steps of its own: a step computes what its stage needs and no more, and is
    compiled for one stage, and anew when the next one begins. A subclass with stages says which has been reached (`stage`, kept
    in its variables), and reads in its steps the one they are compiled for (`step_stage`); callbacks that `fit` adds
    (`stage_callbacks`) call `enter_stage`.
    """

    # While a method runs that compiles steps: the stage they are compiled for.
    step_stage = None
    _tested_stage = None

    @property
    def stage(self):
        """Which stage of training has been reached, counted from 0."""
        return 0

    def stage_callbacks(self):
        """Returns the callbacks that lead from one stage to the next; they come after all others."""
        return []

    def enter_stage(self, stage):
        """Makes the steps that follow those of a stage."""
        self.step_stage = stage
        self.make_train_function(force=True)

    @contextlib.contextmanager
    def at_stage(self, stage):
        """Makes steps be those of a stage for a while."""
        before, self.step_stage = self.step_stage, stage
        try:
            yield
        finally:
            self.step_stage = before

    def fit(self, x=None, *args, **kwargs):
        """Trains as `keras.Model.fit` does, on real samples.

        Args:
            x: Real samples, as an array, `keras_gans.Data.batches(...)`, `tf.data.Dataset` or `keras.utils.PyDataset`: uint8
                images, or floats in [-1, 1].
            *args: As in Keras: `y` holds what the model is told of each sample, for conditional models: labels, or a dict of
                arrays by the names of its conditions.
            **kwargs: As in Keras.

        Raises:
            ValueError: If an array holds NaN, infinity or values beyond [-1, 1], or fewer samples than a batch; or if the
                shape or dtype of the samples does not fit the model.
        """
        arguments = inspect.signature(keras.Model.fit).bind(self, x, *args, **kwargs).arguments
        del arguments["self"]
        check_fit_arguments(x, arguments, self.medium)
        self._check_data(arguments)
        if arguments.get("batch_size") and isinstance(arguments.get("validation_data"), tuple):
            # Keras' own default, which it cannot know once the samples come in batches.
            arguments.setdefault("validation_batch_size", arguments["batch_size"])
        batches = self.data = order_batches(arguments, self._first_data_epoch, self.steps_per_execution)
        following = self.stage_callbacks()
        if following:
            arguments["callbacks"] = [*(arguments.get("callbacks") or ()), *following]
        with self.at_stage(self.stage):
            if batches is None:
                return super().fit(**arguments)
            return self._fit_in_order(batches, arguments)

    def _fit_in_order(self, batches, arguments):
        self.check_batches(batches, arguments.get("epochs", 1))
        self.data_epoch_offset = batches.epoch - arguments.get("initial_epoch", 0)
        arguments |= self.feed(batches)
        self._epochs, self._steps_per_epoch = None, arguments.get("steps_per_epoch")
        try:
            history = super().fit(**arguments, shuffle=False)
        finally:
            self._epochs = None  # with it go the batches that are loaded ahead
        if history.epoch:
            batches.seek(history.epoch[-1] + 1 + self.data_epoch_offset)
        return history

    def _check_data(self, arguments):
        """Checks what can be seen of the conditions before training begins."""
        held_out = arguments.get("validation_data")
        held_out = held_out if isinstance(held_out, tuple) else (held_out,)
        for x, *y in ((arguments.get("x"), arguments.get("y")), held_out):
            given = y[0] if y and y[0] is not None else getattr(x, "labels", None)
            if given is None or isinstance(given, bool) or not self.conditions:
                continue
            for name, values in name_conditions(given, self.conditions).items():
                if isinstance(values, np.ndarray):
                    self.conditions[name].check(values)

    def unpack(self, data):
        """Returns the real samples of a batch as networks take them, and their conditions by name."""
        return unpack_batch(data, self.medium, self.data_shape, self.conditions)

    def evaluate(self, x=None, y=None, *args, **kwargs):
        """Measures losses on real samples as `keras.Model.evaluate` does.

        Args:
            x: Real samples, as `fit` takes them.
            y: What the model is told of them, for conditional models.
            *args: As in Keras.
            **kwargs: As in Keras.

        Raises:
            ValueError: If labels are none of the model's classes.
        """
        self._check_data({"x": x, "y": y})
        with self.at_stage(self.step_stage if self.step_stage is not None else self.stage):
            if self._tested_stage != self.step_stage:
                self.test_function, self._tested_stage = None, self.step_stage
            return super().evaluate(x, y, *args, **kwargs)

    def start_at(self, epoch, step):
        """Makes `fit` begin at a step within an epoch. To be called while it runs, in a callback's `on_train_begin`.

        Callbacks then see the steps of that epoch counted from 0. `start_at_first_step` must be called before the next epoch.

        Args:
            epoch: As Keras counts them, from 0.
            step: Steps of that epoch that are done.

        Raises:
            ValueError: If the order of the data is not known, or what is left of the epoch is no multiple of
                `steps_per_execution`.
        """
        if self.data is None:
            raise ValueError(
                "Training can begin within an epoch only on data whose order is a function of (seed, epoch, step): give fit "
                "an array or keras_gans.load_data(...).batches(...)."
            )
        if (len(self.data) - step) % self.steps_per_execution:
            raise ValueError(
                f"{len(self.data) - step} steps are left of the epoch, which steps_per_execution={self.steps_per_execution} "
                "does not divide: compile with another."
            )
        self._initial_epoch = epoch
        self.data.seek(epoch + self.data_epoch_offset, step)
        self._epochs.steps_per_epoch = len(self.data) - step

    def start_at_first_step(self):
        """Makes epochs whole again after `start_at`."""
        self._epochs.steps_per_epoch = self._steps_per_epoch

    def check_batches(self, batches, epochs):
        """Checks data whose order is known before training begins; a subclass may raise ValueError."""

    def _first_data_epoch(self, steps, batch_size):
        """Returns the seed and the first epoch of the order in which an array is gone through: a model fitted again goes on."""
        return self.first_seed, int(ops.convert_to_numpy(self.optimizer.iterations)) // steps

    @property
    def first_seed(self):
        """The seed of all noise drawn in training, the random one where none was given."""
        return int(ops.convert_to_numpy(self.noise_seed.state)[0])
