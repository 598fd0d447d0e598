"""Charts of a report: curves over the epochs of a run, and results side by side. Equal numbers give equal files."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from keras_gans._typing import PathLike
from keras_gans.evaluation.metric_choice import Metric
from keras_gans.evaluation.protocol import refuse_differences
from keras_gans.evaluation.report.extra import import_extra
from keras_gans.files import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Result = Mapping[str, Any]

# At least 3:1 against white and against the report's dark background.
COLOURS = ("#1f77b4", "#c8601a", "#2f8f4e", "#a05fb4")
INK, FAINT = "#333333", "#999999"

# The curves that share a chart, by title. All other logged values get a chart of their own.
_GROUPS = {
    "Losses": {"d_loss": "discriminator", "g_loss": "generator"},
    "Discriminator's accuracy": {"d_real": "on real samples", "d_fake": "on generated samples"},
    "Gradient norms": {"d_grad": "discriminator", "g_grad": "generator"},
}
_LOGARITHMIC = ("Gradient norms",)
# `loss` is the sum of the losses of both networks: it adds nothing to them.
_LEFT_OUT = ("epoch", "seconds", "loss")
_VALIDATION = "val_"
# Up to so many values get a dot each: a single one would not show as a line.
_FEW = 30
_PANELS_ACROSS = 3
# Width and height of a chart of curves, in inches.
_CURVES_SIZE = (4.7, 3.0)
# Results that differ by a larger factor are compared on a logarithmic axis: one of them would flatten all others.
_FLATTENED = 20

_SETTINGS = {
    "svg.hashsalt": "keras_gans",
    "svg.fonttype": "none",
    "text.parse_math": False,  # a dollar in a user's name is just a dollar
    "font.size": 11.0,
    "legend.frameon": False,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.titlesize": 12.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "grid.color": FAINT,
    "grid.alpha": 0.3,
    "grid.linewidth": 0.6,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
}


def arrow(metric: Metric | None) -> str:
    """Return an arrow that points the way a metric gets better; an empty string where none is known."""
    better = getattr(metric, "higher_is_better", None)
    return "" if better is None else "\N{UPWARDS ARROW}" if better else "\N{DOWNWARDS ARROW}"


def metric_title(name: str, metrics: Mapping[str, Metric]) -> str:
    """Return the title of a metric with its arrow."""
    metric = metrics.get(name)
    return f"{getattr(metric, 'title', None) or name} {arrow(metric)}".rstrip()


def curve_charts(curves: Mapping[str, Sequence[float]], metrics: Mapping[str, Metric] | None = None) -> dict[str, str]:
    """Draw what a run logged as small charts, to stand beside or below each other.

    Args:
        curves: What `read_curves` returns.
        metrics: Name -> `Metric`. The charts of these show their title, and mark their best epoch.

    Returns:
        Title -> SVG. The losses, accuracies and gradient norms of the two networks share a chart each; validation is dashed.

    Raises:
        ImportError: If the extra `reports` is not installed.
    """
    return {chart.heading: _curve_chart(curves["epoch"], chart) for chart in _charts(curves, metrics or {})}


# Values, label and style of a curve.
_Line = tuple[Sequence[float], str, dict[str, Any]]


@dataclasses.dataclass
class _Chart:
    """The curves of one chart, and which way they get better, if that is known."""

    heading: str
    lines: list[_Line]
    higher_is_better: bool | None


def _charts(curves: Mapping[str, Sequence[float]], metrics: Mapping[str, Metric]) -> list[_Chart]:
    logged = [name for name, values in curves.items() if any(map(math.isfinite, values))]
    bare = dict.fromkeys(name.removeprefix(_VALIDATION) for name in logged)
    groups = dict(_GROUPS)
    grouped = {name for members in groups.values() for name in members}
    for name in bare:
        if name not in grouped and name not in _LEFT_OUT:
            groups[metric_title(name, metrics)] = {name: "training" if _VALIDATION + name in logged else ""}
    charts = []
    for heading, members in groups.items():
        lines: list[_Line] = []
        for (name, label), colour in zip(members.items(), COLOURS, strict=False):
            if name in logged:
                lines.append((curves[name], label, {"color": colour}))
            if _VALIDATION + name in logged:
                label = f"{label}, validation" if len(members) > 1 else "validation"
                lines.append((curves[_VALIDATION + name], label, {"color": colour, "linestyle": "--"}))
        if lines:
            charts.append(_Chart(heading, lines, getattr(metrics.get(next(iter(members))), "higher_is_better", None)))
    return charts


def _curve_chart(epochs: Sequence[float], chart: _Chart) -> str:
    with drawing():
        from matplotlib.figure import Figure

        figure = Figure(figsize=_CURVES_SIZE, layout="constrained", facecolor="none")
        axes = figure.add_subplot(facecolor="none")
        _draw_curves(axes, epochs, chart)
        handles, labels = axes.get_legend_handles_labels()
        if handles:
            figure.legend(handles, labels, loc="outside lower left", ncols=2, handlelength=1.6, columnspacing=1.2)
        return as_svg(figure)


def _draw_curves(axes: Axes, epochs: Sequence[float], chart: _Chart) -> None:
    from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, StrMethodFormatter

    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    for values, label, style in chart.lines:
        points = [(epoch, value) for epoch, value in zip(epochs, values, strict=True) if math.isfinite(value)]
        axes.plot(*zip(*points, strict=True), label=label, marker="o" if len(points) <= _FEW else "", markersize=3.5, **style)
        if chart.higher_is_better is not None and style.get("linestyle") is None:
            epoch, value = (max if chart.higher_is_better else min)(points, key=lambda point: point[1])
            label = f"best: {value:.4g}, after epoch {epoch:g}"
            axes.plot(epoch, value, label=label, marker="o", markersize=9, linestyle="", color=COLOURS[1], fillstyle="none")
    positive = all(value > 0 for values, *_ in chart.lines for value in values if math.isfinite(value))
    if chart.heading in _LOGARITHMIC and positive:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 3.0), numticks=8))
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())


def draw_history(curves: Mapping[str, Sequence[float]], metrics: Mapping[str, Metric]) -> Figure:
    """Draw the charts of `curve_charts` side by side, each with its heading.

    Args:
        curves: What `read_curves` returns.
        metrics: As `curve_charts` takes them.

    Raises:
        ImportError: If the extra `reports` is not installed.
        ValueError: If there is nothing to draw.
    """
    charts = _charts(curves, metrics)
    if not charts:
        raise ValueError("There is nothing to draw: no epoch has been logged.")
    with drawing():
        from matplotlib.figure import Figure

        class NotebookFigure(Figure):
            """Notebooks show other figures only once pyplot has been imported."""

            def _repr_png_(self) -> bytes:
                content = io.BytesIO()
                self.savefig(content, format="png")
                return content.getvalue()

        across = min(_PANELS_ACROSS, len(charts))
        down = math.ceil(len(charts) / across)
        figure = NotebookFigure(figsize=(_CURVES_SIZE[0] * across, _CURVES_SIZE[1] * down), layout="constrained")
        panels = list(figure.subplots(down, across, squeeze=False).flat)
        for chart, axes in zip(charts, panels, strict=False):
            _draw_curves(axes, curves["epoch"], chart)
            axes.set_title(textwrap.fill(chart.heading, 40))
            if axes.get_legend_handles_labels()[0]:
                axes.legend(fontsize=10)
        for axes in panels[len(charts) :]:
            axes.set_visible(False)
        return figure


def comparison_chart(results: Sequence[Result], metrics: Mapping[str, Metric]) -> str:
    """Draw results side by side: a small panel for each metric, in it a point for each result.

    Args:
        results: Results of evaluations under one protocol.
        metrics: Name -> `Metric`, for the titles.

    Returns:
        SVG. A point is the mean over seeds and its bar their standard deviation. Small dots are single seeds, the dashed line
        is the value of real samples. Where results differ more than twentyfold the axis is logarithmic.

    Raises:
        ImportError: If the extra `reports` is not installed.
        ValueError: If there are no results or no metrics, or the protocols differ.
    """
    with drawing():
        return as_svg(_comparison(results, metrics))


def write_comparison(path: PathLike, results: Sequence[Result], *, metrics: Mapping[str, Metric]) -> None:
    """Write `comparison_chart` to a file, which is replaced as a whole.

    Args:
        path: Ends in `.png` or `.svg`.
        results: As `comparison_chart` takes them.
        metrics: As `comparison_chart` takes them.

    Raises:
        ValueError: If `path` ends in anything else, or as `comparison_chart` does.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in (".png", ".svg"):
        raise ValueError(f"{Path(path).name}: a comparison is written as .png or .svg.")
    with drawing():
        figure = _comparison(results, metrics)
        with replacing(path) as temporary:
            if suffix == ".svg":
                temporary.write_text(as_svg(figure), encoding="utf-8")
            else:
                figure.savefig(temporary, dpi=150, metadata={"Software": None})


