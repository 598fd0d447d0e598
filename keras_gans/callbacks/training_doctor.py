from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gans._typing import Array, PathLike
from keras_gans.adversarial import AdversarialModel
from keras_gans.adversarial.inputs import name_conditions
from keras_gans.callbacks.diagnoses import Diagnosis, Divergence, ModeCollapse, VanishingGradients, is_scaled
from keras_gans.callbacks.diversity import Diversity
from keras_gans.callbacks.faults import REAL
from keras_gans.callbacks.json_log import read_until
from keras_gans.callbacks.log_window import LogWindow
from keras_gans.callbacks.sound_diagnoses import Clipping, Hum, Silence
from keras_gans.callbacks.tensorboard_events import TensorBoardEvents
from keras_gans.callbacks.video_diagnoses import Flicker, Frozen
from keras_gans.conditions import LABELS
from keras_gans.errors import check_count, no_such
from keras_gans.log_names import current_name
from keras_gans.shapes import fits

# Divergence comes first: all other symptoms of a diverging run follow from it.
_OF_SAMPLES = (Silence, Clipping, Hum, Frozen, Flicker)
_DIAGNOSES: tuple[type[Diagnosis], ...] = (Divergence, VanishingGradients, ModeCollapse, *_OF_SAMPLES)
FAILURES = tuple(diagnosis.name for diagnosis in _DIAGNOSES)

# The first check comes after this many steps: usual values must be known before anything goes wrong.
_FIRST_STEPS = 10


class TrainingWarning(UserWarning):
    """A warning that training shows one of the classic failures."""


