import json
import math
import warnings
from pathlib import Path

import keras
import numpy as np
from keras import ops

from keras_gans.adversarial import AdversarialModel
from keras_gans.adversarial.inputs import name_conditions
from keras_gans.callbacks.diagnoses import Divergence, ModeCollapse, VanishingGradients
from keras_gans.callbacks.diversity import Diversity
from keras_gans.callbacks.json_log import read_until
from keras_gans.callbacks.log_window import LogWindow
from keras_gans.callbacks.tensorboard_events import TensorBoardEvents
from keras_gans.conditions import LABELS
from keras_gans.errors import no_such
from keras_gans.log_names import current_name

# Divergence first: while a run diverges, whatever else it shows follows from that.
_DIAGNOSES = (Divergence, VanishingGradients, ModeCollapse)
FAILURES = tuple(diagnosis.name for diagnosis in _DIAGNOSES)

# The first numbers are those of so many steps: what is usual must be known before anything goes wrong.
_FIRST_STEPS = 10


class TrainingWarning(UserWarning):
    """Training shows one of its classic failures."""


class TrainingDoctor(keras.callbacks.Callback):
    """Watches an adversarial model's training for its three classic failures, and says what it sees and what to try.

    * `divergence`: losses or gradients explode, or something becomes NaN.
    * `vanishing_gradients`: the discriminator is sure of everything, and the generator's gradient is next to nothing.
    * `mode_collapse`: samples from fixed latents are too much alike, compared with real ones.

    Each is told once, as a `TrainingWarning`, and again only if it went away and came back. `findings` lists them: dicts with
    `failure`, `epoch` (from 1), `step` (training steps of the whole run), `message`, `advice` (a list) and `measured` (the
    numbers by name). `diagnoses.py` holds the thresholds, and what they were measured on.

    A check takes `n` samples of the generator itself, not of its average, which hides for a while what happens. It looks at the
    means of the logs since the check before. Between checks nothing is read from the device.

    When a run goes on (`ExactResume`), the log says which failures are known; what is usual is learned anew.

    Args:
        real: Real samples to compare with: uint8 images or floats in [-1, 1], at least two; the first `n` are used. If None,
            the first that the model is trained on, where the order of the data is known (an array, or
            `keras_gans.load_data(...).batches(...)` in memory or of a folder); else generated samples are compared with the
            most diverse ones before.
        every: Training steps between two checks. The first are before training and after its first few steps.
        n: Samples a check, at least 2.
        seed: Seed of their latents.
        labels: Class labels of the samples; every class in turn if None. Other conditions are those of the first samples that
            the model is trained on, or examples.
        classify: Maps uint8 images `(n, height, width, channels)` to the probabilities `(n, classes)` of their classes, so that
            missing classes count as collapse; or None.
        log: A file to which a line of JSON is appended for each finding, with `"state": "found"`, and one when it has gone away
            again, with `"state": "gone"`; or None. Lines of steps that the model has not done yet are removed.
        tensorboard: A log folder, used by nothing else, for findings (text) and diversity (scalars); or None.
        stop: The failures that end training after the current step: a name, several, or True for all. It is as if training had
            ended by itself: `ExactResume` does not go on with it. When several workers train one model, all must stop: give
            the callback to each of them, but `log` and `tensorboard` to one only.

    Raises:
        ValueError: If a value is out of range or unknown; from `fit`, if the model is no `AdversarialModel` or the samples do
            not fit it.

    Example:

        doctor = keras_gans.callbacks.TrainingDoctor(log="logs/doctor.jsonl", stop="divergence")
        model.fit(images, batch_size=64, epochs=100, callbacks=[doctor])
        print(doctor.findings)
    """

    def __init__(self, real=None, *, every=100, n=256, seed=0, labels=None, classify=None, log=None, tensorboard=None, stop=()):
        super().__init__()
        for name, value, least in (("every", every, 1), ("n", n, 2)):
            if not (isinstance(value, int) and value >= least):
                raise ValueError(f"{name} must be an integer of at least {least}; received {value!r}.")
        if real is not None and len(real) < 2:
            raise ValueError(f"real must hold at least two samples to compare with; it holds {len(real)}.")
        self.real = real
        self.every, self.n, self.seed, self.labels, self.classify = every, n, seed, labels, classify
        self.log = None if log is None else Path(log)
        self.tensorboard = tensorboard
        self.stop = _failures(stop)
        self.findings = []

    # The state before a step is looked at before it. A hook at the end of a batch would make Keras read the logs of each step;
    # and on JAX, Keras copies the state to the model whenever a callback says self.model, so no step may.

    def on_train_begin(self, logs=None):
        if not isinstance(self.model, AdversarialModel):
            raise ValueError(f"TrainingDoctor watches an AdversarialModel; received {type(self.model).__name__}.")
        if not self.model.medium.continuous:
            raise ValueError(f"TrainingDoctor cannot watch a model of {self.model.medium.name}: its samples have no distances.")
        self.findings = []
        real, conditions = self._real_samples()
        self._n = self.n if real is None else len(real)
        self._conditions = self._conditions_of_samples(conditions)
        self._diversity = Diversity(real, self.classify, self.model.medium)
        self._diagnoses = [diagnosis(self.model) for diagnosis in _DIAGNOSES]
        # By failure: checks in a row that showed it (above 0) or did not (below), and what has been found and not yet gone.
        self._rows, self._known = dict.fromkeys(FAILURES, 0), {}
        self._window = LogWindow(self.model)
        self._steps = self.model.steps_per_execution
        self._since, self._due = 0, 0
        self._events = None
        self._begun = False

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch = epoch
        if not self._begun:  # only now it is certain that callbacks have restored the model, if they do
            self._begun = True
            self._begin(self._steps_done())

    def on_train_batch_begin(self, batch, logs=None):
        if self._since >= self._due:
            self._window.read()
            self._check()
        self._window.count(self._steps)
        self._since += self._steps

    def on_epoch_end(self, epoch, logs=None):
        self._window.read_epoch(logs)
        if self._since >= self._due:
            self._check()

    def on_train_end(self, logs=None):
        if self._since >= _FIRST_STEPS:
            self._check()
        if self._events is not None:
            self._events.close()

    # Parts of these.

    def _real_samples(self):
        """Returns real samples as float32 in [-1, 1], or None, and their conditions by name where the data hold any."""
        real, conditions = (self.real[: self.n], {}) if self.real is not None else self._first_samples()
        if real is None:
            return None, {}
        real = np.asarray(real)
        if real.shape[1:] != self.model.data_shape:
            raise ValueError(f"real holds samples of shape {real.shape[1:]}; the model makes {self.model.data_shape}.")
        return self.model.medium.to_float(real), conditions

    def _first_samples(self):
        """Returns the first real samples of the first epoch and their conditions; None if the data cannot be asked for them."""
        batches = self.model.data
        if not hasattr(batches, "load"):
            return None, {}
        order = batches.order(0)[: -(-self.n // batches.batch_size)]
        loaded = [batches.load(positions, (0, step, 0)) for step, positions in enumerate(order)]
        samples = np.concatenate([each[0] for each in loaded])[: self.n]
        if len(samples) < 2:
            return None, {}
        named = [name_conditions(each[1], self.model.conditions) for each in loaded if len(each) > 1]
        names = named[0] if named else ()
        return samples, {name: np.concatenate([each[name] for each in named])[: self.n] for name in names}

    def _conditions_of_samples(self, real):
        """Returns what the samples of a check are told: every class in turn, or `labels`; all else as the real samples were."""
        told = self.model.example_conditions(self._n)
        told |= {name: values for name, values in real.items() if name in told and name != LABELS}
        return told if self.labels is None else told | {LABELS: self.labels}

    def _steps_done(self):
        return int(ops.convert_to_numpy(self.model.optimizer.iterations))

    def _begin(self, step):
        """Opens the log and TensorBoard at a step, forgetting what an earlier process wrote of later ones."""
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

    def _check(self):
        """Looks at the steps since the last check, and at samples."""
        step = self._steps_done()
        numbers = self._window.take()
        samples = self.model.generate(self._n, seed=self.seed, conditions=self._conditions, use_ema=False)
        samples = self.model.at_data_size(samples)
        if np.isfinite(samples).all():
            diversity = self._diversity.measure(samples)
            numbers |= diversity
            if self._events is not None:
                for name, value in diversity.items():
                    self._events.scalar(f"diversity/{name}", value, step)
        else:
            numbers["samples"] = math.nan
        self._due = self.every if self._since else min(_FIRST_STEPS, self.every)
        self._since = 0
        for diagnosis in self._diagnoses:
            measured = diagnosis.symptoms(numbers, step)
            self._note(diagnosis, measured, step)
            if measured and diagnosis.name == Divergence.name:
                break

    def _note(self, diagnosis, measured, step):
        """Tells what is new of one failure; `measured` holds the numbers that show it, if they do."""
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
            self._tell(finding)
        elif not measured and -row >= diagnosis.patience and name in self._known:
            del self._known[name]
            self._append_to_log({"state": "gone", "epoch": self._epoch + 1, "step": step, "failure": name})

    def _tell(self, finding):
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
            self.model.stop_training = True

    def _append_to_log(self, entry):
        if self.log is None:
            return
        # JSON has no NaN.
        measured = {name: value if math.isfinite(value) else str(value) for name, value in entry.get("measured", {}).items()}
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "a", encoding="utf-8") as f:
            f.write(json.dumps(entry | ({"measured": measured} if measured else {})) + "\n")


def _failures(stop):
    """Returns the names of failures that `stop` means."""
    if isinstance(stop, bool):
        return FAILURES if stop else ()
    names = (stop,) if isinstance(stop, str) else tuple(stop or ())
    for name in names:
        if name not in FAILURES:
            raise ValueError(no_such("failure", str(name), list(FAILURES)))
    return names
