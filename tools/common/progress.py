"""Progress of a training run as one line of text."""

import sys
import time
from collections.abc import Mapping
from typing import Any

# Between two lines on a terminal, and elsewhere (a log file, say).
_TERMINAL_SECONDS, _LOG_SECONDS = 0.5, 10.0


class Rate:
    """Counts steps and tells how fast they are and how long the rest will take."""

    def __init__(self, steps_to_do: int):
        self.steps_to_do = steps_to_do
        self.done = 0
        self._began = None

    def step(self) -> None:
        # The first step, in which the model is compiled, is not timed.
        self.done += 1
        if self.done == 1:
            self._began = time.perf_counter()

    @property
    def per_second(self) -> float:
        """Steps a second, or 0 before there are two."""
        return (self.done - 1) / (time.perf_counter() - self._began) if self.done > 1 else 0.0

    @property
    def seconds_left(self) -> float:
        """At the present rate; 0 while it is unknown."""
        return (self.steps_to_do - self.done) / self.per_second if self.done > 1 else 0.0


def make_callback(position: tuple[int, int], epochs: int, steps: int, batch_size: int) -> Any:
    """Returns a Keras callback that prints the position, the speed and the time left of training.

    Args:
        position: Number of epochs done, and of steps done of the next, which Keras then counts from 0.
        epochs: Number of epochs.
        steps: Steps per epoch.
        batch_size: Samples per step.

    On a terminal one line is kept up to date; elsewhere a line is printed at the end of an epoch, every ten seconds at most.
    """
    import keras

    first_epoch, first_step = position

    class Progress(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.rate = Rate((epochs - first_epoch) * steps - first_step)
            self.printed = time.perf_counter()
            self.terminal = sys.stdout.isatty()

        def on_epoch_begin(self, epoch, logs=None):
            self.epoch = epoch

        def on_train_batch_end(self, batch, logs=None):
            self.step = batch + 1 + (first_step if self.epoch == first_epoch else 0)
            self.rate.step()
            if self.terminal and time.perf_counter() - self.printed > _TERMINAL_SECONDS:
                self.show(logs, "")

        def on_epoch_end(self, epoch, logs=None):
            last = epoch + 1 == epochs or self.model.stop_training
            if last or self.terminal or time.perf_counter() - self.printed > _LOG_SECONDS:
                self.show(logs, "\n" if last or not self.terminal else "")

        def show(self, logs, end):
            text = describe(self.epoch + 1, epochs, self.step, steps, self.rate, batch_size, logs)
            print(f"\r{text:<128}" if self.terminal else text, end=end, flush=True)
            self.printed = time.perf_counter()

    return Progress()


def describe(epoch: int, epochs: int, step: int, steps: int, rate: Rate, batch_size: int, logs: Mapping[str, Any]) -> str:
    """Returns one line: position, speed, time left, and the losses."""
    minutes, seconds = divmod(round(rate.seconds_left), 60)
    speed = f"{rate.per_second:.1f} steps/s, {rate.per_second * batch_size:,.0f} samples/s"
    place = f"epoch {epoch}/{epochs} step {step}/{steps}  {speed}, {minutes}:{seconds:02} left  "
    held_out = f", nll {float(logs['val_nll']):.3f} held out" if "val_nll" in logs else ""
    if float(logs.get("nll", 0.0)) > 0.0:  # pretraining of text models
        return f"{place}nll {float(logs['nll']):.3f}{held_out}"
    losses = (
        f"loss D {float(logs['d_loss']):.2f} G {float(logs['g_loss']):.2f}, "
        f"D right on {float(logs['d_real']):.0%} real {float(logs['d_fake']):.0%} fake"
    )
    # Metrics come with the logs of epochs only.
    losses += f", fid {float(logs['fid']):.2f}" if "fid" in logs else ""
    return place + losses + held_out
