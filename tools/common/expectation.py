"""How long training will take on a CPU, estimated before its first step."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import processor
from .progress import LONG_RUN_SECONDS, duration

if TYPE_CHECKING:
    from keras_gans import AdversarialModel

# Smaller images train quickly, so that the speed of the first steps says enough.
_PIXELS = 48 * 48
_SAMPLES = 8
# Shorter runs get no estimate.
_WORTH_TELLING = 600.0
# A layer's two gradients, by its weights and by its inputs, cost about as much as its output each. The generator runs and
# learns once. The discriminator runs and learns on real samples and on generated ones; the generator's update runs it again,
# with the gradient by its inputs alone. A penalty on its gradient takes the gradient of a gradient, of one of the two.
_LEARNING, _JUDGING, _PENALTY = 3, 2, 3


def expected_seconds(model: AdversarialModel, batch_size: int) -> float | None:
    """Return the approximate seconds of a training step on this machine's CPU, from a pass of a few samples.

    Args:
        model: A compiled model.
        batch_size: Samples per step.

    Returns:
        None where it is not estimated: for small or other samples than images, models that grow or map images to images, and
        machines with a GPU.
    """
    from keras_gans import backend

    shape = model.data_shape
    images = len(shape) == 3 and None not in shape and shape[0] * shape[1] >= _PIXELS
    if not images or model.latent_shape is None or model.sample_shape != shape or backend.accelerators():
        return None
    count = min(batch_size, _SAMPLES)
    generating, judging = _forward_seconds(model, count)
    penalized = any(penalty.takes_gradient for penalty in model.penalties)
    of_generator = _LEARNING * generating + _JUDGING * judging
    of_discriminator = (2 * _LEARNING + penalized * _PENALTY) * judging
    return batch_size / count * (of_generator / model.critic_steps + of_discriminator)


def _forward_seconds(model: AdversarialModel, count: int) -> tuple[float, float]:
    """Return the seconds in which the compiled networks generate and score a number of samples."""
    from keras import ops

    from keras_gans import backend

    latents = ops.convert_to_tensor(model.latents(count, seed=0))
    # Keras refuses networks that are given tensors and arrays.
    conditions = {name: ops.convert_to_tensor(values) for name, values in model.example_conditions(count).items()}
    generate = backend.compiled(lambda latents: model.generate_samples(latents, conditions))
    judge = backend.compiled(lambda samples: model.score(samples, conditions))
    samples = ops.convert_to_tensor(ops.convert_to_numpy(generate(latents)))
    return _seconds(generate, latents), _seconds(judge, samples)


def _seconds(function: Callable[[Any], Any], inputs: Any) -> float:
    """Return the median duration of three calls of a compiled function, after one that compiles it."""
    import keras

    durations = []
    for _ in range(4):
        began = time.perf_counter()
        keras.tree.map_structure(keras.ops.convert_to_numpy, function(inputs))
        durations.append(time.perf_counter() - began)
    return statistics.median(durations[1:])


def describe(step: float | None, steps: int, hint: str) -> list[str]:
    """Return lines about the time that a run will take: none if that is unknown or little.

    Args:
        step: The seconds of a step, as `expected_seconds` returns them.
        steps: Number of steps left.
        hint: How to shorten a run, the last line for a long one.
    """
    if step is None or step * steps < _WORTH_TELLING:
        return []
    each = f"{step:.1f} s" if step < 60 else duration(step)
    expected = f"Expected on this CPU: about {each} per step, {duration(step * steps)} in all."
    return [expected, hint] if step * steps > LONG_RUN_SECONDS else [expected]


def make_hint(model: AdversarialModel, precision: str, new: bool) -> str:
    """Return how to shorten a long run; only a new one may have other networks or another precision."""
    import keras

    from keras_gans import backend

    ways = ["fewer --epochs"]
    width = (model.entry or {}).get("arguments", {}).get("width")
    if new and isinstance(width, int) and width > 1:
        ways.insert(0, f"a narrower network (--set=width={width // 2} instead of {width})")
    if not backend.accelerators():
        if new and keras.backend.backend() == "tensorflow" and precision == "float32" and processor.multiplies_bfloat16():
            ways.insert(0, "--precision=mixed_bfloat16, for which this processor has units of its own")
        ways.append("a GPU")
    return f"To take less time: {', '.join(ways[:-1])} or {ways[-1]}." if len(ways) > 1 else f"To take less time: {ways[0]}."