class TrainingDoctor(keras.callbacks.Callback):
    """Watches the training of an adversarial model for its classic failures, and warns of them with remedies.

    * `divergence`: losses or gradients explode, or a value becomes NaN. Steps that loss scaling skips (float16) do not count.
    * `vanishing_gradients`: the discriminator is saturated, and the generator's gradient is next to nothing.
    * `mode_collapse`: samples from fixed latents are too similar, compared with real ones.
    * `silence`, `clipping` and `hum`, for sounds: far more generated than real ones are silent, clipped, or mostly one tone.
    * `frozen` and `flicker`, for clips: in far more generated than real ones, nothing moves or frames do not fit each other.

    Each failure is reported once, as a `TrainingWarning`, and again only if it disappears and recurs. `diagnoses.py` holds
    the thresholds and the runs they were measured on.

    A check draws `n` samples from the generator itself, because its moving average hides problems for a while. It looks at
    the means of the logs since the previous check. Between checks, nothing is read from the device.

    When a run is resumed (`ExactResume`), known failures are read from the log; usual values are learned anew.

    Args:
        real: Real samples to compare with: uint8 images or floats in [-1, 1], at least two; the first `n` are used. If None,
            the first samples of the training data, where their order is known (an array, or
            `keras_gans.load_data(...).batches(...)` in memory or from a folder); otherwise generated samples are compared with
            the most diverse ones so far.
        every: Training steps between two checks. The first checks are before training and after the first few steps.
        n: Samples per check, at least 2.
        seed: Seed of their latents.
        labels: Class labels of the samples; every class in turn if None. Other conditions come from the first samples of the
            training data, or are examples.
        classify: Maps uint8 images `(n, height, width, channels)`, or int16 sounds `(n, length, 1)`, to class probabilities
            `(n, classes)`, so that missing classes count as collapse; or None.
        log: A file to which a line of JSON is appended for each finding, with `"state": "found"`, and one when it disappears,
            with `"state": "gone"`; or None. Lines of steps that the model has not done yet are removed.
        tensorboard: A log folder of its own for findings (text) and diversity (scalars); or None.
        stop: The failures that end training after the current step: a name, several names, or True for all. `ExactResume`
            does not continue such a run. When several workers train one model, give the callback to each of them, so that all
            stop, but `log` and `tensorboard` to one only.

    Attributes:
        findings: A list of dicts with `failure`, `epoch` (from 1), `step` (training steps of the whole run), `message`,
            `advice` (a list) and `measured` (the numbers by name).
        stopped_by: The failure that ended training, or None.

    Raises:
        ValueError: If a value is out of range or unknown; from `fit`, if the model is not an `AdversarialModel` or `real` does
            not fit it.

    Example:

        doctor = keras_gans.callbacks.TrainingDoctor(log="logs/doctor.jsonl", stop="divergence")
        model.fit(images, batch_size=64, epochs=100, callbacks=[doctor])
        print(doctor.findings)
    """

    # Its findings depend on real samples: private training refuses it.
    publishes_real_data = True

    def __init__(
        self,
        real: Array | None = None,
        *,
        every: int = 100,
        n: int = 256,
        seed: int = 0,
        labels: Any = None,
        classify: Callable[[Array], Array] | None = None,
        log: PathLike | None = None,
        tensorboard: PathLike | None = None,
        stop: str | Iterable[str] | bool = (),
    ):
        super().__init__()
        self.every, self.n = check_count("every", every), check_count("n", n, least=2)
        if real is not None and len(real) < 2:
            raise ValueError(f"real must contain at least two samples; it contains {len(real)}.")
        self.real = real
        self.seed, self.labels, self.classify = seed, labels, classify
        self.log = None if log is None else Path(log)
        self.tensorboard = tensorboard
        self.stop = _failures(stop)
        self.findings: list[dict[str, Any]] = []
        self.stopped_by: str | None = None

    # Checks run before a step, not after one: a hook at the end of a batch would make Keras read the logs of each step. On JAX,
    # Keras copies the state to the model whenever a callback uses self.model, so that hooks of steps must not.

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        if not isinstance(self.model, AdversarialModel):
            raise ValueError(f"TrainingDoctor needs an AdversarialModel; received {type(self.model).__name__}.")
        if not self.model.medium.continuous:
            raise ValueError(f"TrainingDoctor cannot watch a model of {self.model.medium.name}: its samples have no distances.")
        self.findings, self.stopped_by = [], None
        real, conditions = self._real_samples()
        self._n = self.n if real is None else len(real)
        self._conditions = self._conditions_of_samples(conditions)
        self._diversity = Diversity(real, self.classify, self.model.medium)
        self._diagnoses = [diagnosis(self.model) for diagnosis in _DIAGNOSES if diagnosis.applies_to(self.model)]
        self._real_faults = {} if real is None else self._faults(real, REAL)
        # By failure: the number of consecutive checks that showed it (positive) or did not (negative).
        self._rows = dict.fromkeys(FAILURES, 0)
        self._known: dict[str, dict[str, Any]] = {}  # by failure: what has been found and has not disappeared
        self._window = LogWindow(self.model)
        self._steps = self.model.steps_per_execution
        self._since, self._due = 0, 0
        self._events: TensorBoardEvents | None = None
        self._begun = False

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._epoch = epoch
        if not self._begun:  # only now have other callbacks restored the model
            self._begun = True
            self._begin(self._steps_done())

    def on_train_batch_begin(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        if self._since >= self._due:
            self._window.read()
            self._check()
        in_epoch = self.params.get("steps")
        steps = self._steps if in_epoch is None else min(self._steps, in_epoch - batch)
        self._window.count(steps)
        self._since += steps

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        assert logs is not None
        self._window.read_epoch(logs)
        if self._since >= self._due:
            self._check()

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        if self._since >= _FIRST_STEPS:
            self._check()
        if self._events is not None:
            self._events.close()

    # Parts of these hooks.

    def _real_samples(self) -> tuple[Array | None, dict[str, Array]]:
        """Return real samples as float32 in [-1, 1], or None, and their conditions by name."""
        real, conditions = (self.real[: self.n], {}) if self.real is not None else self._first_samples()
        if real is None:
            return None, {}
        real = np.asarray(real)
        if not fits(real.shape[1:], self.model.data_shape):
            raise ValueError(f"real has samples of shape {real.shape[1:]}; those of the model have {self.model.data_shape}.")
        return self.model.medium.to_float(real), conditions

    def _first_samples(self) -> tuple[Array | None, dict[str, Array]]:
        """Return the first training samples of the first epoch and their conditions; None if their order is unknown."""
        batches = self.model.data
        if not hasattr(batches, "load"):
            return None, {}
        order = batches.order(0)[: -(-self.n // batches.batch_size)]
        loaded = [batches.load(positions, (0, step, 0)) for step, positions in enumerate(order)]
        samples = np.concatenate([each[0] for each in loaded])[: self.n]
        if len(samples) < 2:
            return None, {}
        named = [name_conditions(each[1], self.model.data_conditions) for each in loaded if len(each) > 1]
        names = named[0] if named else ()
        return samples, {name: np.concatenate([each[name] for each in named])[: self.n] for name in names}

    def _conditions_of_samples(self, real: Mapping[str, Array]) -> dict[str, Any]:
        """Return the conditions of a check's samples: every class in turn, or `labels`; others are those of real samples."""
        told = self.model.example_conditions(self._n)
        told |= {name: values for name, values in real.items() if name in told and name != LABELS}
        return told if self.labels is None else told | {LABELS: self.labels}

    def _steps_done(self) -> int:
        return int(ops.convert_to_numpy(self.model.optimizer.iterations))

    def _begin(self, step: int) -> None:
        """Open the log and TensorBoard at a step, removing what an earlier process wrote about later ones."""
        if self.log is not None:
            for entry in read_until(self.log, "step", step):
                if entry.pop("state") == "found":
                    self.findings.append(entry)
                    self._known[entry["failure"]] = entry
                else:
                    self._known.pop(entry["failure"], None)
        for diagnosis in self._diagnoses:
            if diagnosis.name in self._known:
                measured = self._known[diagnosis.name]["measured"]
                diagnosis.restore({current_name(name): float(value) for name, value in measured.items()})
        if self.tensorboard is not None:
            self._events = TensorBoardEvents(self.tensorboard)
            self._events.begin(step)

    def _check(self) -> None:
        """Examine the steps since the last check, and new samples."""
        step = self._steps_done()
        numbers = self._window.take()
        samples = self.model.generate(self._n, seed=self.seed, conditions=self._conditions, use_ema=False)
        samples = self.model.at_data_size(samples)
        if np.isfinite(samples).all():
            diversity = self._diversity.measure(samples)
            numbers |= diversity | self._faults(samples) | self._real_faults
            if self._events is not None:
                for name, value in diversity.items():
                    self._events.scalar(f"diversity/{name}", value, step)
        else:
            numbers["samples"] = math.nan
        scaled = filter(is_scaled, self.model.optimizer.optimizers)
        scales = [float(ops.convert_to_numpy(optimizer.dynamic_scale)) for optimizer in scaled]
        if scales:
            numbers["loss_scale"] = min(scales)
        self._due = self.every if self._since else min(_FIRST_STEPS, self.every)
        self._since = 0
        for diagnosis in self._diagnoses:
            measured = diagnosis.symptoms(numbers, step)
            self._note(diagnosis, measured, step)
            if measured and diagnosis.name == Divergence.name:
                break

    def _faults(self, samples: Array, prefix: str = "") -> dict[str, float]:
        """Return the shares of samples with faults that their medium knows, by prefixed name."""
        return {f"{prefix}{name}": share for name, share in self.model.medium.fault_shares(samples).items()}

    def _note(self, diagnosis: Diagnosis, measured: dict[str, float] | None, step: int) -> None:
        """Report a failure that is new or has disappeared; `measured` contains the numbers that show it, if any."""
        name, row = diagnosis.name, self._rows[diagnosis.name]
        row = self._rows[name] = max(row, 0) + 1 if measured else min(row, 0) - 1
        if measured and row >= diagnosis.patience and name not in self._known:
            finding = {
                "epoch": self._epoch + 1,
                "step": step,
                "failure": name,
                "message": diagnosis.words(measured),
                "advice": list(diagnosis.advice(self.model)),
                "measured": measured,
            }
            self._known[name] = finding
            self.findings.append(finding)
            self._report(finding)
        elif not measured and -row >= diagnosis.patience and name in self._known:
            del self._known[name]
            self._append_to_log({"state": "gone", "epoch": self._epoch + 1, "step": step, "failure": name})

    def _report(self, finding: dict[str, Any]) -> None:
        stops = finding["failure"] in self.stop
        message = f"{finding['message']}{' Training is stopped.' if stops else ''}"
        self._append_to_log({"state": "found", **finding})
        if self._events is not None:
            text = "\n".join([f"**{message}**", "", "What to try:", "", *(f"* {line}" for line in finding["advice"])])
            self._events.text(f"doctor/{finding['failure']}", text, finding["step"])
        place = f"Epoch {finding['epoch']}, step {finding['step']}: "
        lines = [place + message, "What to try:", *(f"  * {line}" for line in finding["advice"])]
        warnings.warn("\n".join(lines), TrainingWarning, stacklevel=2)
        if stops:
            self.stopped_by = self.stopped_by or finding["failure"]
            self.model.stop_training = True

    def _append_to_log(self, entry: dict[str, Any]) -> None:
        if self.log is None:
            return
        # JSON does not know NaN.
        measured = {name: value if math.isfinite(value) else str(value) for name, value in entry.get("measured", {}).items()}
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "a", encoding="utf-8") as f:
            f.write(json.dumps(entry | ({"measured": measured} if measured else {})) + "\n")


def _failures(stop: str | Iterable[str] | bool) -> tuple[str, ...]:
    """Return the names of the failures that `stop` selects."""
    if isinstance(stop, bool):
        return FAILURES if stop else ()
    names = (stop,) if isinstance(stop, str) else tuple(stop or ())
    for name in names:
        if name not in FAILURES:
            raise ValueError(no_such("failure", str(name), list(FAILURES)))
    return names
