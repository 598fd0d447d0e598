"""What comes before the game: maximum likelihood, until held-out text says that it is enough."""

import keras
from keras import ops

from keras_gans.errors import check_count

PRETRAINING, ADVERSARIAL = 0, 1


@keras.saving.register_keras_serializable(package="keras_gans")
class Pretraining:
    """How long a generator of sequences learns by maximum likelihood before it meets the discriminator.

    After each epoch it is measured on the `validation_data` of `fit`. Once `patience` epochs in a row were no better than the
    best, the weights of the best epoch are taken, and the adversarial training begins: what is learnt beyond is the training
    text by heart. Without validation data all `epochs` are done.

    Args:
        epochs: The most epochs; 0 for no pretraining.
        patience: Epochs without a new best value, at least 1.
        learning_rate: Of the generator meanwhile; its optimizer's own if None.
        then: Its learning rate afterwards; its optimizer's own if None.

    Raises:
        ValueError: If a value is out of range.

    Reference: Yu et al. 2017, "SeqGAN", algorithm 1, lines 2 and 3; Caccia et al. 2020, "Language GANs Falling Short", on
    stopping.
    """

    def __init__(self, epochs=20, patience=1, learning_rate=None, then=None):
        check_count("pretraining epochs", epochs, 0)
        check_count("patience", patience, 1)
        for rate in (learning_rate, then):
            if rate is not None and not rate > 0:
                raise ValueError(f"Learning rates must be above 0; received {rate!r}.")
        if (learning_rate is None) != (then is None):
            raise ValueError("Give the generator's learning rates of both stages (learning_rate and then), or none.")
        self.epochs, self.patience, self.learning_rate, self.then = epochs, patience, learning_rate, then

    def get_config(self):
        return {"epochs": self.epochs, "patience": self.patience, "learning_rate": self.learning_rate, "then": self.then}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


class Pretrain(keras.callbacks.Callback):
    """Takes a `SequenceGAN` from one stage to the next. Comes after callbacks that restore the model."""

    def on_train_begin(self, logs=None):
        self._entered = None

    def on_train_batch_begin(self, batch, logs=None):
        if self._entered is None:
            self._enter(self.model.stage)

    def on_epoch_end(self, epoch, logs=None):
        if self._entered == PRETRAINING and self.model.end_pretraining_epoch((logs or {}).get("val_nll")):
            self._enter(ADVERSARIAL)

    def _enter(self, stage):
        self._entered = stage
        self.model.enter_stage(stage)


class PretrainingState:
    """How far pretraining is, in variables that are saved with a model.

    Attributes:
        values: float32 `(4,)`: the stage, epochs done, the lowest held-out value, and epochs since it.
        steps: int32 scalar: training steps of the first stage.
    """

    def __init__(self):
        with keras.name_scope("pretraining"):
            # The same on all replicas.
            shared = {"trainable": False, "aggregation": "only_first_replica"}
            self.values = keras.Variable([0.0, 0.0, float("inf"), 0.0], dtype="float32", name="values", **shared)
            self.steps = keras.Variable(0, dtype="int32", name="steps", **shared)

    @property
    def stage(self):
        return int(self._read()[0])

    def _read(self):
        return [float(value) for value in ops.convert_to_numpy(self.values)]

    def end_epoch(self, value, schedule):
        """Counts an epoch with its held-out value or None. Returns whether it is the best, and whether it is the last."""
        _, epochs, best, waited = self._read()
        epochs += 1
        better = value is None or value < best
        best, waited = (best if value is None else value, 0.0) if better else (best, waited + 1)
        self.values.assign([float(PRETRAINING), epochs, best, waited])
        return better, waited >= schedule.patience or epochs >= schedule.epochs

    def finish(self, steps):
        """Notes that pretraining took so many steps."""
        values = self._read()
        self.values.assign([float(ADVERSARIAL), *values[1:]])
        self.steps.assign(steps)
