"""Steps per second of several ways to train, side by side."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from keras_gans.evaluation.progress import Progress

from .turns import Contestant

if TYPE_CHECKING:
    import keras

# Large enough for the full rate, small enough for a cache.
MATRIX_SIDE = 2048
_WAYS = ("ours", "ours_bfloat16", "keras_io", "torch")
# Only these models have the other ways, and their operations are counted.
_PLAIN = ("gan", "dcgan")
_IN_TORCH = (*_PLAIN, "wgan_gp")


def measure(
    model: str, batch_size: int, rounds: int, seconds: float, settings: dict[str, Any], progress: Progress
) -> dict[str, Any]:
    """Let all contestants train a model in turn.

    Args:
        model: Its name.
        batch_size: Samples per step.
        rounds: Number of turns of each contestant.
        seconds: Approximate length of a turn.
        settings: Arguments of the model's builder. If there are any, there is no comparison with other ways.
        progress: Is called with a line of text before each part.

    Returns:
        A dictionary: `steps_per_second` and `ratio` (ours over theirs) by contestant, and for each dtype the rate of
        operations relative to that of products of large matrices, if operations are counted.
    """
    contestants: dict[str, Contestant] = {}
    try:
        for way in _ways(model, settings):
            progress(f"{model}: starting {way}")
            try:
                contestants[way] = Contestant(way, model, batch_size, json.dumps(settings))
            except (ImportError, RuntimeError) as error:
                if way != "torch":
                    raise
                print(f"Without PyTorch: {error}", flush=True)
        speeds = _race(contestants, rounds, seconds, model, progress)
    finally:
        for contestant in contestants.values():
            contestant.close()
    return _summary(model, batch_size, rounds, settings, speeds)


def _ways(model: str, settings: dict[str, Any]) -> tuple[str, ...]:
    plain = model in _PLAIN and not settings
    theirs = (*(["keras_io"] if plain else []), *(["torch"] if model in _IN_TORCH and not settings else []))
    return ("ours", "ours_bfloat16", *theirs, *(("float32", "bfloat16") if plain else ()))


def _race(
    contestants: Mapping[str, Contestant], rounds: int, seconds: float, model: str, progress: Progress
) -> dict[str, list[float]]:
    """Return the speed of each contestant in each round."""
    amounts = {way: max(1, round(10 * seconds / contestant.work(10))) for way, contestant in contestants.items()}
    speeds: dict[str, list[float]] = {way: [] for way in contestants}
    for number in range(1, rounds + 1):
        progress(f"{model}: round {number}/{rounds}")
        for way, contestant in contestants.items():
            speeds[way].append(amounts[way] / contestant.work(amounts[way]))
    return speeds


def _summary(
    model: str, batch_size: int, rounds: int, settings: dict[str, Any], speeds: Mapping[str, list[float]]
) -> dict[str, Any]:
    product = 2 * MATRIX_SIDE**3

    def ratio(above: str, below: str, scale: float = 1.0) -> float:
        return round(statistics.median(a * scale / b for a, b in zip(speeds[above], speeds[below], strict=True)), 3)

    row: dict[str, Any] = {
        "model": model,
        "settings": settings,
        "batch_size": batch_size,
        "rounds": rounds,
        "steps_per_second": {way: round(statistics.median(speeds[way]), 2) for way in _WAYS if way in speeds},
        "ratio": {way: ratio("ours", way) for way in ("keras_io", "torch") if way in speeds},
        "bfloat16_over_float32": ratio("ours_bfloat16", "ours"),
    }
    if "float32" not in speeds:
        return row
    operations = count_operations(model, batch_size)
    return row | {
        "gigaflop_a_step": round(operations / 1e9, 3),
        "matrix_gigaflops": {
            dtype: round(statistics.median(speeds[dtype]) * product / 1e9, 1) for dtype in ("float32", "bfloat16")
        },
        "share_of_matrix_rate": {
            "float32": ratio("ours", "float32", operations / product),
            "bfloat16": ratio("ours_bfloat16", "bfloat16", operations / product),
        },
    }


def count_operations(name: str, batch_size: int) -> int:
    """Return the number of multiplications and additions in the products and convolutions of one step.

    A layer costs as much forwards as each of its two gradients, that of its weights and that of its input. The generator runs
    once, and its first layer's input needs no gradient. The discriminator runs on real samples and on generated ones, its
    first layer's input needing no gradient, and once more on generated samples without the gradient of its weights.
    """
    import keras_gans

    model = keras_gans.create_model(name)
    generator, discriminator = (_products(network) for network in (model.generator, model.discriminator))
    of_generator = 3 * sum(generator) - generator[0]
    of_discriminator = 2 * (3 * sum(discriminator) - discriminator[0]) + 2 * sum(discriminator)
    return 2 * batch_size * (of_generator + of_discriminator)


def _products(network: keras.Model) -> list[int]:
    """Return the number of multiplications of each dense and convolutional layer for one sample, in order."""
    import math

    from keras import layers

    counts = []
    for layer in network.layers:
        if isinstance(layer, layers.Conv2DTranspose):
            counts.append(math.prod(layer.input.shape[1:3]) * math.prod(layer.kernel.shape))
        elif isinstance(layer, layers.Conv2D):
            counts.append(math.prod(layer.output.shape[1:3]) * math.prod(layer.kernel.shape))
        elif isinstance(layer, layers.Dense):
            counts.append(math.prod(layer.kernel.shape))
    return counts


def describe(row: dict[str, Any]) -> str:
    """Return a few lines of text."""
    steps = row["steps_per_second"]
    settings = "".join(f", {name}={value}" for name, value in row["settings"].items())
    lines = [f"{row['model']}{settings}, batch {row['batch_size']}, medians of {row['rounds']} rounds"]
    lines.append(f"  keras_gans            {steps['ours']:8.2f} steps/s")
    for way, label in (("keras_io", "keras.io's train_step"), ("torch", "a loop in PyTorch")):
        if way in steps:
            lines.append(f"  {label:21s} {steps[way]:8.2f} steps/s; keras_gans is {row['ratio'][way]:.2f} times as fast")
    lines.append(
        f"  keras_gans, bfloat16  {steps['ours_bfloat16']:8.2f} steps/s, {row['bfloat16_over_float32']:.2f} times float32"
    )
    if "gigaflop_a_step" not in row:
        return "\n".join(lines)
    share, rate = row["share_of_matrix_rate"], row["matrix_gigaflops"]
    lines.append(
        f"  {row['gigaflop_a_step']:.2f} GFLOP a step; matrix products run at {rate['float32']:.0f} GFLOP/s in float32 and "
        f"{rate['bfloat16']:.0f} in bfloat16, of which training reaches {share['float32']:.0%} and {share['bfloat16']:.0%}"
    )
    return "\n".join(lines)
