"""What a training run logged, epoch by epoch."""

import csv
import json
import math
from pathlib import Path

from keras_gans.log_names import current_name

_LOGS = (("logs", "train.jsonl"), ("logs", "train.csv"), ("train.jsonl",), ("train.csv",))


def read_curves(path) -> dict[str, list[float]]:
    """Reads the log of a training run.

    Args:
        path: A run's folder, or a log that `JSONLog` (`.jsonl`) or Keras' `CSVLogger` (`.csv`) wrote.

    Returns:
        For each name in the log its value after each epoch, NaN where there is none, and `"epoch"`: their numbers, counted
        from 1. Lines that are not whole, as a process leaves that is killed, and values that are no numbers are left out. What
        `EvaluateSamples` measured is there only for the epochs in which it did, as its `evaluation.jsonl` beside the log says:
        the log repeats it in between.

    Raises:
        FileNotFoundError: If there is no such log.
        ValueError: If the file's suffix is neither.
    """
    path = Path(path)
    if path.is_dir():
        found = [path.joinpath(*parts) for parts in _LOGS if path.joinpath(*parts).is_file()]
        if not found:
            raise FileNotFoundError(f"{path} holds no logs/train.jsonl and no logs/train.csv.")
        path = found[0]
    if path.suffix not in (".jsonl", ".csv"):
        raise ValueError(f"{path.name} is no log: train.jsonl and train.csv are.")
    lines = path.read_text(encoding="utf-8").splitlines()
    epochs = _json_epochs(lines) if path.suffix == ".jsonl" else _csv_epochs(lines)
    measured = {line["epoch"]: line for line in _json_epochs(_lines_of(path.with_name("evaluation.jsonl")))}
    repeated = {name for line in measured.values() for name in line} - {"epoch", "step"}
    epochs = [
        {name: value for name, value in epoch.items() if name not in repeated or epoch["epoch"] in measured} for epoch in epochs
    ]
    names = dict.fromkeys(name for epoch in epochs for name in epoch)
    return {name: [epoch.get(name, math.nan) for epoch in epochs] for name in names}


def _lines_of(path):
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def _json_epochs(lines):
    epochs = []
    for line in lines:
        try:
            numbers = json.loads(line)
        except ValueError:
            continue
        if isinstance(numbers, dict) and "epoch" in numbers:
            epochs.append({current_name(name): _number(value) for name, value in numbers.items()})
    return epochs


def _csv_epochs(lines):
    epochs = []
    for row in csv.DictReader(lines):
        if None in row or None in row.values() or not (row.get("epoch") or "").isdigit():
            continue
        # CSVLogger counts epochs from 0.
        epochs.append({current_name(name): _number(value) for name, value in row.items()} | {"epoch": int(row["epoch"]) + 1.0})
    return epochs


def _number(value):
    """Returns a float; NaN for what is none, such as the `NA` that CSVLogger writes for a value that an epoch lacks."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan
