from __future__ import annotations

import base64
import html
import importlib
import time
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from keras_gans.callbacks.log_window import LogWindow
from keras_gans.errors import check_count
from keras_gans.media.pictures import as_png

_CURVES = (("d_loss", "discriminator loss", "#5b5bd6"), ("g_loss", "generator loss", "#d97706"))
_WIDTH, _HEIGHT = 480, 140  # of the chart, in pixels
_MOST = 500  # points of a curve


class Live(keras.callbacks.Callback):
    """Draws samples and loss curves below the cell of a notebook while `fit` runs, in place of the ones before.

    Without IPython, it does nothing. The samples have fixed latents. The curves are means of the losses since the picture
    before. Drawing does not change training.

    Args:
        seconds: Least time between two pictures, at least 0. A picture is also left out while drawing would take more than a
            tenth of the time. The end of training is always drawn.
        n: Samples per picture, an integer of at least 1.
        seed: Seed of the latents.
        labels: Class labels for a conditional model. None draws a row for each class.

    Raises:
        ValueError: If `seconds` or `n` is out of range.

    Example:

        model.fit(images, batch_size=64, epochs=20, verbose=0, callbacks=[keras_gans.callbacks.Live()])
    """

    def __init__(self, seconds: float = 1.0, n: int = 16, seed: int = 0, labels: Any = None):
        super().__init__()
        if not seconds >= 0:
            raise ValueError(f"seconds must be at least 0; received {seconds!r}.")
        self.seconds, self.n = seconds, check_count("n", n)
        self.seed, self.labels = seed, labels
        self._show: Any = _find_display()
        self._shown: Any = None  # the output that is updated

    # As in TrainingDoctor, a hook at the end of a batch would make Keras read the logs of each step.

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        self._window = LogWindow(self.model)
        self._rows: list[dict[str, float]] = []
        self._step, self._due, self._shown = 0, time.perf_counter() + self.seconds, None

    def on_train_batch_begin(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        if self._show is None:
            return
        if time.perf_counter() >= self._due and self._step:
            self._window.read()
            self._draw()
        self._window.count(1)
        self._step += 1

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        if self._show is not None:
            self._window.read_epoch(logs or {})

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        if self._show is not None and self._step:
            self._draw()

    def _draw(self) -> None:
        began = time.perf_counter()
        self._rows.append({"step": self._step, **self._window.take()})
        if len(self._rows) > _MOST:
            self._rows = self._rows[::-1][::2][::-1]  # counted from the end, so that the newest one stays
        page = _Page(self._picture() + _chart(self._rows))
        if self._shown is None:
            self._shown = self._show(page, display_id=True)
        else:
            self._shown.update(page)
        now = time.perf_counter()
        self._due = now + max(self.seconds, 9 * (now - began))

    def _picture(self) -> str:
        if not self.model.drawable:
            return ""
        png = as_png(np.asarray(self.model.draw(self.n, self.seed, self.labels, at_data_size=True)))
        words = html.escape(f"Samples after {self._step:,} steps")
        return f'<p>{words}</p><img alt="{words}" src="data:image/png;base64,{base64.b64encode(png).decode()}">'


class _Page:
    """HTML as notebooks show it."""

    def __init__(self, text: str):
        self._text = text

    def _repr_html_(self) -> str:
        return self._text


def _chart(rows: Sequence[Mapping[str, float]]) -> str:
    """Return the curves as SVG."""
    values = [row[name] for row in rows for name, *_ in _CURVES if np.isfinite(row.get(name, np.nan))]
    if not values:
        return ""
    low, high = min(values), max(values)
    last = max(rows[-1]["step"], 1)
    height = max(high - low, 1e-9)
    lines, legend = [], []
    for name, label, colour in _CURVES:
        points = [(row["step"] / last, (high - row[name]) / height) for row in rows if np.isfinite(row.get(name, np.nan))]
        if not points:
            continue
        places = " ".join(f"{_WIDTH * x:.1f},{5 + (_HEIGHT - 10) * y:.1f}" for x, y in points)
        lines.append(f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        newest = next(row[name] for row in reversed(rows) if np.isfinite(row.get(name, np.nan)))
        legend.append(f'<span style="color:{colour}">{label} {newest:.4g}</span>')
    return (
        f"<p>{' &middot; '.join(legend)} &middot; from {low:.3g} to {high:.3g}, step {last:,}</p>"
        f'<svg width="{_WIDTH}" height="{_HEIGHT}" role="img" aria-label="Losses">{"".join(lines)}</svg>'
    )


def _find_display() -> Any:
    """Return the function that shows things in notebooks; None without IPython."""
    try:
        return importlib.import_module("IPython.display").display
    except ImportError:
        return None