def _comparison(results: Sequence[Result], metrics: Mapping[str, Metric]) -> Figure:
    from matplotlib.figure import Figure

    if not results:
        raise ValueError("There are no results to compare.")
    refuse_differences(results)
    names = list(dict.fromkeys(name for result in results for name in result["metrics"]))
    if not names:
        raise ValueError("The results hold no metrics to compare.")
    across = min(_PANELS_ACROSS, len(names))
    down = math.ceil(len(names) / across)
    # File names may contain bytes that are not Unicode.
    shown = [result["name"].encode("utf-8", "backslashreplace").decode("utf-8") for result in results]
    labels = [textwrap.fill(name, 28) for name in shown]
    height = 0.2 + 0.18 * max(label.count("\n") + 1 for label in labels)
    figure = Figure(figsize=(1.2 + 3.3 * across, 0.6 + (0.9 + height * len(results)) * down), layout="constrained")
    panels = figure.subplots(down, across, squeeze=False, sharey=True).flat
    for name, axes in zip(names, panels, strict=False):
        axes.set_title(textwrap.fill(metric_title(name, metrics), 30))
        _compare(axes, name, results)
        axes.set_yticks(range(len(results)), labels)
        axes.set_ylim(len(results) - 0.5, -0.5)  # the first at the top
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="y", length=0)
    for axes in panels[len(names) :]:
        axes.set_visible(False)
    handles = {label: handle for axes in figure.axes for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)}
    figure.legend(handles.values(), handles.keys(), loc="outside lower left", ncols=3, fontsize=10)
    return figure


