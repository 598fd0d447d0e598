"""Progress of a training run as one line of text."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keras_gans.callbacks import EvaluateSamples

# Seconds between two lines on a terminal, and elsewhere (a log file, say): at the ends of epochs, and within long ones.
_TERMINAL_SECONDS, _LOG_SECONDS, _LONG_SECONDS = 0.5, 10.0, 60.0
# Steps and seconds after the first step, which compiles, until the duration of the run is estimated.
_TIMED_STEPS, _TIMED_SECONDS = 3, 2.0
# Runs that take longer than the first get an estimate, and those longer than the second a hint how to shorten them.
_ESTIMATED_SECONDS, LONG_RUN_SECONDS = 60.0, 7200.0

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def duration(seconds: float) -> str:
    """Return a duration in its two largest units: `10 d 3 h`, `3 h 59 min`, `45 s`."""
    left = round(seconds)
    parts: list[str] = []
    for size, unit in _UNITS:
        count, left = divmod(left, size)
        if count or parts:
            parts.append(f"{count} {unit}" if count else "")
    return " ".join(part for part in parts[:2] if part) or "0 s"


def counted(number: int, noun: str) -> str:
    """Return a number with a noun that has a regular plural: `1 step`, `2,000 steps`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


class Rate:
    """Counts steps, and measures their speed and the time left.

    Args:
        steps_to_do: The number of steps of the whole run that are left.
    """

    def __init__(self, steps_to_do: int):
        self.steps_to_do = steps_to_do
        self.done = 0
        self._untimed = 0
        self._began = 0.0

    def count(self, steps: int) -> None:
        """Count steps that have ended together. The first ones, which compile the model, are not timed."""
        if not self.done:
            self._untimed, self._began = steps, time.perf_counter()
        self.done += steps

    @property
    def seconds(self) -> float:
        """Seconds since the end of the first step; 0 before it."""
        return time.perf_counter() - self._began if self.done else 0.0

    @property
    def per_second(self) -> float:
        """Steps per second; 0 until steps have been timed."""
        return (self.done - self._untimed) / self.seconds if self.done > self._untimed else 0.0

    @property
    def seconds_left(self) -> float:
        """Seconds left at the current speed; 0 while it is unknown."""
        return (self.steps_to_do - self.done) / self.per_second if self.done > self._untimed else 0.0


class FirstStep:
    """Tells from a thread of its own that the first step is being compiled, until it is done.

    Args:
        terminal: Whether to keep one line up to date every second, instead of printing one every 30 seconds.
    """

    def __init__(self, terminal: bool):
        self._terminal = terminal
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._tell, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def end(self) -> None:
        """End the thread; may be called more than once."""
        if self._thread.is_alive():
            self._done.set()
            self._thread.join()

    def _tell(self) -> None:
        began = time.perf_counter()
        while not self._done.wait(1.0 if self._terminal else 30.0):
            text = f"Compiling the first step: {duration(time.perf_counter() - began)}"
            print(f"\r\033[K{text}" if self._terminal else text, end="" if self._terminal else "\n", flush=True)


