"""The log of a training run, epoch by epoch."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from keras_gans._typing import PathLike
from keras_gans.log_names import current_name

_LOGS = (("logs", "train.jsonl"), ("logs", "train.csv"), ("train.jsonl",), ("train.csv",))


def read_curves(path: PathLike) -> dict[str, list[float]]:
    """Read the log of a training run.

    Args:
        path: A run folder, or a log written by `JSONLog` (`.jsonl`) or Keras' `CSVLogger` (`.csv`).

    Returns:
        For each name in the log its value after each epoch, NaN if it has none, and `"epoch"`: the numbers of the epochs,
        counted from 1. Incomplete lines, which a killed process leaves, are skipped. The metrics of `EvaluateSamples` are NaN
        except in the epochs of `evaluation.jsonl` beside the log: the log repeats them in between.

    Raises:
        FileNotFoundError: If there is no such log.
        ValueError: If the file is neither `.jsonl` nor `.csv`.
    """
    path = Path(path)
    if path.is_dir():
        found = [path.joinpath(*parts) for parts in _LOGS if path.joinpath(*parts).is_file()]
        if not found:
            raise FileNotFoundError(f"{path} holds neither logs/train.jsonl nor logs/train.csv.")
        path = found[0]
    if not path.exists():
        raise FileNotFoundError(f"There is no run folder or log {path}.")
    if path.suffix not in (".jsonl", ".csv"):
        raise ValueError(f"{path.name} is not a log: give a .jsonl or .csv file, such as logs/train.jsonl.")
    lines = path.read_text(encoding="utf-8").splitlines()
    epochs = _json_epochs(lines) if path.suffix == ".jsonl" else _csv_epochs(lines)
    measured = {line["epoch"]: line for line in _json_epochs(_lines_of(path.with_name("evaluation.jsonl")))}
    repeated = {name for line in measured.values() for name in line} - {"epoch", "step"}
    epochs = [
        {name: value for name, value in epoch.items() if name not in repeated or epoch["epoch"] in measured} for epoch in epochs
    ]
    names = dict.fromkeys(name for epoch in epochs for name in epoch)
    return {name: [epoch.get(name, math.nan) for epoch in epochs] for name in names}


def _lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def _json_epochs(lines: Iterable[str]) -> list[dict[str, float]]:
    epochs = []
    for line in lines:
        try:
            numbers = json.loads(line)
        except ValueError:
            continue
        if isinstance(numbers, dict) and "epoch" in numbers:
            epochs.append({current_name(name): _number(value) for name, value in numbers.items()})
    return epochs


def _csv_epochs(lines: Iterable[str]) -> list[dict[str, float]]:
    epochs = []
    for row in csv.DictReader(lines):
        if None in row or None in row.values() or not (row.get("epoch") or "").isdigit():
            continue
        # CSVLogger counts epochs from 0.
        epochs.append({current_name(name): _number(value) for name, value in row.items()} | {"epoch": int(row["epoch"]) + 1.0})
    return epochs


def _number(value: Any) -> float:
    """Return a float; NaN for anything else, such as the `NA` that CSVLogger writes for a missing value."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan
