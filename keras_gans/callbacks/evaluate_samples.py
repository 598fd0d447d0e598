from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from keras_gans._typing import Array, PathLike
from keras_gans.callbacks.json_log import read_until
from keras_gans.callbacks.tensorboard_events import TensorBoardEvents
from keras_gans.errors import check_count, no_such
from keras_gans.evaluation import known_metrics
from keras_gans.presets import METADATA, Metadata, save_preset

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel
    from keras_gans.evaluation import Evaluator, Protocol


class EvaluateSamples(keras.callbacks.Callback):
    """Measures generated samples during `fit` and adds the metrics to the logs.

    Put it before callbacks that read the metrics or end training: `ModelCheckpoint(monitor="fid", mode="min")`,
    `EarlyStopping`, `CSVLogger`. Samples are drawn with the same seed each time, from the generator's moving average if there
    is one; drawing does not disturb training. The logs of every epoch contain the latest metrics.

    Args:
        evaluator: A `keras_gans.evaluation.Evaluator`, or the subclass of another medium.
        every: Measure after the first epoch, then every `every` epochs, and after the last. None measures by steps only.
        every_steps: Also measure every `every_steps` training steps; or None.
        seed: Seed of the samples.
        best: A `BestPreset` that keeps the model with the best samples, or None.
        log: A file to which each measurement is appended as a line of JSON, or None. A resumed run continues it.
        tensorboard: A log folder of its own for TensorBoard's scalars, by training step, or None.

    Attributes:
        history: `(step, metrics)` of each measurement; steps are updates of the discriminator.
        measured_epoch: The epoch, counted from 1, of the latest measurement; None before the first.

    Raises:
        ValueError: If both frequencies are None, or one is not positive.
    """

    # Metrics compare with real samples: private training refuses it.
    publishes_real_data = True

    def __init__(
        self,
        evaluator: Evaluator,
        every: int | None = 1,
        every_steps: int | None = None,
        seed: int = 0,
        best: BestPreset | None = None,
        log: PathLike | None = None,
        tensorboard: PathLike | None = None,
    ):
        super().__init__()
        if every is None and every_steps is None:
            raise ValueError("EvaluateSamples needs every (epochs) or every_steps.")
        self.evaluator = evaluator
        self.every = None if every is None else check_count("every", every)
        self.every_steps = None if every_steps is None else check_count("every_steps", every_steps)
        self.seed = seed
        self.best, self.tensorboard = best, tensorboard
        self.log = None if log is None else Path(log)
        self.history: list[tuple[int, dict[str, float]]] = []
        self.measured_epoch: int | None = None
        self._numbers = dict.fromkeys(evaluator.metrics, math.nan)
        self._events: TensorBoardEvents | None = None

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        self._began = False
        if self.tensorboard is not None:
            self._events = TensorBoardEvents(self.tensorboard)

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        # Not in on_train_begin: a later callback may restore the model there.
        self._epoch, self._batch = epoch, -1
        if not self._began:
            self._began, self._step = True, self._steps_done()
            self._take_up(self._step)
            if self._events is not None:
                self._events.begin(self._step + 1)

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        # Counted here: reading the number from the device would make every step wait.
        before, self._step = self._step, self._step + batch - self._batch
        self._batch = batch
        if self.every_steps is not None and self._step // self.every_steps > before // self.every_steps:
            self._measure()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        due = self.every is not None and (epoch == 0 or (epoch + 1) % self.every == 0)
        last = epoch + 1 == self.params.get("epochs")
        # An interrupted epoch is not over: a resumed run measures where an uninterrupted one does.
        if (due or last) and not self.model.stop_training:
            self._measure()
        if logs is not None:
            logs.update(self._numbers)

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        if self._events is not None:
            self._events.close()

    def _take_up(self, step: int) -> None:
        """Read the measurements up to a step, and remove later ones from the log."""
        before: list[dict[str, Any]] = [] if self.log is None else read_until(self.log, "step", step)
        if before:
            self.history = [(line["step"], {name: line[name] for name in self.evaluator.metrics}) for line in before]
            self._numbers, self.measured_epoch = self.history[-1][1], before[-1]["epoch"]

    def _steps_done(self) -> int:
        self.model.sync_state()
        return int(keras.ops.convert_to_numpy(self.model.optimizer.iterations))

    def _measure(self) -> None:
        step = self._steps_done()
        if self.history and self.history[-1][0] == step:
            return
        batches, labels = self.evaluator.generate(self.model, self.seed)
        measured = self.evaluator.measure(_finite(batches), labels)
        self._numbers = {name: math.nan if value is None else value for name, value in measured.items()}
        self.history.append((step, self._numbers))
        self.measured_epoch = self._epoch + 1
        if self.log is not None:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            with open(self.log, "a", encoding="utf-8") as f:
                f.write(json.dumps({"epoch": self._epoch + 1, "step": step, **self._numbers}) + "\n")
        if self._events is not None:
            for name, value in self._numbers.items():
                self._events.scalar(f"evaluation/{name}", value, step)
        if self.best is not None:
            self.best.offer(self.model, self._numbers, self.evaluator.protocol_of(self.model), self._epoch, step)


