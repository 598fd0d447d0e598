"""Keras' `fit` over batches whose order is known, through stages if training has any."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops

from keras_gans._typing import Conditions, Tensor
from keras_gans.adversarial.expected import NO_WEIGHTS, Expected, is_bounded
from keras_gans.adversarial.inputs import (
    FirstBatch,
    batches_of,
    check_fit_arguments,
    check_given,
    data_arrays,
    order_batches,
)
from keras_gans.adversarial.private_fit import PrivacyLimit, PrivacyLog, begin_privately
from keras_gans.data import Data
from keras_gans.data.ordered_batches import OrderedBatches
from keras_gans.errors import check_count

# At run time, `Fit` is mixed in before Keras' model.
_Model: Any = keras.Model if TYPE_CHECKING else object


class _RestoredOrder(keras.callbacks.Callback):
    """Lets the order of the data follow a callback that made training begin at another epoch, such as `BackupAndRestore`."""

    def on_train_begin(self, logs: dict | None = None) -> None:
        self.model.follow_initial_epoch()


class Fit(_Model):
    """The part of `AdversarialModel` that goes through the data.

    Training may go through stages, each with steps of its own: a step computes what its stage needs and no more, and is
    compiled for one stage, and anew when the next one begins. A subclass with stages says which has been reached (`stage`, kept
    in its variables), and reads in its steps the one they are compiled for (`step_stage`); callbacks that `fit` adds
    (`stage_callbacks`) call `enter_stage`.
    """

    # While a method runs that compiles steps: the stage they are compiled for.
    step_stage: int | None = None
    _tested_stage: int | None = None
    # Batches that `fit` was given -> the epoch they name, and the one with which this model continues.
    _continued: weakref.WeakKeyDictionary[Any, tuple[int, int]] | None = None
    _from_array = False  # whether the batches of the running `fit` are made from an array
    # Keras' iterator over epochs, and its number of steps, while `fit` runs.
    _epochs: Any
    ledger: Any
    _initial_epoch: int | None
    _steps_per_epoch: int | None
    _placed = False  # whether `start_at` has told the running `fit` where to begin

    @property
    def stage(self) -> int:
        """Which stage of training has been reached, counted from 0."""
        return 0

    def stage_callbacks(self) -> list[keras.callbacks.Callback]:
        """Return the callbacks that lead from one stage to the next; they come after all others."""
        return []

    def enter_stage(self, stage: int) -> None:
        """Make the steps that follow those of a stage."""
        self.step_stage = stage
        self.make_train_function(force=True)

    @contextlib.contextmanager
    def at_stage(self, stage: int) -> Iterator[None]:
        """Make steps be those of a stage for a while."""
        before, self.step_stage = self.step_stage, stage
        try:
            yield
        finally:
            self.step_stage = before

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Sequence[keras.callbacks.Callback] | keras.callbacks.Callback | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: None = None,
        sample_weight: None = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Sequence[int] = 1,
    ) -> keras.callbacks.History:
        """Train as `keras.Model.fit` does, on real samples.

        Arrays are checked before training begins, and the first batch of anything else before it is used.

        Args:
            x: Real samples: uint8 images, floats in [-1, 1], or int32 tokens, as an array or tensor of shape
                `(n, *sample_shape)`, a `keras_gans.Data` or its `batches(...)`, a `tf.data.Dataset`, a
                `keras.utils.PyDataset` or a generator. A dict such as `{"image": ..., "label": ...}` contains the
                conditions, too. `batches(...)` start at the epoch they name, and continue if the same model is fitted on
                them again.
            y: Conditions of each sample, for conditional models: integer labels of shape `(n,)`, or a dict of arrays by the
                names of the conditions.
            batch_size: Samples per batch. Defaults to 32.
            epochs: Number of the epoch at which to stop, as in Keras.
            verbose: As in Keras.
            callbacks: As in Keras.
            validation_split: Share of the samples, the last ones, to hold out: from 0 to below 1.
            validation_data: Held-out samples, or a tuple of samples and conditions, in any form that `x` takes.
            shuffle: Whether each epoch has an order of its own.
            class_weight: Not supported.
            sample_weight: Not supported.
            initial_epoch: As in Keras.
            steps_per_epoch: As in Keras.
            validation_steps: As in Keras.
            validation_batch_size: As in Keras.
            validation_freq: As in Keras.

        Returns:
            A `keras.callbacks.History`.

        Raises:
            ValueError: If an argument is out of range, there are fewer samples than a batch, or samples or conditions do
                not fit the model: by shape, dtype or number, because of NaN or infinity, or because they exceed [-1, 1].

        Warns:
            RangeWarning: If images in floating point lie in [0, 1].
        """
        arguments = {name: value for name, value in locals().items() if name not in ("self", "__class__")}
        self._assert_compile_called("fit")
        check_fit_arguments(arguments)
        self._initial_epoch = None  # of a callback in an earlier call
        first = FirstBatch(self._expected)
        with first.told():
            self._take_data(arguments, first)
            self._from_array = isinstance(arguments["x"], np.ndarray)
            batches = self.data = order_batches(arguments, self._first_data_epoch)
            following = self.stage_callbacks()
            if self.ledger is not None:
                batches = self.data = begin_privately(self, batches, arguments)
                callbacks = _preceded_by(callbacks, [PrivacyLog(batches)])
                following = [*following, PrivacyLimit()]
            with self.at_stage(self.stage):
                if batches is None:
                    # Keras would warn that it cannot shuffle these.
                    arguments["shuffle"] = shuffle and isinstance(arguments["x"], keras.utils.PyDataset)
                    arguments["callbacks"] = _followed_by(callbacks, following)
                    return super().fit(**arguments)
                arguments["callbacks"] = _followed_by(callbacks, [_RestoredOrder(), *following])
                return self._fit_in_order(batches, arguments)

    def _take_data(self, arguments: dict[str, Any], first: FirstBatch) -> None:
        """Put the data among `fit`'s arguments into a form that Keras takes, and check them."""
        held_out = arguments["validation_data"]
        x, y = arguments["x"], arguments["y"] = self.arrange_data(arguments["x"], arguments["y"])
        if isinstance(x, Data):
            x = batches_of(x, arguments, self.data_conditions, self._first_data_epoch)
        arguments["x"], arguments["y"] = self._checked(x, y, first)
        if held_out is None:
            return
        if isinstance(held_out, tuple | list) and len(held_out) in (1, 2, 3):
            x, y, weights = keras.utils.unpack_x_y_sample_weight(tuple(held_out))
            if weights is not None:
                raise ValueError(NO_WEIGHTS.format("sample_weight"))
        else:
            x, y = held_out, None
        x, y = self._checked(x, y, first)
        if not isinstance(x, np.ndarray):
            arguments["validation_data"] = x
            return
        arguments["validation_data"] = (x,) if y is None else (x, y)
        if arguments["validation_batch_size"] is None:
            # Keras' own default, which it cannot know once the samples come in batches.
            arguments["validation_batch_size"] = arguments["batch_size"]

    def arrange_data(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Return samples and conditions, in any form that `fit` takes, as this model learns from them; as they are by default.

        Args:
            x: Samples, a `keras_gans.Data`, or batches.
            y: Conditions, or None.
        """
        return x, y

    def _in_arrays(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Return samples and conditions as this model learns from them, those of a `Data` as arrays."""
        x, y = self.arrange_data(x, y)
        return data_arrays(x, self.data_conditions) if isinstance(x, Data) else (x, y)

    def _checked(self, x: Any, y: Any, first: FirstBatch) -> tuple[Any, Any]:
        """Return samples and conditions in a form that Keras takes, checked now or when their first batch is used."""
        x, y = check_given(*self._in_arrays(x, y), self._expected)
        if not isinstance(x, np.ndarray) and not self._several_workers:
            x = first.watch(x)
        return x, y

    @property
    def _expected(self) -> Expected:
        """What this model learns from."""
        bounded = is_bounded(self.generator, self.data_shape, self.medium)
        return Expected(self.medium, self.data_shape, self.data_conditions, bounded)

    @property
    def _several_workers(self) -> bool:
        """Whether TensorFlow deals the files of a data set to several machines, for which it reads how the data set is made."""
        extended = getattr(getattr(self, "distribute_strategy", None), "extended", None)
        return extended is not None and extended._in_multi_worker_mode()

    def _fit_in_order(self, batches: OrderedBatches, arguments: dict[str, Any]) -> keras.callbacks.History:
        self.check_batches(batches, arguments["epochs"])
        position = batches.position
        if self._continued is None:
            self._continued = weakref.WeakKeyDictionary()
        if batches in self._continued and position == (self._continued[batches][0], 0):
            batches.seek(self._continued[batches][1])
        self.data_epoch_offset = batches.epoch - arguments["initial_epoch"]
        arguments |= self.feed(batches)
        self._epochs, self._steps_per_epoch, self._placed = None, arguments.get("steps_per_epoch"), False
        try:
            history = super().fit(**arguments, shuffle=False)
        finally:
            self._epochs = None  # with it go the batches that are loaded ahead
            batches.seek(*position)
        if history.epoch:
            self._continued[batches] = (position[0], history.epoch[-1] + 1 + self.data_epoch_offset)
        return history

    def follow_initial_epoch(self) -> None:
        """Make the order of the data follow a callback that has restored another epoch, unless it has called `start_at`."""
        if not self._initial_epoch or self._placed:
            return
        epoch = self._initial_epoch + self.data_epoch_offset
        if self._from_array:
            size = self.data.batch_size
            epoch = max(self._first_data_epoch(max(1, len(self.data.source) // size), size)[1], self._initial_epoch)
        self.data_epoch_offset = epoch - self._initial_epoch
        self.data.seek(epoch)

    def unpack(self, data: Any) -> tuple[Tensor, Conditions]:
        """Return the real samples of a batch as networks take them, and their conditions by name."""
        return self._expected.to_network(data)

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        sample_weight: None = None,
        steps: int | None = None,
        callbacks: Sequence[keras.callbacks.Callback] | keras.callbacks.Callback | None = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Measure losses on real samples as `keras.Model.evaluate` does.

        Args:
            x: Real samples, as `fit` takes them.
            y: Conditions, for conditional models.
            batch_size: Samples per batch. Defaults to 32.
            verbose: As in Keras.
            sample_weight: Not supported.
            steps: As in Keras.
            callbacks: As in Keras.
            return_dict: Whether to return a dict by name.
            **kwargs: Keras' own.

        Returns:
            Means over all samples: a list, or a dict if `return_dict` is set.

        Raises:
            ValueError: If samples or conditions do not fit the model: see `fit`.
        """
        self._assert_compile_called("evaluate")
        if sample_weight is not None:
            raise ValueError(NO_WEIGHTS.format("sample_weight"))
        first = FirstBatch(self._expected)
        if not kwargs.get("_use_cached_eval_dataset"):  # `fit` has checked its validation data
            batch_size = None if batch_size is None else check_count("batch_size", batch_size)
            steps = None if steps is None else check_count("steps", steps)
            x, y = self._checked(x, y, first)
        with first.told(), self.at_stage(self.step_stage if self.step_stage is not None else self.stage):
            if self._tested_stage != self.step_stage:
                self.test_function, self._tested_stage = None, self.step_stage
            return super().evaluate(
                x,
                y,
                batch_size=batch_size,
                verbose=verbose,
                steps=steps,
                callbacks=callbacks,
                return_dict=return_dict,
                **kwargs,
            )

    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: None = None, class_weight: None = None, **kwargs: Any
    ) -> Any:
        """Take one step on a batch, checked as `fit` checks arrays: see `keras.Model.train_on_batch`.

        Args:
            x: Real samples, as an array or tensor of shape `(batch, *sample_shape)`.
            y: Conditions, for conditional models.
            sample_weight: Not supported.
            class_weight: Not supported.
            **kwargs: As in Keras: `return_dict`.

        Returns:
            Logs: a list, or a dict if `return_dict` is set.

        Raises:
            ValueError: If samples or conditions do not fit the model: see `fit`.
        """
        self._assert_compile_called("train_on_batch")
        if self.ledger is not None:
            raise ValueError("Private training draws each batch at random from all samples: call fit(samples, ...).")
        for name, weight in (("sample_weight", sample_weight), ("class_weight", class_weight)):
            if weight is not None:
                raise ValueError(NO_WEIGHTS.format(name))
        x, y = check_given(*self._in_arrays(x, y), self._expected)
        return super().train_on_batch(x, y, **kwargs)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: None = None, **kwargs: Any) -> Any:
        """Measure losses on a batch, checked as `fit` checks arrays: see `keras.Model.test_on_batch`.

        Args:
            x: Real samples, as an array or tensor of shape `(batch, *sample_shape)`.
            y: Conditions, for conditional models.
            sample_weight: Not supported.
            **kwargs: As in Keras: `return_dict`.

        Returns:
            Logs: a list, or a dict if `return_dict` is set.

        Raises:
            ValueError: If samples or conditions do not fit the model: see `fit`.
        """
        self._assert_compile_called("test_on_batch")
        if sample_weight is not None:
            raise ValueError(NO_WEIGHTS.format("sample_weight"))
        x, y = check_given(*self._in_arrays(x, y), self._expected)
        return super().test_on_batch(x, y, **kwargs)

    def start_at(self, epoch: int, step: int) -> None:
        """Make the running `fit` begin at a step within an epoch. Call it in a callback's `on_train_begin`.

        Callbacks then see the steps of that epoch counted from 0. `start_at_first_step` must be called before the next epoch.

        Args:
            epoch: Number of the epoch as Keras counts them, from 0.
            step: Number of steps of that epoch that are already done.

        Raises:
            ValueError: If the order of the data is unknown.
        """
        if self.data is None:
            raise ValueError(
                "Training can only begin within an epoch if the order of the data is a function of (seed, epoch, step): pass "
                "an array or keras_gans.load_data(...).batches(...) to fit."
            )
        self._initial_epoch, self._placed = epoch, True
        self.data.seek(epoch + self.data_epoch_offset, step)
        self._epochs.steps_per_epoch = len(self.data) - step

    def start_at_first_step(self) -> None:
        """Make epochs whole again after `start_at`."""
        self._epochs.steps_per_epoch = self._steps_per_epoch

    def check_batches(self, batches: OrderedBatches, epochs: int) -> None:
        """Check data whose order is known before training begins. A subclass may raise ValueError, or warn."""

    def _first_data_epoch(self, steps: int, batch_size: int) -> tuple[int, int]:
        """Return the seed and the first epoch of the order of an array; a model that is fitted again continues."""
        return self.first_seed, int(ops.convert_to_numpy(self.optimizer.iterations)) // steps

    @property
    def first_seed(self) -> int:
        """The seed of all noise drawn in training: a random one if none was given."""
        return int(ops.convert_to_numpy(self.noise_seed.state)[0])


def _preceded_by(callbacks: Any, more: list[keras.callbacks.Callback]) -> Any:
    """Return callbacks, in any form that Keras takes, with more before them."""
    if not isinstance(callbacks, keras.callbacks.CallbackList):
        return [*more, *([] if callbacks is None else keras.tree.flatten(callbacks))]
    for callback in more:
        callback.set_model(callbacks.model)
    callbacks.callbacks[:0] = more
    return callbacks


def _followed_by(callbacks: Any, more: list[keras.callbacks.Callback]) -> Any:
    """Return callbacks, in any form that Keras takes, with more after them."""
    if not isinstance(callbacks, keras.callbacks.CallbackList):
        return [*([] if callbacks is None else keras.tree.flatten(callbacks)), *more]
    for callback in more:
        callback.set_model(callbacks.model)
        callbacks.append(callback)
    return callbacks
