"""What `fit` has logged, as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_gans._typing import PathLike
from keras_gans.evaluation.base import known_metrics
from keras_gans.evaluation.report import charts
from keras_gans.evaluation.report.curves import read_curves
from keras_gans.log_names import current_name

if TYPE_CHECKING:
    import keras
    from matplotlib.figure import Figure


def plot_history(history: keras.callbacks.History | Mapping[str, Sequence[float]] | PathLike) -> Figure:
    """Draw the losses, accuracies, gradient norms and metrics of a training, epoch by epoch.

    The best epoch of a metric is marked, and values of validation data are dashed. What was not logged after every epoch, such
    as validation with `validation_freq=2`, is left out.

    Args:
        history: What `fit` returned, or the `history` in it; or a run folder or a log, as `read_curves` reads them.

    Returns:
        A figure, which a notebook shows where it is the last value of a cell; `figure.savefig("history.png")` writes it.

    Raises:
        FileNotFoundError: If there is no such run or log.
        ImportError: If the extra `reports` is not installed.
        ValueError: If nothing has been logged.

    Example:

        history = model.fit(data, epochs=20)
        keras_gans.evaluation.plot_history(history)
    """
    return charts.draw_history(_curves(history), known_metrics())


def _curves(history: Any) -> Mapping[str, Sequence[float]]:
    if isinstance(history, str | Path):
        return read_curves(history)
    # `History` counts epochs from 0, and from where it went on.
    epochs = [epoch + 1.0 for epoch in getattr(history, "epoch", ())]
    logs = getattr(history, "history", history)
    if not isinstance(logs, Mapping):
        raise ValueError(f"history must be what fit returned, a dict of lists, or the folder of a run; received {history!r}.")
    epochs = epochs or [float(epoch + 1) for epoch in range(max(map(len, logs.values()), default=0))]
    return {"epoch": epochs} | {current_name(name): values for name, values in logs.items() if len(values) == len(epochs)}
