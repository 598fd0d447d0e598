"""A model's conditions by name, and their configs."""

from __future__ import annotations

from collections.abc import Mapping

from keras_gans.conditions.base import CONDITIONS, LABELS, Condition
from keras_gans.conditions.classes import Classes


def make_conditions(num_classes: int | None = None, conditions: Mapping[str, Condition] | None = None) -> dict[str, Condition]:
    """Return a model's conditions by name.

    Args:
        num_classes: A shorthand for `{"labels": Classes(num_classes)}`.
        conditions: Conditions by the names of the networks' inputs.

    Raises:
        ValueError: If one is not a `Condition`, or both arguments define labels differently.
    """
    found = dict(conditions or {})
    for name, condition in found.items():
        if not isinstance(condition, Condition):
            raise ValueError(f"The condition '{name}' must be a keras_gans.conditions.Condition; received {condition!r}.")
    if num_classes is not None:
        if LABELS in found and found[LABELS] != Classes(num_classes):
            raise ValueError(f"num_classes={num_classes} and conditions['labels']={found[LABELS]!r} contradict each other.")
        found[LABELS] = Classes(num_classes)
    return found


def to_config(conditions: Mapping[str, Condition]) -> dict[str, dict]:
    """Return conditions in types that JSON can hold."""
    return {name: {"kind": condition.kind, **condition.get_config()} for name, condition in conditions.items()}


def from_config(config: Mapping[str, Mapping]) -> dict[str, Condition]:
    """Return the conditions that `to_config` has described.

    Raises:
        ValueError: If there is no such kind.
    """
    made = {}
    for name, each in config.items():
        arguments = dict(each)
        made[name] = CONDITIONS[arguments.pop("kind")](**arguments)
    return made