def _compare(axes: Axes, name: str, results: Sequence[Result]) -> None:
    axes.errorbar([], [], xerr=[], fmt="o", color=INK, capsize=4, label="mean and standard deviation over seeds")
    for row, result in enumerate(results):
        measured = result["metrics"].get(name)
        if measured is None or not _is_number(measured["mean"]):
            continue
        colour = COLOURS[row % len(COLOURS)]
        values = [value for value in measured.get("values", ()) if _is_number(value)]
        if len(values) > 1:
            axes.plot(values, [row + 0.22] * len(values), "o", markersize=3, color=FAINT, label="each seed")
        spread = measured.get("std") if _is_number(measured.get("std")) else 0.0
        axes.errorbar(measured["mean"], row, xerr=spread, fmt="o", color=colour, capsize=4, markersize=7)
    real = [value for value in ((result.get("real") or {}).get(name) for result in results) if _is_number(value)]
    if real:
        axes.axvline(real[0], color=INK, linestyle="--", linewidth=1.2, label="held-out real samples")
    axes.margins(x=0.12)
    drawn = [np.asarray(line.get_xdata(), "float64") for line in axes.lines]
    shown = [value for values in drawn for value in values if math.isfinite(value)]
    if shown and min(shown) > 0 and max(shown) > _FLATTENED * min(shown):
        axes.set_xscale("log")


def _is_number(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


@contextlib.contextmanager
def drawing() -> Iterator[None]:
    """Draw with our settings alone, whatever style the user's program has chosen, and restore that style."""
    matplotlib: Any = import_extra("matplotlib")
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


def as_svg(figure: Figure) -> str:
    """Return a figure as SVG, without dates."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Creator": None, "Date": None, "Format": None, "Type": None})
    return buffer.getvalue().decode("utf-8")
