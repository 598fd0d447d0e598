"""Training on several devices and machines: strategies by name, and clear errors about workers."""

import contextlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from keras_gans.distribution.place import Place
from keras_gans.distribution.workers import Workers, find
from keras_gans.errors import no_such

__all__ = ["KINDS", "Place", "Workers", "agree", "check", "distribute"]

KINDS = ("mirrored", "multi_worker", "tpu")

# Bytes that each worker sends to the others in `agree`.
_FACTS_BYTES = 8192


@contextlib.contextmanager
def distribute(
    kind: str | None, devices: int | None = None, workers: Sequence[str] | None = None, worker: int | None = None
) -> Iterator[Place]:
    """A context in which models are built and trained on several devices.

    `fit`'s `batch_size` is that of the global batch, and so are losses, gradients, noise and averages. Apart from rounding, a
    run gives the weights of a run on one device, unless a layer looks at other samples of the batch. BatchNorm does: on
    TensorFlow each device normalises its own share (`synchronized=True` takes the whole batch, and communicates in each layer),
    on JAX always the whole batch.

    Args:
        kind: `"mirrored"`: the devices of this machine; `"multi_worker"`: those of several machines, on which the same program
            runs; `"tpu"`: a TPU (on JAX, `"mirrored"` finds it); None: one device.
        devices: Number of devices of this machine; None for all. A machine without GPUs is split into that many CPUs, if this
            process has not computed anything yet. (On TensorFlow, a worker without GPUs is one CPU.)
        workers: For `"multi_worker"`: each machine's `host:port`, in the same order everywhere. None reads the environment:
            TF_CONFIG, the variables of `keras.distribution.initialize`, and on JAX those of Kubeflow, `torchrun`, SLURM and
            Open MPI. Each worker waits until all have started. On JAX, a process that has called
            `jax.distributed.initialize` itself needs neither.
        worker: Number of this worker, counted from 0.

    Yields:
        A `Place`.

    Raises:
        ValueError: If there are no such devices, the description of the workers is wrong, or this worker's port is in use.
        RuntimeError: If another worker died, or was given other workers.

    Example:

        with keras_gans.distribution.distribute("mirrored"):
            model = keras_gans.create_model("dcgan")
            model.fit(images, batch_size=256, epochs=10)
    """
    found = check(kind, devices, workers, worker)
    import keras

    if kind is None:
        yield Place()
    elif keras.config.backend() == "jax":
        from keras_gans.distribution.on_jax import place_on_jax

        with place_on_jax(kind, devices, found) as place:
            yield place
    else:
        from keras_gans.distribution.on_tensorflow import place_on_tensorflow

        with place_on_tensorflow(kind, devices, found) as place:
            yield place


def check(
    kind: str | None, devices: int | None = None, workers: Sequence[str] | None = None, worker: int | None = None
) -> Workers:
    """Check `distribute`'s arguments as far as possible without importing a backend.

    Returns:
        The workers; one without an address for a single process.

    Raises:
        ValueError: As `distribute` does.
    """
    if kind is not None and kind not in KINDS:
        raise ValueError(no_such("kind of distribution", kind, list(KINDS)))
    if devices is not None and (kind not in ("mirrored", "multi_worker") or devices < 1):
        raise ValueError(f"devices must be at least 1, and go with mirrored or multi_worker; received {devices} with {kind}.")
    if kind != "multi_worker":
        if workers or worker is not None:
            raise ValueError(f"Workers are for the distribution multi_worker only; this one is {kind}.")
        return Workers()
    return find(workers, worker)


def agree(facts: dict[str, Any], strategy: Any = None) -> None:
    """Check that all workers have the same settings. Each worker must call it; a single process need not.

    Args:
        facts: Settings by name, as values for JSON.
        strategy: TensorFlow's strategy; None for the current one.

    Raises:
        ValueError: On all workers, if settings differ. The message names the first difference.
        RuntimeError: If another worker ended meanwhile.
    """
    import keras

    content = json.dumps(facts).encode()
    if keras.config.backend() == "jax":
        from keras_gans.distribution import on_jax

        contents = on_jax.gather(content, _FACTS_BYTES)
    else:
        from keras_gans.distribution import on_tensorflow

        contents = on_tensorflow.gather(content, _FACTS_BYTES, strategy)
    for worker, other in enumerate(contents):
        if other != contents[0]:
            raise ValueError(f"Workers 0 and {worker} do not train the same: {_difference(contents[0], other, worker)}.")


def _difference(content: bytes, other: bytes, worker: int) -> str:
    """Describe the first difference between the settings of worker 0 and another one."""
    try:
        facts, others = json.loads(content), json.loads(other)
    except ValueError:  # more than is sent
        return "their settings differ"
    name = next(name for name in {**facts, **others} if facts.get(name) != others.get(name))
    return f"{name} is {facts.get(name)} on worker 0 and {others.get(name)} on worker {worker}"
