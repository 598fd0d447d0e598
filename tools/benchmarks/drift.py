"""Whether steps become slower during training, as denormal numbers, leaks or growing graphs would make them."""

from __future__ import annotations

import statistics
from typing import Any

from .training import MATRIX_SIDE
from .turns import Contestant

_BURST, _BURSTS = 20, 5


def measure(model: str, batch_size: int, steps: int) -> dict[str, Any]:
    """Time steps after 100 and after `steps` steps, each compared with matrix products at the same time."""
    training, products = (Contestant(way, model, batch_size, "{}") for way in ("ours", "float32"))
    try:
        training.work(80)
        early = _measure(training, products)
        training.work(steps - 100 - _BURST * _BURSTS)
        late = _measure(training, products)
    finally:
        training.close()
        products.close()
    return {"model": model, "batch_size": batch_size, "steps": steps, "early": early, "late": late}


def _measure(training: Contestant, products: Contestant) -> dict[str, float]:
    milliseconds: list[float] = []
    matrix: list[float] = []
    for _ in range(_BURSTS):
        milliseconds.append(1000 * training.work(_BURST) / _BURST)
        matrix.append(1000 * products.work(10) / 10)
    return {
        "milliseconds_a_step": round(statistics.median(milliseconds), 2),
        "milliseconds_a_matrix_product": round(statistics.median(matrix), 2),
        "ratio": round(statistics.median(a / b for a, b in zip(milliseconds, matrix, strict=True)), 3),
    }


def describe(row: dict[str, Any]) -> str:
    """Return a line of text."""
    early, late = row["early"], row["late"]
    return (
        f"{row['model']}: {early['milliseconds_a_step']} ms a step after 100 steps, {late['milliseconds_a_step']} ms after "
        f"{row['steps']}; measured in products of {MATRIX_SIDE}x{MATRIX_SIDE} matrices: {early['ratio']} and {late['ratio']}, "
        f"{late['ratio'] / early['ratio'] - 1:+.1%}"
    )
