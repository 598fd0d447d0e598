"""The progress bar of `fit` and `evaluate`: one line of at most 80 columns."""

from __future__ import annotations

import inspect
import math
import sys
import time
from collections.abc import Mapping
from typing import Any

import keras

from keras_gans.adversarial.parts import Part
from keras_gans.adversarial.step import AdversarialStep
from keras_gans.losses import Wasserstein

# A line of 80 characters wraps in some terminals.
_COLUMNS = 79
_LONGEST_BAR, _SHORTEST_BAR = 20, 5
_SECONDS_BETWEEN_UPDATES = 0.1

_ADVERSARIAL = ("d_loss", "g_loss", "d_real", "d_fake")
# `loss` adds up two losses that work against each other; gradient norms are for log files.
_HIDDEN = ("loss", "d_grad", "g_grad")


class ProgressBar(keras.callbacks.ProgbarLogger):
    """Keras' progress bar, with the numbers that matter in adversarial training, on one line of at most 80 columns.

    It shows the losses and the discriminator's accuracies or, for a Wasserstein loss, the estimated distance. Numbers that the
    present stage of training does not have are left out, and so is what does not fit the line: validation first. Terminals and
    notebooks are updated as training goes on; elsewhere only the last line of each epoch is written.
    """

    async_safe = True  # like Keras' own: it only reads logs
    progbar: Any

    def set_model(self, model: Part) -> None:
        super().set_model(model)
        estimates_distance = type(model).discriminator_loss is AdversarialStep.discriminator_loss
        self._shows_distance = isinstance(model.adversarial_loss, Wasserstein) and estimates_distance

    def _maybe_init_progbar(self) -> None:
        if not keras.config.is_interactive_logging_enabled():  # Keras' own goes to absl's log then
            super()._maybe_init_progbar()
        elif self.progbar is None:
            self.progbar = _Line(self.target, self.verbose, self._shows_distance)


class _Line:
    """One line, written again and again. Has the interface of `keras.utils.Progbar` that `ProgbarLogger` uses."""

    def __init__(self, target: int | None, verbose: int, shows_distance: bool):
        self.target, self.verbose, self._shows_distance = target, verbose, shows_distance
        self._began = self._drawn = time.perf_counter()
        self._after_first: float | None = None
        self._first = 0
        self._width = 0
        self._redraws = sys.stdout.isatty() or "ipykernel" in sys.modules

    def update(self, current: int, values: list[tuple[str, Any]], finalize: bool) -> None:
        """Draw the line, unless it was drawn a moment ago.

        Args:
            current: Steps done.
            values: Pairs of a name and a number.
            finalize: Whether this is the end of the epoch.
        """
        now = time.perf_counter()
        if self._after_first is None and not finalize:  # the first step compiles
            self._after_first, self._first = now, current
        soon = now - self._drawn < _SECONDS_BETWEEN_UPDATES
        if not finalize and (soon or not self._redraws or self.verbose != 1):
            return
        self._drawn = now
        steps, began = current - self._first, self._after_first or self._began
        step_seconds = (now - began) / steps if steps > 0 else now - self._began
        line = describe(
            current,
            self.target,
            now - self._began if finalize else None,
            step_seconds,
            choose_numbers(dict(values), self._shows_distance),
            with_bar=self.verbose == 1,
        )
        start = "\r" if self._redraws and self.verbose == 1 else ""
        sys.stdout.write(f"{start}{line:<{self._width}}" + ("\n" if finalize else ""))
        sys.stdout.flush()
        self._width = len(line)


