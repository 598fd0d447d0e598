"""Metrics, how they are computed, and how they are chosen by name, for every medium."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from keras_gans.errors import no_such


@dataclasses.dataclass(frozen=True)
class Metric:
    """A metric in results.

    Attributes:
        name: Its name in logs, tables and files.
        title: Its name in words.
        higher_is_better: None if neither direction is better: compare it with the real row.
        reference: The paper that defines it.
    """

    name: str
    title: str
    higher_is_better: bool | None
    reference: str


def _no_settings(count: int) -> dict[str, Any]:
    """Return the settings of a measure that has none."""
    return {}


@dataclasses.dataclass(frozen=True)
class Measure:
    """Computes one metric, or several at once: a group.

    Attributes:
        names: Names of the metrics.
        compute: Maps the measured samples (a `Measured`, which has a `count`) and the settings to a number for each name, or to
            None where a metric has no meaning. None if the model itself is measured, not its samples.
        choose_settings: Maps the number of samples to the settings, which become part of the protocol.
        needs: Its requirements: keys of the evaluator's `lacking`. A measure of numeric samples that needs the samples
            themselves, not only their features, needs `"samples"`.
        prefix: Prefix of the settings in the protocol; the name of the group if empty.
    """

    names: tuple[str, ...]
    compute: Callable[..., Iterable[float | None]] | None
    choose_settings: Callable[[int], dict[str, Any]] = _no_settings
    needs: tuple[str, ...] = ()
    prefix: str = ""

    @property
    def measures_models(self) -> bool:
        """Whether the model itself is measured, not its samples."""
        return self.compute is None

    def __call__(self, measured: Any) -> dict[str, float | None]:
        """Return the metrics of measured samples by name."""
        if self.compute is None:
            raise TypeError(f"{', '.join(self.names)} is a metric of models, not of samples.")
        numbers = self.compute(measured, **self.choose_settings(measured.count))
        return dict(zip(self.names, (None if number is None else float(number) for number in numbers), strict=True))


def by_name(*metrics: Metric) -> dict[str, Metric]:
    """Return metrics by their names."""
    return {metric.name: metric for metric in metrics}


def choose(
    names: str | Iterable[str],
    measures: Mapping[str, Measure],
    available: Mapping[str, Any],
    lacking: Mapping[str, str],
    left_out: Collection[str] = (),
) -> dict[str, Measure]:
    """Return the measures that give some metrics, by group, in the order of the table.

    Args:
        names: Names of metrics or groups; `"all"` for everything that can be measured.
        measures: All measures by the name of their group.
        available: For each need whether it is met, and the names in the messages of `lacking`.
        lacking: For each need the end of the error message if it is not met.
        left_out: Groups that `"all"` leaves out.

    Raises:
        ValueError: If a metric does not exist, or its needs are not met.
    """
    accepted = list(dict.fromkeys(name for group, measure in measures.items() for name in (group, *measure.names)))
    names = [names] if isinstance(names, str) else list(names)
    if names == ["all"]:
        names = [group for group, each in measures.items() if group not in left_out and all(map(available.get, each.needs))]
    if not names:
        raise ValueError(f"No metric is named. Choose from: {', '.join(accepted)}.")
    for name in names:
        if name not in accepted:
            raise ValueError(no_such("metric", str(name), accepted))
    chosen = {group: measure for group, measure in measures.items() if {group, *measure.names} & set(names)}
    for group, measure in chosen.items():
        for need in measure.needs:
            if not available[need]:
                raise ValueError(f"The metric {group} {lacking[need].format(**available)}.")
    return chosen


def settings(measures: Mapping[str, Measure], count: int) -> dict[str, Any]:
    """Return the settings of measures for a number of samples, as a protocol holds them."""
    return {
        f"{measure.prefix or group}_{name}": value
        for group, measure in measures.items()
        for name, value in measure.choose_settings(count).items()
    }


def spread(values: Sequence[float | None]) -> dict[str, Any]:
    """Return mean and standard deviation of a metric over seeds, and its values, as results hold them."""
    known = [value for value in values if value is not None]
    std = float(np.std(known, ddof=1)) if len(known) > 1 else None
    return {"mean": float(np.mean(known)) if known else None, "std": std, "values": values}
