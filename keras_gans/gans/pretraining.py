"""Pretraining by maximum likelihood, which precedes adversarial training of text models."""

from typing import Any

import keras
from keras import ops

from keras_gans.errors import check_count

# The stages of training.
PRETRAINING, ADVERSARIAL = 0, 1


@keras.saving.register_keras_serializable(package="keras_gans")
class Pretraining:
    """How long the generator of a text model is pretrained by maximum likelihood.

    After each epoch, the generator is measured on the `validation_data` of `fit`. Pretraining ends once `patience` epochs in a
    row have not improved on the best one: beyond that, the generator would memorise the training text. The weights of the best
    epoch are restored, and adversarial training begins. Without validation data, pretraining lasts `epochs` epochs.

    Args:
        epochs: Maximum number of epochs, an integer >= 0. Default 20; 0 skips pretraining.
        patience: Number of epochs without improvement after which pretraining ends, an integer >= 1. Default 1.
        learning_rate: Learning rate of the generator during pretraining. None (default) keeps that of its optimizer.
        then: Learning rate of the generator afterwards. Give both rates or neither.

    Raises:
        ValueError: If a value is out of range.

    Reference: Yu et al. 2017, "SeqGAN", algorithm 1, lines 2 and 3; Caccia et al. 2020, "Language GANs Falling Short", on
    stopping.
    """

    def __init__(
        self, epochs: int = 20, patience: int = 1, learning_rate: float | None = None, then: float | None = None
    ) -> None:
        self.epochs = check_count("pretraining epochs", epochs, 0)
        self.patience = check_count("patience", patience, 1)
        for rate in (learning_rate, then):
            if rate is not None and not rate > 0:
                raise ValueError(f"Learning rates must be above 0; received {rate!r}.")
        if (learning_rate is None) != (then is None):
            raise ValueError("Give the generator's learning rates of both stages (learning_rate and then), or neither.")
        self.learning_rate = None if learning_rate is None else float(learning_rate)
        self.then = None if then is None else float(then)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {"epochs": self.epochs, "patience": self.patience, "learning_rate": self.learning_rate, "then": self.then}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Pretraining":
        """Make an object from `get_config`."""
        return cls(**config)


class Pretrain(keras.callbacks.Callback):
    """Takes a `SequenceGAN` from one stage to the next. Follows callbacks that restore the model."""

    _entered: int | None = None

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Forget an earlier call of `fit`."""
        self._entered = None

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        """Enter the model's stage before the first batch."""
        if self._entered is None:
            self._enter(self.model.stage)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Enter adversarial training once pretraining is over."""
        if self._entered == PRETRAINING and self.model.end_pretraining_epoch((logs or {}).get("val_nll")):
            self._enter(ADVERSARIAL)

    def _enter(self, stage: int) -> None:
        self._entered = stage
        self.model.enter_stage(stage)


class PretrainingState:
    """The progress of pretraining, in variables that are saved with the model.

    Attributes:
        values: float32 `(4,)`: the stage, epochs done, the lowest held-out loss, and the number of epochs since it.
        steps: int32 scalar: number of training steps that pretraining took.
    """

    def __init__(self) -> None:
        with keras.name_scope("pretraining"):
            # Equal on all replicas.
            shared = {"trainable": False, "aggregation": "only_first_replica"}
            self.values = keras.Variable([0.0, 0.0, float("inf"), 0.0], dtype="float32", name="values", **shared)
            self.steps = keras.Variable(0, dtype="int32", name="steps", **shared)

    @property
    def stage(self) -> int:
        """`PRETRAINING` or `ADVERSARIAL`."""
        return int(self._read()[0])

    def _read(self) -> list[float]:
        return [float(value) for value in ops.convert_to_numpy(self.values)]

    def end_epoch(self, value: float | None, schedule: Pretraining) -> tuple[bool, bool]:
        """Count an epoch.

        Args:
            value: The held-out loss after it, or None.
            schedule: The `Pretraining`.

        Returns:
            `(best, last)`: whether this is the best epoch so far, and whether pretraining is over.
        """
        _, epochs, best, waited = self._read()
        epochs += 1
        better = value is None or value < best
        best, waited = (best if value is None else value, 0.0) if better else (best, waited + 1)
        self.values.assign([float(PRETRAINING), epochs, best, waited])
        return better, waited >= schedule.patience or epochs >= schedule.epochs

    def finish(self, steps: int) -> None:
        """Enter adversarial training.

        Args:
            steps: Number of training steps that pretraining took.
        """
        values = self._read()
        self.values.assign([float(ADVERSARIAL), *values[1:]])
        self.steps.assign(steps)
