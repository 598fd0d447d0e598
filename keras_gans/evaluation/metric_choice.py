"""Metrics by name, and the choice of some of them: what measuring images and measuring text share."""

import dataclasses

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


def by_name(*metrics) -> dict[str, Metric]:
    """Returns name -> `Metric`."""
    return {metric.name: metric for metric in metrics}


def choose(names, measures, there, lacking, left_out=()) -> list:
    """Returns the measures that give some metrics, in the order of the table.

    Args:
        names: Of metrics or groups; `"all"` for what can be measured.
        measures: Name of a group -> measure, with `names` of metrics and `needs`.
        there: For each need whether it is met, and what the messages name.
        lacking: For each need what is said of a metric where it is not met.
        left_out: Groups that `"all"` is without.

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
    return list(chosen.values())


def spread(values) -> dict:
    """Returns the mean and the standard deviation of a metric over seeds, and its values, as results hold them."""
    known = [value for value in values if value is not None]
    std = float(np.std(known, ddof=1)) if len(known) > 1 else None
    return {"mean": float(np.mean(known)) if known else None, "std": std, "values": values}
