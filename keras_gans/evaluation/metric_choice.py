"""Metrics by name, how they are computed, and the choice of some of them: the same for every medium."""

import dataclasses
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np

from keras_gans.errors import no_such


@dataclasses.dataclass(frozen=True)
class Metric:
    """A number that results hold.

    Attributes:
        name: Its name in logs, tables and files.
        title: Its name in words.
        higher_is_better: None where neither is: it is to be compared with the real row.
        reference: Where it is defined.
    """

    name: str
    title: str
    higher_is_better: bool | None
    reference: str


@dataclasses.dataclass(frozen=True)
class Measure:
    """Computes one metric, or several at once: a group.

    Attributes:
        names: Names of the metrics.
        compute: Maps what is measured (a `Measured`, with a `count` of samples) and the settings to a number for each name, or
            None where it has no meaning. None if the model itself is measured, not its samples.
        choose_settings: Maps the number of samples to the settings, which become part of the protocol.
        needs: What must be available: keys of the evaluator's `lacking`. A measure of continuous samples that looks at the
            samples themselves, and not at their features, needs `"samples"`.
        prefix: What settings are called after in the protocol; the name of the group if empty.
    """

    names: tuple[str, ...]
    compute: Callable | None
    choose_settings: Callable[[int], dict] = lambda count: {}
    needs: tuple[str, ...] = ()
    prefix: str = ""

    @property
    def measures_models(self) -> bool:
        return self.compute is None

    def __call__(self, measured: Any) -> dict[str, float | None]:
        numbers = self.compute(measured, **self.choose_settings(measured.count))
        return dict(zip(self.names, (None if number is None else float(number) for number in numbers), strict=True))


def by_name(*metrics: Metric) -> dict[str, Metric]:
    """Return name -> `Metric`."""
    return {metric.name: metric for metric in metrics}


def choose(
    names: str | Collection[str],
    measures: Mapping[str, Measure],
    there: Mapping[str, Any],
    lacking: Mapping[str, str],
    left_out: Collection[str] = (),
) -> dict[str, Measure]:
    """Returns the measures that give some metrics, by group, in the order of the table.

    Args:
        names: Names of metrics or groups; `"all"` for everything that can be measured.
        measures: All measures by the name of their group.
        there: For each need whether it is met, and what the messages name.
        lacking: For each need what is said of a metric if it is not met.
        left_out: Groups that `"all"` leaves out.

    Raises:
        ValueError: If there is no such metric, or what it needs is not there.
    """
    accepted = list(dict.fromkeys(name for group, measure in measures.items() for name in (group, *measure.names)))
    names = [names] if isinstance(names, str) else list(names)
    if names == ["all"]:
        names = [group for group, each in measures.items() if group not in left_out and all(map(there.get, each.needs))]
    if not names:
        raise ValueError(f"No metric is named. There are: {', '.join(accepted)}.")
    for name in names:
        if name not in accepted:
            raise ValueError(no_such("metric", str(name), accepted))
    chosen = {group: measure for group, measure in measures.items() if {group, *measure.names} & set(names)}
    for group, measure in chosen.items():
        for need in measure.needs:
            if not there[need]:
                raise ValueError(f"The metric {group} {lacking[need].format(**there)}.")
    return chosen


def settings(measures: Mapping[str, Measure], count: int) -> dict[str, Any]:
    """Returns what chosen measures are told for a number of samples, as a protocol holds it."""
    return {
        f"{measure.prefix or group}_{name}": value
        for group, measure in measures.items()
        for name, value in measure.choose_settings(count).items()
    }


def spread(values) -> dict:
    """Returns the mean and the standard deviation of a metric over seeds, and its values, as results hold them."""
    known = [value for value in values if value is not None]
    std = float(np.std(known, ddof=1)) if len(known) > 1 else None
    return {"mean": float(np.mean(known)) if known else None, "std": std, "values": values}
