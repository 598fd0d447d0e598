"""Devices and workers under the strategies of TensorFlow."""

import contextlib
import json
import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from keras_gans.distribution.place import Place, check_count
from keras_gans.distribution.workers import Workers


@contextlib.contextmanager
def place_on_tensorflow(kind: str, devices: int | None, workers: Workers) -> Iterator[Place]:
    """See `keras_gans.distribution.distribute`."""
    if kind == "multi_worker":
        with _explained():
            strategy = _multi_worker_strategy(devices, workers)
            with strategy.scope():
                yield Place(strategy.num_replicas_in_sync, workers.worker or 0, len(workers.addresses))
    else:
        strategy = _tpu_strategy() if kind == "tpu" else _mirrored_strategy(devices)
        with strategy.scope():
            yield Place(strategy.num_replicas_in_sync)


def gather(content: bytes, size: int, strategy: Any = None) -> list[bytes]:
    """Return what each worker gives, in the order of their numbers.

    Args:
        content: Bytes without a trailing space.
        size: Largest number of bytes; what exceeds it is left out.
        strategy: The strategy; None for the current one.
    """
    strategy = strategy or tf.distribute.get_strategy()
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return [content]
    row = tf.constant([list(content[:size].ljust(size))], tf.int32)

    @tf.function
    def gather_rows() -> Any:
        context = tf.distribute.get_replica_context()
        with tf.device(strategy.extended.worker_devices[0]):
            return context.all_gather(tf.identity(row), axis=0)

    with _explained():
        rows = strategy.experimental_local_results(strategy.run(gather_rows))[0].numpy()
    replicas = strategy.num_replicas_in_sync // strategy.extended._num_workers
    return [bytes(row.astype("uint8")).rstrip() for row in rows[::replicas]]


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """Explain TensorFlow's errors about workers."""
    try:
        yield
    except tf.errors.OpError as error:
        message = _explain(error)
        if message is None:
            raise
        raise RuntimeError(message) from error


def _multi_worker_strategy(devices: int | None, workers: Workers) -> Any:
    """Start this worker's server and wait for the others."""
    if len(workers.addresses) != workers.count:
        raise ValueError(
            "On TensorFlow, multi_worker needs the address of each worker: give --workers=HOST:PORT,HOST:PORT and "
            "--worker=NUMBER, or TF_CONFIG. The environment names no more than the first worker's, which is enough for JAX."
        )
    gpus = tf.config.list_physical_devices("GPU")
    if devices:
        check_count(devices, gpus or [None])  # without GPUs, a worker is one CPU
        tf.config.set_visible_devices(gpus[:devices], "GPU")
    cluster = {"cluster": {"worker": workers.addresses}, "task": {"type": "worker", "index": workers.worker}}
    os.environ["TF_CONFIG"] = json.dumps(cluster)
    with _stoppable():
        return tf.distribute.MultiWorkerMirroredStrategy()


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Let Ctrl-C end the process at once: TensorFlow waits for other workers in C++, where Python handles no signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _mirrored_strategy(devices: int | None) -> Any:
    if tf.config.list_physical_devices("GPU"):
        gpus = tf.config.list_logical_devices("GPU")
        check_count(devices, gpus)
        return tf.distribute.MirroredStrategy([gpu.name for gpu in gpus[:devices]])
    cpus = tf.config.list_physical_devices("CPU")
    if devices and tf.config.get_logical_device_configuration(cpus[0]) is None:
        with contextlib.suppress(RuntimeError):  # TensorFlow is initialized already
            tf.config.set_logical_device_configuration(cpus[0], [tf.config.LogicalDeviceConfiguration()] * devices)
    found = tf.config.list_logical_devices("CPU")
    check_count(devices, found)
    return tf.distribute.MirroredStrategy([cpu.name for cpu in found[:devices]])


def _tpu_strategy() -> Any:
    try:
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver()
        tf.config.experimental_connect_to_cluster(resolver)
        tf.tpu.experimental.initialize_tpu_system(resolver)
    except (ValueError, tf.errors.OpError) as error:
        raise ValueError(f"No TPU was found ({str(error).splitlines()[0]}).") from error
    return tf.distribute.TPUStrategy(resolver)


def _explain(error: Exception) -> str | None:
    """Return what an error means, or None if it is not about workers."""
    message = str(error)
    if "joining a group with size" in message:
        return "The workers disagree on how many they are: start all with the same list of workers and as many devices each."
    if "Could not start gRPC server" in message:
        return "This worker's port cannot be used: another program may have it."
    gone = (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError, tf.errors.DeadlineExceededError)
    if not (isinstance(error, gone) or "Collective ops is aborted" in message or "heartbeat" in message):
        return None
    return (
        "Another worker ended or cannot be reached, and training stopped here, too. Look at its output, and start all workers "
        f"again with --resume: they continue from the last checkpoint. (TensorFlow says: {_gist(message)})"
    )


def _gist(message: str) -> str:
    lines = [line.strip() for line in message.splitlines() if "Collective ops is aborted" in line or "Error received" in line]
    line = (lines or message.strip().splitlines() or [""])[0]
    return line[max(line.find("Collective ops"), 0) :][:200]
