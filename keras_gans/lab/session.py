"""Trains a model by its own `fit`, as commands say, and makes frames of it between steps."""

from __future__ import annotations

import queue
import time
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops

from keras_gans.backend import compiled
from keras_gans.callbacks import TrainingDoctor, TrainingWarning
from keras_gans.callbacks.log_window import LogWindow
from keras_gans.lab.advice import attempt
from keras_gans.lab.arrays import finite
from keras_gans.lab.code import as_code
from keras_gans.lab.frames import FrameMaker
from keras_gans.lab.points import build_model, load_points
from keras_gans.lab.rules import apply_rules, needs_compilation, read_rules
from keras_gans.lab.settings import Setup, setup_of
from keras_gans.media import RangeWarning

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel
    from keras_gans.data import Data
    from keras_gans.data.mixtures import Mixture

_EPOCHS = 10**6  # `fit` ends when a command ends it
_MOST_FRAMES = 25  # per second
_SHARE = 0.1  # of the time between frames that a frame may take
_MEASURE_SECONDS = 1.0  # between two measurements of divergences
_DOCTOR_STEPS = 200  # between two checks of the doctor


class _Ended(Exception):  # noqa: N818  nothing is wrong
    """Leaves `fit` before its next step."""


class Session:
    """One lab: a model that is trained, paused, changed and started anew.

    Args:
        setup: What to train first.
        commands: A queue of `(number, command)` pairs; commands as `settings.check_command` returns them, None to end.
        emit: Takes each message, a dict that JSON can store: `state` when something begins or a rule changes, `frame`.
        build: Returns a new compiled model for a setup.
        load: Returns the data of a setup, and the mixture they come from or None.
        code: Returns the code of a setup, changed rules and a number of steps.

    Attributes:
        model: The model being trained; None before the first is built.
    """

    def __init__(
        self,
        setup: Setup,
        commands: queue.SimpleQueue,
        emit: Callable[[dict[str, Any]], None],
        build: Callable[[Setup], AdversarialModel] = build_model,
        load: Callable[[Setup], tuple[Data, Mixture | None]] = load_points,
        code: Callable[[Setup, Mapping[str, Any], int], dict[str, str]] = as_code,
    ):
        self._setup, self._commands, self._emit = setup, commands, emit
        self._build, self._load, self._code_of = build, load, code
        self.model: AdversarialModel | None = None
        self._acknowledged = 0
        self._frames = 0
        self._speed: float | None = None
        self._next_step = 0.0
        self._force = True  # whether the next frame is due whatever the time
        self._begin(setup)

    def run(self) -> None:
        """Follow commands until None arrives."""
        while True:
            self._emit({"type": "state", "status": "building", "setup": self._setup.to_dict()})
            try:
                self._train()
            except _Ended:
                if self._over:
                    return
            except Exception as error:
                # It is told and not raised: another model can be chosen.
                self._fail(error)
                if self._over:
                    return

    # Building and training.

    def _begin(self, setup: Setup) -> None:
        self._setup = setup
        self._changes: dict[str, Any] = {}
        self._playing, self._until, self._steps_left = False, None, 0
        self._over = self._rebuild = self._recompiled = False
        self._findings: list[dict[str, Any]] = []
        self._epoch = 0
        self._probe: tuple[float, float] | None = None
        self._before: dict[str, Any] | None = None  # what was true before a step that is shown in parts

    def _train(self) -> None:
        setup = self._setup
        self._rebuild = False
        model = self.model = self._build(setup)
        data, mixture = self._load(setup)
        self._samples = np.asarray(data.samples, "float32")
        self._maker = FrameMaker(model, self._samples, mixture)
        self._constants = self._maker.constants()
        self._extra_rng = np.random.default_rng(setup.seed)
        self._seconds, self._frame_seconds = 0.0, 0.0
        self._measured: dict[str, Any] = {}
        self._measured_at = -np.inf
        while not self._rebuild:
            self._prepare(model)
            batches = data.batches(setup.batch_size, setup.seed, epoch=self._epoch)
            doctor = self._doctor = TrainingDoctor(self._samples, every=_DOCTOR_STEPS)
            callbacks = [_Between(self), doctor]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", TrainingWarning)
                warnings.simplefilter("ignore", RangeWarning)  # points may all be on one side
                try:
                    model.fit(batches, epochs=_EPOCHS, initial_epoch=0, verbose=0, callbacks=callbacks)
                except _Ended:
                    if self._over:
                        raise
                self._findings += doctor.findings

    def _prepare(self, model: AdversarialModel) -> None:
        """Make what depends on the rules."""
        self._window = LogWindow(model)
        self._alone = {
            "discriminator": compiled(lambda real: model.update_discriminator(real, {})),
            "generator": compiled(lambda real: model.update_generator(real, {})),
        }
        self._recompiled = False
        self._tick = time.perf_counter()
        self._next_frame = 0.0
        self._send_state("ready")

    def _fail(self, error: Exception) -> None:
        text = " ".join(str(error).split()) or type(error).__name__
        while not self._over and not self._rebuild:
            self._emit({"type": "state", "status": "failed", "error": text[:300], "acknowledged": self._acknowledged})
            number, command = self._commands.get()
            self._follow(number, command, between=False)

    # Between two steps.

    def before_step(self) -> None:
        """Follow commands, show what is due, and return when the next step may begin."""
        now = time.perf_counter()
        if self._playing:
            self._seconds += now - self._tick
        while True:
            forced = self._follow_waiting()
            if self._over or self._rebuild or self._recompiled:
                self._force = True
                raise _Ended
            if self._playing and self._until is not None and self.steps_done >= self._until:
                self._playing, forced = False, True
            # A step that was asked for is shown once it is taken.
            if (forced and not self._steps_left) or (self._playing and time.perf_counter() >= self._next_frame):
                self._send_frame()
            wait = self._wait()
            if wait is not None and wait <= 0:
                break
            self._wait_for_command(wait)
        self._window.count(1)
        if self._steps_left:
            self._steps_left -= 1
            self._force = True
        self._tick = time.perf_counter()

    def end_epoch(self, logs: Mapping[str, Any]) -> None:
        """Note the end of an epoch."""
        self._window.read_epoch(logs)
        self._epoch += 1

    @property
    def steps_done(self) -> int:
        """Number of discriminator updates so far."""
        assert self.model is not None
        return int(ops.convert_to_numpy(self.model.optimizer.iterations))

    def _steps_of_both(self) -> dict[str, int]:
        assert self.model is not None
        return {each.name: int(ops.convert_to_numpy(each.iterations)) for each in self.model.optimizer.optimizers}

    def _wait(self) -> float | None:
        """Return the seconds to wait for the next step; None until a command."""
        if self._steps_left:
            return 0.0
        if not self._playing:
            return None
        if self._speed is None:
            return 0.0
        now = time.perf_counter()
        if now >= self._next_step:
            self._next_step = max(self._next_step + 1 / self._speed, now)
            return 0.0
        return self._next_step - now

    def _follow_waiting(self) -> bool:
        """Follow the commands that have arrived; return whether a frame must show what they did."""
        forced, self._force = self._force, False
        while not self._over and not self._rebuild:
            try:
                number, command = self._commands.get_nowait()
            except queue.Empty:
                return forced
            self._follow(number, command)
            forced = True
        return forced

    def _wait_for_command(self, seconds: float | None) -> None:
        try:
            number, command = self._commands.get(timeout=seconds)
        except queue.Empty:
            return
        self._follow(number, command)
        self._force = True

    def _follow(self, number: int, command: Mapping[str, Any] | None, between: bool = True) -> None:
        """Follow one command; `between` is whether a model is being trained."""
        self._acknowledged = number
        if command is None:
            self._over = True
        elif command["do"] == "reset":
            over = self._over
            self._begin(setup_of(command))
            self._over, self._rebuild = over, True
        elif not between:
            return
        elif command["do"] == "play":
            self._playing, self._until, self._next_step = True, command.get("until"), 0.0
            self._tick = time.perf_counter()
        elif command["do"] == "pause":
            self._playing, self._steps_left = False, 0
        elif command["do"] == "speed":
            self._speed, self._next_step = command.get("steps_per_second"), 0.0
        elif command["do"] == "step":
            self._step(command["network"], command.get("parts", False))
        elif command["do"] == "probe":
            x, y = command.get("x"), command.get("y")
            self._probe = None if x is None or y is None else (x, y)
        elif command["do"] == "change":
            self._change({name: value for name, value in command.items() if name != "do"})

    def _step(self, network: str, in_parts: bool) -> None:
        self._playing = False
        if in_parts:
            self._window.read()
            self._window.take()
            self._before = {"points": self._maker.arrow_points(), "steps": self._steps_of_both()}
        if network == "both":
            self._steps_left += 1
            return
        real = self._samples[self._extra_rng.integers(len(self._samples), size=self._setup.batch_size)]
        self._alone[network](real)

    def _change(self, changes: dict[str, Any]) -> None:
        assert self.model is not None
        apply_rules(self.model, changes)
        if "penalty" in changes or "penalty_weight" in changes:
            rules = read_rules(self.model)
            changes |= {name: rules[name] for name in ("penalty", "penalty_weight")}
        self._changes |= changes
        if needs_compilation(changes):
            self._recompiled, self._epoch = True, self._epoch + 1
        else:
            self._send_state("ready")

    # Messages.

    def _send_state(self, status: str) -> None:
        assert self.model is not None
        self._emit(
            {
                "type": "state",
                "status": status,
                "setup": self._setup.to_dict(),
                "rules": read_rules(self.model),
                "changes": self._changes,
                "code": self._code(),
                "acknowledged": self._acknowledged,
                **self._constants,
            }
        )

    def _code(self) -> dict[str, str]:
        """Return the code of as many steps as have been taken, in whole epochs."""
        return self._code_of(self._setup, self._changes, max(1, self.steps_done))

    def _send_frame(self) -> None:
        began = time.perf_counter()
        self._window.read()
        logs = {name: finite(value) for name, value in self._window.take().items()}
        if not self._playing or began - self._measured_at >= _MEASURE_SECONDS:
            self._measured, self._measured_at = self._maker.measures(), began
        self._frames += 1
        frame = {
            "type": "frame",
            "number": self._frames,
            "step": self.steps_done,
            "playing": self._playing,
            "logs": logs,
            "measures": self._measured,
            "findings": [*_plain(self._findings), *_plain(self._doctor.findings)],
            "acknowledged": self._acknowledged,
            "seconds": round(self._seconds, 3),
            "frame_seconds": round(self._frame_seconds, 3),
            **({} if self._playing else {"code": self._code()}),
            **({} if self._probe is None else {"probe": self._maker.probe(*self._probe)}),
            **self._parts(),
            **self._maker.frame(),
        }
        self._emit(frame)
        now = time.perf_counter()
        if self._playing:
            self._frame_seconds += now - began
        self._next_frame = now + max(1 / _MOST_FRAMES, (now - began) / _SHARE)

    def _parts(self) -> dict[str, Any]:
        """Return what a slow-motion view of the last step shows between its two updates."""
        if self._before is None:
            return {}
        before, self._before = self._before, None
        # An update of the generator leaves the discriminator as it is: this is what the generator learned from.
        gradients = self._maker.gradients(before["points"])
        moved = {name: steps > before["steps"][name] for name, steps in self._steps_of_both().items()}
        return {"parts": {**moved, "gradients": gradients}}


def _plain(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return findings of the doctor as JSON stores them, with what to change for each piece of advice."""
    return [
        {
            **finding,
            "measured": {name: finite(value) for name, value in finding["measured"].items()},
            "tries": [attempt(each) for each in finding["advice"]],
        }
        for finding in findings
    ]


class _Between(keras.callbacks.Callback):
    """Lets a session act between two steps.

    It has no hook at the end of steps: for that, Keras would read the logs of each from the device.
    """

    def __init__(self, session: Session):
        super().__init__()
        self._session = session

    def on_train_batch_begin(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._session.before_step()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._session.end_epoch(logs or {})
