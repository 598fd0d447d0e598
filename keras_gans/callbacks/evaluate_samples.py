import json
import math
import os
from pathlib import Path

import keras
import numpy as np

from keras_gans.callbacks.json_log import read_until
from keras_gans.callbacks.tensorboard_events import TensorBoardEvents
from keras_gans.errors import no_such
from keras_gans.evaluation import known_metrics
from keras_gans.presets import METADATA, Metadata, save_preset


class EvaluateSamples(keras.callbacks.Callback):
    """Measures the model's samples during `fit` and puts the numbers into the logs.

    Put it before the callbacks that read them or end training: `ModelCheckpoint(monitor="fid", mode="min")`, `EarlyStopping`,
    `CSVLogger`. The samples are drawn with the same seed each time and from the averaged generator where there is one; drawing
    does not disturb training. The logs of every epoch hold the numbers measured last.

    Args:
        evaluator: A `keras_gans.evaluation.Evaluator`, or the one of another medium that derives from it.
        every: Measure after the first epoch, after every this many, and after the last. None measures by steps alone.
        every_steps: Measure after every this many training steps, too.
        seed: Seed of the samples.
        best: A `BestPreset` that keeps the model of the moment whose samples were best, or None.
        log: A file to which each measurement is added as a line of JSON, or None. Training that goes on takes up from it.
        tensorboard: A log folder of its own for TensorBoard's scalars, by training step, or None.

    Attributes:
        history: `(step, numbers)` of each time it measured; steps are the discriminator's updates.

    Raises:
        ValueError: If both frequencies are None, or one is not positive.
    """

    def __init__(self, evaluator, every=1, every_steps=None, seed=0, best=None, log=None, tensorboard=None):
        super().__init__()
        for name, value in (("every", every), ("every_steps", every_steps)):
            if value is not None and not (isinstance(value, int) and value >= 1):
                raise ValueError(f"{name} must be an integer of at least 1, or None; received {value!r}.")
        if every is None and every_steps is None:
            raise ValueError("EvaluateSamples needs every (epochs) or every_steps.")
        self.evaluator = evaluator
        self.every, self.every_steps, self.seed = every, every_steps, seed
        self.best, self.tensorboard = best, tensorboard
        self.log = None if log is None else Path(log)
        self.history = []
        self._numbers = dict.fromkeys(evaluator.metrics, math.nan)
        self._events = None

    def on_train_begin(self, logs=None):
        self._began = False
        if self.tensorboard is not None:
            self._events = TensorBoardEvents(self.tensorboard)

    def on_epoch_begin(self, epoch, logs=None):
        # Not in on_train_begin, where a callback that follows may yet set the model to where it stopped.
        self._epoch, self._batch = epoch, -1
        if not self._began:
            self._began, self._step = True, self._steps_done()
            self._take_up(self._step)
            if self._events is not None:
                self._events.begin(self._step + 1)

    def on_train_batch_end(self, batch, logs=None):
        # Counted here: asking the device for its number would make every step wait.
        before, self._step = self._step, self._step + batch - self._batch
        self._batch = batch
        if self.every_steps is not None and self._step // self.every_steps > before // self.every_steps:
            self._measure()

    def on_epoch_end(self, epoch, logs=None):
        due = self.every is not None and (epoch == 0 or (epoch + 1) % self.every == 0)
        last = epoch + 1 == self.params.get("epochs")
        # An epoch that was broken off is not over: a run that goes on measures where one that was never stopped does.
        if (due or last) and not self.model.stop_training:
            self._measure()
        if logs is not None:
            logs.update(self._numbers)

    def on_train_end(self, logs=None):
        if self._events is not None:
            self._events.close()

    def _take_up(self, step):
        """Reads what was measured until a step, and removes from the log what will be measured again."""
        before = [] if self.log is None else read_until(self.log, "step", step)
        if before:
            self.history = [(line["step"], {name: line[name] for name in self.evaluator.metrics}) for line in before]
            self._numbers = self.history[-1][1]

    def _steps_done(self):
        self.model.sync_state()
        return int(keras.ops.convert_to_numpy(self.model.optimizer.iterations))

    def _measure(self):
        step = self._steps_done()
        if self.history and self.history[-1][0] == step:
            return
        batches, labels = self.evaluator.generate(self.model, self.seed)
        self._numbers = self.evaluator.measure(_finite(batches), labels)
        self.history.append((step, self._numbers))
        if self.log is not None:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            with open(self.log, "a", encoding="utf-8") as f:
                f.write(json.dumps({"epoch": self._epoch + 1, "step": step, **self._numbers}) + "\n")
        if self._events is not None:
            for name, value in self._numbers.items():
                self._events.scalar(f"evaluation/{name}", value, step)
        if self.best is not None:
            self.best.offer(self.model, self._numbers, self.evaluator.protocol, self._epoch, step)


def _finite(batches):
    for batch in batches:
        if not np.isfinite(batch).all():
            raise FloatingPointError("generated samples became NaN or infinite. Try a lower learning rate.")
        yield batch


class BestPreset:
    """Keeps the model whose measured samples were the best so far, as a preset: a GAN's last weights often are not its best.

    Args:
        folder: The preset's folder. What is there counts as the best so far.
        monitor: The metric to compare.
        facts: Returns what `save_preset` takes, such as `dataset` and `recipe`; `metrics` and their `protocol` are filled in.

    Attributes:
        value: The metric's best value, or None.
        epoch: In which epoch, counted from 1, it was measured.

    Example:

        best = keras_gans.callbacks.BestPreset("runs/best")
        model.fit(batches, epochs=50, callbacks=[keras_gans.callbacks.EvaluateSamples(evaluator, best=best)])
        model = keras_gans.load_pretrained("runs/best")
    """

    def __init__(self, folder: str | os.PathLike, monitor="fid", facts=dict):
        metrics = known_metrics()
        if monitor not in metrics:
            raise ValueError(no_such("metric", str(monitor), list(metrics)))
        self.folder, self.monitor = Path(folder), monitor
        self._higher_is_better = metrics[monitor].higher_is_better
        self._facts = facts
        there = Metadata.read(self.folder / METADATA) if (self.folder / METADATA).is_file() else Metadata()
        self.value, self.epoch = there.metrics.get(monitor), there.training.epoch

    def offer(self, model, numbers, protocol, epoch, step):
        """Saves the model if it is better.

        Args:
            model: An `AdversarialModel` that `create_model` built.
            numbers: What was measured, by metric.
            protocol: Under which `Protocol`.
            epoch: As Keras counts them, from 0.
            step: Training steps done.

        Raises:
            ValueError: If the metric was not measured.
        """
        if self.monitor not in numbers:
            raise ValueError(f"BestPreset compares {self.monitor}, which is not measured: there are {', '.join(numbers)}.")
        value = numbers[self.monitor]
        if self.value is not None:
            better = value > self.value if self._higher_is_better else value < self.value
            if not better:
                return
        facts = dict(self._facts())
        facts["training"] = {**facts.get("training", {}), "epoch": epoch + 1, "step": step}
        save_preset(model, self.folder, **{**facts, "metrics": numbers, "protocol": protocol.as_dict()})
        self.value, self.epoch = value, epoch + 1
