"""How fast a generator runs in every format, side by side."""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
import statistics
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keras_gans.evaluation.progress import Progress
from keras_gans.files import kilobytes

from ..common import program
from .turns import Contestant

BATCHES, THREADS = (1, 32), (1, 2)
_QUANTIZED = ("float16", "dynamic", "int8")
_LABELS = {
    "keras": "Keras",
    "saved_model": "SavedModel",
    "tflite": "TFLite",
    **{f"tflite_{kind}": f"TFLite, {kind}" for kind in _QUANTIZED},
    "onnx": "ONNX Runtime",
    "torch": "PyTorch",
    "server": "REST server",
}
# The format that the others are compared with.
_REFERENCE = "saved_model"


def measure(
    name: str, settings: dict[str, Any], rounds: int, seconds: float, progress: Progress, url: str | None = None
) -> list[dict[str, Any]]:
    """Let all formats generate in turn, for each batch size and number of threads.

    Args:
        name: Name of the model, which has its initial weights.
        settings: Arguments of its builder.
        rounds: Number of turns of each contestant.
        seconds: Approximate length of a turn.
        progress: Is called with a line of text before each part.
        url: A model on a REST server that is measured, too, such as `http://localhost:8501/v1/models/digits`.

    Returns:
        Dictionaries, one for each contestant, batch size and number of threads: `milliseconds` of a batch,
        `samples_per_second`, `kilobytes` of the export, and `speed`, the median over the rounds of how many times as fast as
        the SavedModel it is.
    """
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        sizes: dict[str, float] = {}
        for batch, threads in itertools.product(BATCHES, THREADS):
            if threads > len(os.sched_getaffinity(0)):
                print(f"Without {threads} threads: there is one core.", flush=True)
                continue
            what = f"{name}, batch {batch}, {threads} thread{'s' * (threads > 1)}"
            progress(f"{what}: exporting")
            with program.quietly():
                paths, failed = _export(name, settings, Path(folder), batch)
            if failed:
                print(f"Without ONNX Runtime: {failed}", flush=True)
            sizes |= {way: round(kilobytes(path), 1) for way, path in paths.items()}
            contestants: dict[str, Contestant] = {}
            try:
                for way, path in {**paths, "torch": "-", **({"server": url} if url else {})}.items():
                    arguments = (way, name, json.dumps(settings), path, batch, threads)
                    progress(f"{what}: starting {_LABELS[way]}")
                    try:
                        contestants[way] = Contestant(*arguments, module="running")
                    except ImportError as error:
                        print(f"Without {_LABELS[way]}: {error}", flush=True)
                turns = _race(contestants, rounds, seconds, what, progress)
            finally:
                for contestant in contestants.values():
                    contestant.close()
            for way, times in turns.items():
                median = statistics.median(times)
                rows.append(
                    {
                        "model": name,
                        "settings": settings,
                        "format": way,
                        "batch": batch,
                        "threads": threads,
                        "milliseconds": round(1000 * median, 4),
                        "samples_per_second": round(batch / median, 1),
                        "speed": round(statistics.median(a / b for a, b in zip(turns[_REFERENCE], times, strict=True)), 3),
                        "kilobytes": sizes.get(way),
                    }
                )
    return rows


def _race(
    contestants: Mapping[str, Contestant], rounds: int, seconds: float, what: str, progress: Progress
) -> dict[str, list[float]]:
    """Return, for each contestant, the seconds of a call in each round."""
    amounts = {way: max(1, round(10 * seconds / contestant.work(10))) for way, contestant in contestants.items()}
    times: dict[str, list[float]] = {way: [] for way in contestants}
    for number in range(1, rounds + 1):
        progress(f"{what}: round {number}/{rounds}")
        for way, contestant in contestants.items():
            times[way].append(contestant.work(amounts[way]) / amounts[way])
    return times


def _export(name: str, settings: dict[str, Any], folder: Path, batch: int) -> tuple[dict[str, Path], str]:
    """Export a new model in all formats for a batch size.

    Returns:
        The path of each format, and why there is no ONNX file, or "".
    """
    import keras

    import keras_gans
    from keras_gans import export

    keras.utils.set_random_seed(0)
    model = keras_gans.create_model(name, seed=0, **settings)
    if not (folder / "keras").exists():
        keras_gans.save_preset(model, folder / "keras")
        export.saved_model(model, folder / "saved_model")
    paths: dict[str, Path] = {"keras": folder / "keras", "saved_model": folder / "saved_model" / "1"}
    for kind in ("none", *_QUANTIZED):
        way = "tflite" if kind == "none" else f"tflite_{kind}"
        paths[way] = export.tflite(model, folder / f"{way}.tflite", batch=batch, overwrite=True, quantize=kind)[0]
    try:
        paths["onnx"] = export.onnx(model, folder / "model.onnx", overwrite=True)[0]
    except ValueError as error:
        return paths, str(error)
    return paths, ""


def describe(rows: list[dict[str, Any]]) -> str:
    """Return a Markdown table of one model: milliseconds per batch, and the speed relative to the SavedModel."""
    columns = sorted({(row["batch"], row["threads"]) for row in rows})
    heads = [f"batch {batch}, {threads} thread{'s' * (threads > 1)}" for batch, threads in columns]
    settings = "".join(f", {name}={value}" for name, value in rows[0]["settings"].items())
    lines = [f"| {rows[0]['model']}{settings} | kB | {' | '.join(heads)} |", "|---|--:" + "|--:" * len(columns) + "|"]
    for way in dict.fromkeys(row["format"] for row in rows):
        cells = {(row["batch"], row["threads"]): row for row in rows if row["format"] == way}
        kilobytes = next(iter(cells.values()))["kilobytes"]
        shown = [f"{cells[key]['milliseconds']:.3g} ms, {cells[key]['speed']:.2f}x" if key in cells else "-" for key in columns]
        lines.append(f"| {_LABELS[way]} | {'-' if kilobytes is None else f'{kilobytes:,.0f}'} | {' | '.join(shown)} |")
    return "\n".join(lines)


def as_csv(rows: list[dict[str, Any]]) -> str:
    """Return rows as the text of a CSV file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({**row, "settings": json.dumps(row["settings"])} for row in rows)
    return text.getvalue()
