"""What `AdversarialModel` adds to Keras' loops: its progress bar, and steps on single batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from keras_gans._typing import Tensor
from keras_gans.adversarial.parts import Part
from keras_gans.adversarial.progress_bar import with_progress_bar
from keras_gans.adversarial.step import DISCRIMINATOR_METRICS, GENERATOR_METRICS


class Loops(Part):
    """The part of `AdversarialModel` between its own `fit` and Keras'."""

    # The stages that the functions of training and evaluation were made for.
    _trained_stage: int | None = None
    _tested_stage: int | None
    test_function: Any

    def fit(self, *args: Any, **kwargs: Any) -> keras.callbacks.History:
        return super().fit(**with_progress_bar(keras.Model.fit, self, args, kwargs))

    def evaluate(self, *args: Any, **kwargs: Any) -> Any:
        return super().evaluate(**with_progress_bar(keras.Model.evaluate, self, args, kwargs))

    def train_on_batch(self, x: Any, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Take one training step, as `keras.Model.train_on_batch` does, for custom training loops.

        A model that is trained in stages takes the step of the stage that it has reached.

        Args:
            x: A batch of real samples: uint8, or floats in [-1, 1].
            y: The labels, or a dict of conditions by name; None for an unconditional model.
            *args: As in Keras.
            **kwargs: As in Keras, such as `return_dict=True`.

        Returns:
            The logs: a list in the order of `metrics_names`, followed by gradient norms and penalty; or a dict.
        """
        self._assert_compile_called("train_on_batch")
        stage = self.stage if self.step_stage is None else self.step_stage
        with self.at_stage(stage):
            if self.train_function is not None and self._trained_stage != stage:
                self.make_train_function(force=True)
            return super().train_on_batch(x, y, *args, **kwargs)

    def test_on_batch(self, x: Any, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Measure the losses on one batch, as `keras.Model.test_on_batch` does.

        Args:
            x: A batch of real samples, as in `train_on_batch`.
            y: The labels, or a dict of conditions by name; None for an unconditional model.
            *args: As in Keras.
            **kwargs: As in Keras, such as `return_dict=True`.

        Returns:
            The logs: a list in the order of `metrics_names`, or a dict.
        """
        self._assert_compile_called("test_on_batch")
        with self.at_stage(self.stage):
            if self._tested_stage != self.step_stage:
                self.test_function, self._tested_stage = None, self.step_stage
            return super().test_on_batch(x, y, *args, **kwargs)

    def make_train_function(self, force: bool = False) -> Any:
        networks = ((self.generator, self.optimizer.generator), (self.discriminator, self.optimizer.discriminator))
        for network, optimizer in networks:
            known = {id(variable) for variable in getattr(optimizer, "inner_optimizer", optimizer)._trainable_variables}
            unknown = [variable.path for variable in network.trainable_variables if id(variable) not in known]
            if unknown:
                raise ValueError(
                    f"The {optimizer.name}'s optimizer was not built for the weight '{unknown[0]}'. Call compile() again after "
                    "unfreezing a layer, and with a new optimizer if this one belongs to another model."
                )
        self._trained_stage = self.step_stage
        return super().make_train_function(force)

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` returns, in order."""
        if not self.compiled:
            return []
        return ["loss", *DISCRIMINATOR_METRICS, *GENERATOR_METRICS, *self.more_metrics]

    def _flatten_metrics_in_order(self, logs: Mapping[str, Tensor]) -> Sequence[Tensor]:
        names = [name for name in self.metrics_names if name in logs]
        return [logs[name] for name in (*names, *(name for name in sorted(logs) if name not in names))]
