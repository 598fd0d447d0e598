"""Curves of text models over temperatures: is adversarial training worth it?

Quality and coverage pull apart: at a low temperature, what a model writes looks better, and it leaves out more. So models are
compared by curves over temperatures. Every model begins with maximum likelihood, so each run has two curves: that of
the generator after maximum likelihood, and that of the same generator after adversarial training, which helped where its curve
lies below: better coverage at the same quality.

Reference: Caccia et al. 2020, "Language GANs Falling Short", section 4.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np

from keras_gans._typing import PathLike
from keras_gans.evaluation.progress import Progress
from keras_gans.evaluation.report.extra import import_extra
from keras_gans.files import replacing, write_json

if TYPE_CHECKING:
    from keras_gans.gans import SequenceGAN
    from keras_gans.sequences import LanguageModel

TEMPERATURES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
BATCH_SIZE = 64

# The entry's name, the builder's arguments, and the number of adversarial steps.
Setting: TypeAlias = tuple[str, dict[str, Any], int]
# A row of a curve: the temperature and two numbers, low for good ones.
Row: TypeAlias = dict[str, float]


class Task(Protocol):
    """Text to learn, and how what models write is scored.

    Attributes:
        quality: Name of the number that is low for good text.
        coverage: Name of the number that is low for models that miss nothing.
        labels: What the axes of a chart say of both.
        about: A line of text about the real text.
        settings: The models to train, by name.
        arguments: Arguments of every builder, such as `length`.
        training: Tokens to learn from, int32 `(n, length)`.
        held_out: Tokens that tell when maximum likelihood ends.
    """

    quality: str
    coverage: str
    labels: tuple[str, str]
    about: str
    training: np.ndarray
    held_out: np.ndarray

    @property
    def settings(self) -> Mapping[str, Setting]: ...

    @property
    def arguments(self) -> dict[str, Any]: ...

    def score(self, model: SequenceGAN, network: LanguageModel | None, temperature: float, seed: int) -> tuple[float, float]:
        """Return quality and coverage of a model at a temperature, with the given network in place of its generator."""
        ...


def curve(task: Task, model: SequenceGAN, network: LanguageModel | None = None, seed: int = 0) -> list[Row]:
    """Return a row for each temperature.

    Args:
        task: A `Task`.
        model: A `SequenceGAN`.
        network: The generator to measure; that with which the model generates if None.
        seed: Seed of the samples.
    """
    rows = []
    for temperature in TEMPERATURES:
        quality, coverage = task.score(model, network, temperature, seed)
        rows.append({"temperature": temperature, task.quality: quality, task.coverage: coverage})
    return rows


def measure(name: str, task: Task, seed: int = 0, steps: int | None = None) -> list[dict[str, Any]]:
    """Train a model and measure its curve.

    Args:
        name: A name in `task.settings`.
        task: A `Task`.
        seed: Seed of the weights and all noise.
        steps: Number of adversarial steps; that of the settings if None.

    Returns:
        Two results, or one without adversarial training: `{"model", "stage", "seed", "cpu_seconds", "curve"}`, where `stage`
        is "maximum likelihood" or "adversarial", and CPU seconds count from the start of training.
    """
    import keras

    from keras_gans import create_model

    entry, arguments, usual = task.settings[name]
    steps = usual if steps is None else steps
    keras.utils.set_random_seed(seed)
    model = create_model(entry, seed=seed, **{**task.arguments, **arguments})
    clock = _clock(steps)
    held_out = (task.held_out,)
    model.fit(task.training, validation_data=held_out, batch_size=BATCH_SIZE, epochs=1_000, callbacks=[clock], verbose=0)
    # The reference keeps the weights at the end of maximum likelihood.
    stages = {"maximum likelihood": (model.reference, clock.pretraining), "adversarial": (None, clock.both)}
    if not steps:
        del stages["adversarial"]
    return [
        {"model": name, "stage": stage, "seed": seed, "cpu_seconds": seconds, "curve": curve(task, model, network, seed)}
        for stage, (network, seconds) in stages.items()
    ]


def measure_all(
    names: Sequence[str],
    seeds: Iterable[int],
    task: Task,
    path: PathLike | None = None,
    progress: Progress | None = None,
) -> list[dict[str, Any]]:
    """Measure models, each with several seeds.

    Args:
        names: Names in `task.settings`.
        seeds: Integers.
        task: A `Task`.
        path: A JSON file to which each result is added. Results that it holds already are not measured again.
        progress: Is called with a line of text before each model and seed.

    Returns:
        All results of `measure`.
    """
    kept = None if path is None else Path(path)
    known = json.loads(kept.read_text(encoding="utf-8")) if kept is not None and kept.is_file() else []
    results: list[dict[str, Any]] = []
    for name in names:
        for seed in seeds:
            found = [result for result in known if (result["model"], result["seed"]) == (name, seed)]
            if not found:
                if progress is not None:
                    progress(f"{name}: seed {seed}")
                found = measure(name, task, seed)
                known += found
                if kept is not None:
                    write_json(kept, known)
            results += found
    return results


def _clock(steps: int) -> Any:
    """Return a callback that measures the CPU time of both stages, and ends adversarial training after some steps."""
    import keras

    class Clock(keras.callbacks.Callback):
        def __init__(self) -> None:
            super().__init__()
            self.done = 0

        def on_train_begin(self, logs: Any = None) -> None:
            self._start = time.process_time()

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            if not self.done:
                self.pretraining = time.process_time() - self._start

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if self.model.step_stage:
                self.done += 1
                self.both = time.process_time() - self._start
                self.model.stop_training = self.done >= steps

    return Clock()


def summarise(results: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], list[dict[str, float]]]:
    """Return the means over seeds: `{(model, stage): rows}`, with a row of `curve` for each temperature."""
    groups: dict[tuple[str, str], list[Any]] = {}
    for result in results:
        groups.setdefault((result["model"], result["stage"]), []).append(result["curve"])
    return {
        key: [{name: float(np.mean([row[name] for row in rows])) for name in rows[0]} for rows in zip(*curves, strict=True)]
        for key, curves in groups.items()
    }


def gains(task: Task, results: Iterable[Mapping[str, Any]]) -> dict[str, list[tuple[float, float | None]]]:
    """Return how far each adversarial curve lies below the best one of maximum likelihood.

    Returns:
        `{model: [(quality, gain), ...]}`: for each temperature, the lowest coverage of maximum likelihood at the same quality,
        interpolated between temperatures, minus that of adversarial training, in nats; None beyond the ends of the curves.
    """
    means = summarise(results)
    rivals = [rows for (_, stage), rows in means.items() if stage == "maximum likelihood"]
    found = {}
    for (model, stage), rows in means.items():
        if stage == "adversarial":
            found[model] = [(row[task.quality], _gain(task, row, rivals)) for row in rows]
    return found


def _gain(task: Task, row: Mapping[str, float], rivals: Iterable[Sequence[Mapping[str, float]]]) -> float | None:
    reached = []
    for rival in rivals:
        quality, coverage = np.array(sorted((point[task.quality], point[task.coverage]) for point in rival)).T
        reached.append(np.interp(row[task.quality], quality, coverage, left=np.inf, right=np.inf))
    return float(min(reached) - row[task.coverage]) if min(reached) < np.inf else None


def describe(task: Task, results: Sequence[Mapping[str, Any]]) -> str:
    """Return the curves and the gains as text."""
    lines = [task.about, f"At each temperature: {task.quality}, {task.coverage}; means over the seeds."]
    lines.append(f"{'':38}" + "".join(f"{temperature:>14}" for temperature in TEMPERATURES))
    for (model, stage), rows in summarise(results).items():
        seconds = np.mean([r["cpu_seconds"] for r in results if (r["model"], r["stage"]) == (model, stage)])
        points = "".join(f"{row[task.quality]:>8.2f} {row[task.coverage]:.2f}" + " " for row in rows)
        lines.append(f"{model + ', ' + stage:<38}{points} {seconds:.0f} CPU s")
    for model, gained in gains(task, results).items():
        below = [gain for _, gain in gained if gain is not None]
        lines.append(
            f"{model}: below every curve of maximum likelihood at {sum(gain > 0 for gain in below)} of {len(below)} "
            f"temperatures, by " + ", ".join("-" if gain is None else f"{gain:+.3f}" for _, gain in gained)
        )
    return "\n".join(lines)


def draw(task: Task, results: Sequence[Mapping[str, Any]], path: PathLike) -> None:
    """Draw the curves to an image file: maximum likelihood dashed, adversarial training solid, seeds as dots."""
    import_extra("matplotlib")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 5), layout="constrained", dpi=100)
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    means = summarise(results)
    colours = {model: f"C{number}" for number, model in enumerate(dict.fromkeys(model for model, _ in means))}
    for (model, stage), rows in means.items():
        x, y = ([row[name] for row in rows] for name in (task.quality, task.coverage))
        style = "--" if stage == "maximum likelihood" else "-"
        axes.plot(x, y, style, color=colours[model], linewidth=1.4, label=f"{model}, {stage}")
    for result in results:
        x, y = ([row[name] for row in result["curve"]] for name in (task.quality, task.coverage))
        axes.plot(x, y, ".", color=colours[result["model"]], markersize=3, alpha=0.6)
    axes.set(xlabel=task.labels[0], ylabel=task.labels[1])
    axes.legend(fontsize=8, frameon=False)
    axes.grid(alpha=0.25, linewidth=0.6)
    with replacing(path) as temporary:
        figure.savefig(temporary)