def _finite(batches: Iterable[Array]) -> Iterator[Array]:
    for batch in batches:
        if not np.isfinite(batch).all():
            raise FloatingPointError("generated samples became NaN or infinite. Try a lower learning rate.")
        yield batch


class BestPreset:
    """Keeps the model with the best samples so far as a preset. The last weights of a GAN are often not the best.

    Args:
        folder: The preset's folder. A preset that is already there counts as the best so far.
        monitor: The metric to compare, such as `"fid"`.
        facts: Returns the metadata for `save_preset`, such as `dataset` and `recipe`; `metrics` and their `protocol` are added.

    Attributes:
        value: The best value of the metric, or None.
        epoch: The epoch, counted from 1, in which it was measured, or None.

    Raises:
        ValueError: If there is no such metric.

    Example:

        best = keras_gans.callbacks.BestPreset("runs/best")
        model.fit(batches, epochs=50, callbacks=[keras_gans.callbacks.EvaluateSamples(evaluator, best=best)])
        model = keras_gans.load_pretrained("runs/best")
    """

    def __init__(self, folder: PathLike, monitor: str = "fid", facts: Callable[[], Mapping[str, Any]] = dict):
        metrics = known_metrics()
        if monitor not in metrics:
            raise ValueError(no_such("metric", str(monitor), list(metrics)))
        self.folder, self.monitor = Path(folder), monitor
        self._higher_is_better = metrics[monitor].higher_is_better
        self._facts = facts
        existing = Metadata.read(self.folder / METADATA) if (self.folder / METADATA).is_file() else Metadata()
        self.value: float | None = existing.metrics.get(monitor)
        self.epoch: int | None = existing.training.epoch

    def offer(self, model: AdversarialModel, numbers: Mapping[str, float], protocol: Protocol, epoch: int, step: int) -> None:
        """Save the model if it is better than the best so far.

        Args:
            model: An `AdversarialModel` built by `create_model`.
            numbers: Values of metrics by name.
            protocol: The `Protocol` of the measurement.
            epoch: The epoch as Keras counts it, from 0.
            step: Training steps done.

        Raises:
            ValueError: If the monitored metric was not measured.
        """
        if self.monitor not in numbers:
            raise ValueError(f"BestPreset monitors {self.monitor}, which is not measured. Measured: {', '.join(numbers)}.")
        value = numbers[self.monitor]
        if self.value is not None:
            better = value > self.value if self._higher_is_better else value < self.value
            if not better:
                return
        facts = dict(self._facts())
        facts["training"] = {**facts.get("training", {}), "epoch": epoch + 1, "step": step}
        save_preset(model, self.folder, **{**facts, "metrics": numbers, "protocol": protocol.as_dict()})
        self.value, self.epoch = value, epoch + 1
