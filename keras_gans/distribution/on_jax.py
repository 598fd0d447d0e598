"""Devices of one process, or of several processes, on JAX."""

import contextlib
import random
from collections.abc import Iterator

import jax
import keras
import numpy as np

from keras_gans.distribution.place import Place, check_count, give_up
from keras_gans.distribution.workers import Workers

# A worker of which nothing has been heard for so long is given up: by default, JAX waits 100 seconds.
_HEARTBEAT_SECONDS = 60
# How JAX's errors about processes that are gone begin.
_GONE = ("UNAVAILABLE:", "DEADLINE_EXCEEDED:", "ABORTED:", "CANCELLED:")
# How long a worker that has finished waits for the others: the first one may still measure and export.
_FINISH_SECONDS = 3600


@contextlib.contextmanager
def place_on_jax(kind: str, devices: int | None, workers: Workers) -> Iterator[Place]:
    """See `keras_gans.distribution.distribute`."""
    if kind == "tpu":
        raise ValueError(
            "On JAX, the distribution 'mirrored' finds the TPUs of a machine, and 'multi_worker' those of several."
        )
    if devices:
        with contextlib.suppress(RuntimeError):  # JAX is initialized already
            jax.config.update("jax_num_cpu_devices", devices)
    if kind == "mirrored":
        chosen = jax.local_devices()[:devices]
        check_count(devices, chosen)
        place = Place(len(chosen))
    else:
        _join(workers)
        chosen = _devices_of_all(devices)
        place = Place(len(chosen), jax.process_index(), jax.process_count())
    before = keras.distribution.distribution()
    names = [f"{device.platform}:{device.id}" for device in chosen]
    keras.distribution.set_distribution(keras.distribution.DataParallel(devices=names))
    try:
        with _explained():
            yield place
    except BaseException:
        if place.workers > 1:
            give_up()
        raise
    finally:
        keras.distribution.set_distribution(before)


def gather(content: bytes, size: int) -> list[bytes]:
    """Return what each process of the current distribution gives, in the order of their numbers.

    Args:
        content: Bytes without a trailing space.
        size: Largest number of bytes; what exceeds it is left out.
    """
    distribution = keras.distribution.distribution()
    if distribution is None or jax.process_count() == 1:
        return [content]
    devices = distribution.device_mesh.backend_mesh.devices.flat
    if all(device.process_index == jax.process_index() for device in devices):
        return [content]
    return _gather(content, size)


def _gather(content: bytes, size: int) -> list[bytes]:
    from jax.experimental import multihost_utils

    row = np.frombuffer(content[:size].ljust(size), "uint8")
    with _explained():
        rows = multihost_utils.process_allgather(row)
    return [bytes(np.asarray(each)).rstrip() for each in rows]


def _join(workers: Workers) -> None:
    """Wait for the other processes, unless this one has joined them already."""
    if jax.distributed.is_initialized():
        return
    address = workers.addresses[0] if workers.addresses else None
    limits = {"heartbeat_timeout_seconds": _HEARTBEAT_SECONDS, "shutdown_timeout_seconds": _FINISH_SECONDS}
    try:
        with _explained():
            jax.distributed.initialize(address, workers.count, workers.worker, **limits)
    except RuntimeError as error:
        if "must be called before" not in str(error):
            raise
        raise ValueError(
            "JAX has computed something in this process already, so it cannot join other workers: enter "
            "distribute('multi_worker') before anything else."
        ) from error
    if jax.process_count() > 1:
        _share_seed()


def _share_seed() -> None:
    """Give all processes the first one's seed, unless they have been given the same one: or their models would differ."""
    state = random.getstate()
    own = str(random.getrandbits(31)).encode()
    random.setstate(state)
    seeds = _gather(own, len(str(2**31)))
    if any(seed != own for seed in seeds):
        keras.utils.set_random_seed(int(seeds[0]))


def _devices_of_all(devices: int | None) -> list[jax.Device]:
    """Return the devices of all processes, each process's together: as many of each."""
    by_process: dict[int, list[jax.Device]] = {number: [] for number in range(jax.process_count())}
    for device in sorted(jax.devices(), key=lambda device: device.id):
        by_process[device.process_index].append(device)
    counts = {len(each) for each in by_process.values()}
    if devices is None and len(counts) > 1:
        raise ValueError(
            f"Workers have different numbers of devices, from {min(counts)} to {max(counts)}: choose with devices."
        )
    check_count(devices, min(by_process.values(), key=len))
    return [device for each in by_process.values() for device in each[:devices]]


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """Explain JAX's errors about other processes."""
    try:
        yield
    except (jax.errors.JaxRuntimeError, ValueError) as error:  # what Gloo has to say may be either
        message = str(error)
        if not (message.startswith(_GONE) or "Gloo" in message or "NCCL" in message):
            raise
        raise RuntimeError(
            "Another worker ended or cannot be reached, and training stopped here, too. Look at its output, and start all "
            f"workers again with --resume: they continue from the last checkpoint. (JAX says: {message.splitlines()[0][:200]})"
        ) from error