def choose_numbers(logs: Mapping[str, Any], shows_distance: bool) -> dict[str, float]:
    """Return the numbers that the bar shows, the most important first.

    Args:
        logs: An adversarial model's logs.
        shows_distance: Whether the discriminator's loss is the negative of an estimated Wasserstein distance.
    """
    numbers = {name: float(value) for name, value in logs.items() if name.removeprefix("val_") not in _HIDDEN}
    for prefix in ("", "val_"):
        adversarial = [prefix + name for name in _ADVERSARIAL]
        if all(numbers.get(name) == 0.0 for name in adversarial):  # pretraining
            numbers = {name: value for name, value in numbers.items() if name not in adversarial}
        elif numbers.get(f"{prefix}nll") == 0.0:  # adversarial training
            del numbers[f"{prefix}nll"]
        if shows_distance and f"{prefix}d_loss" in numbers:
            numbers[f"{prefix}distance"] = -numbers.pop(f"{prefix}d_loss")
            numbers = {name: value for name, value in numbers.items() if name not in (f"{prefix}d_real", f"{prefix}d_fake")}
    first = [name for name in ("nll", "distance", *_ADVERSARIAL) if name in numbers]
    held_out = [name for name in numbers if name.startswith("val_")]
    last = [name for name in ("penalty",) if name in numbers]
    others = [name for name in numbers if name not in (*first, *held_out, *last)]
    # Measures such as fid come once an epoch, and are what one waits for.
    return {name: numbers[name] for name in (*first, *others, *last, *sorted(held_out, key=_held_out_order))}


def _held_out_order(name: str) -> int:
    order = ("val_nll", "val_distance", "val_d_loss", "val_g_loss")
    return order.index(name) if name in order else len(order)


def describe(
    current: int, target: int | None, seconds: float | None, step_seconds: float, numbers: Mapping[str, float], with_bar: bool
) -> str:
    """Return the line.

    Args:
        current: Steps done.
        target: Steps of the epoch; None if unknown.
        seconds: Seconds that the epoch took; None shows the time left instead.
        step_seconds: Seconds per step.
        numbers: Numbers by name, the most important first. What does not fit is left out.
        with_bar: Whether to draw a bar where there is room.
    """
    place = f"{current:>{len(str(target))}}/{target}" if target else f"{current}/Unknown"
    if seconds is None and target:
        seconds = step_seconds * (target - current)
    passed = "" if seconds is None else _duration(seconds)
    line, each, shown = " ".join(filter(None, (place, passed))), f" {_short(step_seconds)}/step", ""
    for text in (f" {name} {_number(name, value)}" for name, value in numbers.items()):
        if len(line) + len(shown) + len(text) > _COLUMNS:
            break
        shown += text
    if len(line) + len(each) + len(shown) <= _COLUMNS:
        line += each
    line += shown
    bar = min(_LONGEST_BAR, _COLUMNS - len(line) - 1)
    if with_bar and target and bar >= _SHORTEST_BAR:
        done = min(bar, bar * current // target)
        line = line.replace(place, f"{place} {'━' * done}{'─' * (bar - done)}", 1)
    return line


def _number(name: str, value: float) -> str:
    if name.removeprefix("val_") in ("d_real", "d_fake") and math.isfinite(value):
        return f"{value:.0%}"
    return f"{value:.4g}" if not 0.001 <= abs(value) < 1000 else f"{value:.{3 - max(0, math.floor(math.log10(abs(value))))}f}"


def _duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02}"
    return f"{whole // 3600}:{whole % 3600 // 60:02}:{whole % 60:02}"


def _short(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.0f}s"
    return f"{seconds * 1e3:.0f}ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f}us"


def with_progress_bar(method: Any, model: keras.Model, arguments: tuple, keywords: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of Keras' `fit` or `evaluate` by name, with a `ProgressBar` among the callbacks.

    Args:
        method: `keras.Model.fit` or `keras.Model.evaluate`.
        model: The model.
        arguments: Positional arguments.
        keywords: Keyword arguments.
    """
    bound = inspect.signature(method).bind(model, *arguments, **keywords).arguments
    del bound["self"]
    bound |= bound.pop("kwargs", {})
    callbacks = bound.get("callbacks")
    if bound.get("verbose", "auto") == 0 or isinstance(callbacks, keras.callbacks.CallbackList):
        return bound
    listed = keras.tree.flatten(callbacks) if callbacks else []
    if not any(isinstance(callback, keras.callbacks.ProgbarLogger) for callback in listed):
        bound["callbacks"] = [*listed, ProgressBar()]
    return bound