def make_callback(
    position: tuple[int, int],
    epochs: int,
    steps: int,
    evaluation: EvaluateSamples | None = None,
    hint: str = "",
) -> Any:
    """Return a Keras callback that prints the position, the speed and the time left of training.

    On a terminal, one line is kept up to date. Elsewhere, a line is printed at the end of an epoch, at most every ten seconds,
    and every minute within long epochs. Call the callback's `end` when `fit` has raised an error: it ends the thread that
    waits for the first step.

    Args:
        position: Number of epochs done, and of steps done of the next one, whose remaining steps Keras counts from 0.
        epochs: Number of epochs.
        steps: Steps per epoch.
        evaluation: The callback whose latest metric is shown, or None.
        hint: A line to print if the run will take more than two hours, or "".
    """
    import keras

    from keras_gans.callbacks.diagnoses import is_separated_by_zero

    first_epoch, first_step = position

    class Progress(keras.callbacks.Callback):
        def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
            self.rate = Rate((epochs - first_epoch) * steps - first_step)
            self.printed = time.perf_counter()
            self.terminal = sys.stdout.isatty()
            self.accuracies = is_separated_by_zero(self.model.adversarial_loss)
            self.estimated = False
            self.first = FirstStep(self.terminal)
            self.first.start()

        def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
            self.epoch, self.batch = epoch, -1

        def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
            self.step = batch + 1 + (first_step if self.epoch == first_epoch else 0)
            self.rate.count(batch - self.batch)
            self.batch = batch
            self.first.end()
            if not self.estimated and self.rate.done > _TIMED_STEPS and self.rate.seconds > _TIMED_SECONDS:
                self.estimate()
            if time.perf_counter() - self.printed > (_TERMINAL_SECONDS if self.terminal else _LONG_SECONDS):
                self.show(logs, "" if self.terminal else "\n")

        def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
            last = epoch + 1 == epochs or self.model.stop_training
            if last or self.terminal or time.perf_counter() - self.printed > _LOG_SECONDS:
                self.show(logs, "\n" if last or not self.terminal else "")

        def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
            self.end()

        def end(self) -> None:
            if hasattr(self, "first"):
                self.first.end()

        def estimate(self) -> None:
            self.estimated = True
            left = self.rate.seconds_left
            if left > _ESTIMATED_SECONDS:
                clear = "\r\033[K" if self.terminal else ""
                print(f"{clear}At the speed of the first steps, {self.rate.per_second:.2g} steps/s: {duration(left)} left.")
            if left > LONG_RUN_SECONDS and hint:
                print(hint)
            sys.stdout.flush()

        def show(self, logs: Mapping[str, Any] | None, end: str) -> None:
            text = describe(
                self.epoch + 1, epochs, self.step, steps, self.rate, logs or {}, measured(evaluation), self.accuracies
            )
            if self.terminal:
                text = f"\r\033[K{text[: shutil.get_terminal_size().columns - 1]}"
            print(text, end=end, flush=True)
            self.printed = time.perf_counter()

    return Progress()


def measured(evaluation: EvaluateSamples | None) -> str:
    """Return the latest value of the metric of the best model, with the epoch in which it was measured; "" before the first."""
    if evaluation is None or evaluation.measured_epoch is None:
        return ""
    name = evaluation.evaluator.metrics[0] if evaluation.best is None else evaluation.best.monitor
    return f"{name} {evaluation.history[-1][1][name]:.4g} (epoch {evaluation.measured_epoch})"


def _speed(per_second: float) -> str:
    """Return a speed in words; nothing for a single step, which compiles the model."""
    if not per_second:
        return ""
    return f"{per_second:.1f} steps/s" if per_second >= 0.1 else f"{1 / per_second:.0f} s/step"


def describe(
    epoch: int,
    epochs: int,
    step: int,
    steps: int,
    rate: Rate,
    logs: Mapping[str, Any],
    metric: str = "",
    accuracies: bool = True,
) -> str:
    """Return one line: position, speed, time left, losses and a metric.

    Args:
        epoch: The current epoch, from 1.
        epochs: Number of epochs.
        step: Steps done of the epoch.
        steps: Steps per epoch.
        rate: The speed.
        logs: The logs of the step or the epoch.
        metric: The latest metric in words, or "".
        accuracies: Whether the discriminator's accuracies mean anything: not for a critic, whose scores have no threshold.
    """
    left = f", {duration(rate.seconds_left)} left" if rate.seconds_left else ""
    place = f"epoch {epoch}/{epochs} step {step}/{steps}  {_speed(rate.per_second)}{left}".rstrip() + "  "
    held_out = [f"nll {float(logs['val_nll']):.3f} held out"] if "val_nll" in logs else []
    held_out += [f"accuracy {float(logs['val_accuracy']):.1%} held out"] if "val_accuracy" in logs else []
    if float(logs.get("nll", 0.0)) > 0.0:  # pretraining of text models
        return place + ", ".join([f"nll {float(logs['nll']):.3f}", *held_out])
    pixel = [f"pixel {float(logs['pixel']):.4f}"] if "pixel" in logs else []
    if "d_loss" not in logs:  # private training
        budget = [f"epsilon {float(logs['epsilon']):.2f}"] if "epsilon" in logs else []
        return place + ", ".join([f"loss G {float(logs['g_loss']):.2f}", *budget])
    if pixel and not float(logs["d_loss"]):  # learning from pixels alone
        return place + ", ".join([*pixel, *filter(None, [metric])])
    parts = [f"loss D {float(logs['d_loss']):.2f} G {float(logs['g_loss']):.2f}", *pixel, *held_out]
    if metric:
        parts.append(metric)
    if accuracies:
        parts.append(f"D right on {float(logs['d_real']):.0%} real {float(logs['d_fake']):.0%} fake")
    return place + ", ".join(parts)
