"""Training on several devices and machines: strategies by name, and clear errors about workers."""

import contextlib
import dataclasses
import errno
import json
import os
import signal
import socket
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from keras_gans.errors import no_such

__all__ = ["KINDS", "Place", "agree", "check", "distribute"]

KINDS = ("mirrored", "multi_worker", "tpu")

# Bytes that each worker sends to the others in `agree`.
_FACTS_BYTES = 8192


@dataclasses.dataclass(frozen=True)
class Place:
    """The role of this process among the workers that train together.

    Attributes:
        replicas: Number of devices of all workers together. Each takes an equal share of every batch.
        worker: Number of this process. Worker 0, the chief, writes files.
        workers: Number of processes.
    """

    replicas: int = 1
    worker: int = 0
    workers: int = 1

    @property
    def chief(self) -> bool:
        """Whether this process writes files."""
        return self.worker == 0


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
            runs (TensorFlow only); `"tpu"`: a TPU (on JAX, `"mirrored"` finds it); None: one device.
        devices: Number of devices of this machine; None for all. A machine without GPUs is split into that many CPUs, if this
            process has not computed anything yet.
        workers: For `"multi_worker"`: each machine's `host:port`, in the same order everywhere. None reads TF_CONFIG. Each
            worker waits until all have started.
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
    worker, addresses = check(kind, devices, workers, worker)
    import keras

    if kind is None:
        yield Place()
    elif keras.config.backend() == "jax":
        with _on_jax(kind, devices) as place:
            yield place
    else:
        with _on_tensorflow(kind, devices, addresses, worker) as place:
            yield place


def check(
    kind: str | None, devices: int | None = None, workers: Sequence[str] | None = None, worker: int | None = None
) -> tuple[int, list[str]]:
    """Check `distribute`'s arguments as far as possible without importing a backend.

    Returns:
        Number of this worker, and the addresses of all: `(0, [])` for a single process.

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
        return 0, []
    return _cluster(workers, worker)


def agree(facts: dict[str, Any], strategy: Any = None) -> None:
    """Check that all workers have the same settings. Each worker must call it; a single process need not.

    Args:
        facts: Settings by name, as values for JSON.
        strategy: The strategy; None for the current one.

    Raises:
        ValueError: On all workers, if settings differ. The message names the first difference.
        RuntimeError: If another worker ended meanwhile.
    """
    import keras

    if keras.config.backend() != "tensorflow":
        return
    import tensorflow as tf

    strategy = strategy or tf.distribute.get_strategy()
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return
    content = json.dumps(facts).encode()[:_FACTS_BYTES]
    row = tf.constant([list(content.ljust(_FACTS_BYTES))], tf.int32)

    @tf.function
    def gather() -> Any:
        context = tf.distribute.get_replica_context()
        with tf.device(strategy.extended.worker_devices[0]):
            return context.all_gather(tf.identity(row), axis=0)

    with _explained():
        rows = strategy.experimental_local_results(strategy.run(gather))[0].numpy()
    replicas = strategy.num_replicas_in_sync // strategy.extended._num_workers
    contents = [bytes(row.astype("uint8")).rstrip() for row in rows[::replicas]]
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


@contextlib.contextmanager
def _on_jax(kind: str, devices: int | None) -> Iterator[Place]:
    import jax
    import keras

    if kind != "mirrored":
        raise ValueError(f"On JAX there is only the distribution 'mirrored' (all devices of this machine); received '{kind}'.")
    if devices:
        with contextlib.suppress(RuntimeError):  # JAX is initialized already
            jax.config.update("jax_num_cpu_devices", devices)
    found = [f"{device.platform}:{device.id}" for device in jax.local_devices()]
    _check_count(devices, found)
    before = keras.distribution.distribution()
    keras.distribution.set_distribution(keras.distribution.DataParallel(devices=found[:devices]))
    try:
        yield Place(len(found[:devices]))
    finally:
        keras.distribution.set_distribution(before)


@contextlib.contextmanager
def _on_tensorflow(kind: str, devices: int | None, addresses: list[str], worker: int) -> Iterator[Place]:
    import tensorflow as tf

    if kind == "multi_worker":
        with _explained():
            strategy = _multi_worker_strategy(tf, devices, addresses, worker)
            with strategy.scope():
                yield Place(strategy.num_replicas_in_sync, worker, len(addresses))
    else:
        strategy = _tpu_strategy(tf) if kind == "tpu" else _mirrored_strategy(tf, devices)
        with strategy.scope():
            yield Place(strategy.num_replicas_in_sync)


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """Explain TensorFlow's errors about workers."""
    import tensorflow as tf

    try:
        yield
    except tf.errors.OpError as error:
        message = _explain(error, tf)
        if message is None:
            raise
        raise RuntimeError(message) from error


def _multi_worker_strategy(tf: Any, devices: int | None, addresses: list[str], worker: int) -> Any:
    """Start this worker's server and wait for the others."""
    gpus = tf.config.list_physical_devices("GPU")
    if devices:
        _check_count(devices, gpus or [None])  # without GPUs, a worker is one CPU
        tf.config.set_visible_devices(gpus[:devices], "GPU")
    os.environ["TF_CONFIG"] = json.dumps({"cluster": {"worker": addresses}, "task": {"type": "worker", "index": worker}})
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


def _mirrored_strategy(tf: Any, devices: int | None) -> Any:
    if tf.config.list_physical_devices("GPU"):
        gpus = tf.config.list_logical_devices("GPU")
        _check_count(devices, gpus)
        return tf.distribute.MirroredStrategy([gpu.name for gpu in gpus[:devices]])
    cpus = tf.config.list_physical_devices("CPU")
    if devices and tf.config.get_logical_device_configuration(cpus[0]) is None:
        with contextlib.suppress(RuntimeError):  # TensorFlow is initialized already
            tf.config.set_logical_device_configuration(cpus[0], [tf.config.LogicalDeviceConfiguration()] * devices)
    found = tf.config.list_logical_devices("CPU")
    _check_count(devices, found)
    return tf.distribute.MirroredStrategy([cpu.name for cpu in found[:devices]])


def _tpu_strategy(tf: Any) -> Any:
    try:
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver()
        tf.config.experimental_connect_to_cluster(resolver)
        tf.tpu.experimental.initialize_tpu_system(resolver)
    except (ValueError, tf.errors.OpError) as error:
        raise ValueError(f"No TPU was found ({str(error).splitlines()[0]}).") from error
    return tf.distribute.TPUStrategy(resolver)


def _check_count(wanted: int | None, found: Sequence[Any]) -> None:
    if wanted is not None and not 1 <= wanted <= len(found):
        raise ValueError(f"{wanted} devices were asked for; this process sees {len(found)}.")


def _cluster(workers: Sequence[str] | None, worker: int | None) -> tuple[int, list[str]]:
    """Return the number of this worker and the addresses of all, checked."""
    if workers is None:
        try:
            config = json.loads(os.environ.get("TF_CONFIG", ""))
            workers, worker = config["cluster"]["worker"], int(config["task"]["index"])
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                "multi_worker needs the workers' addresses: --workers=HOST:PORT,HOST:PORT and --worker=NUMBER, the same list "
                "on all machines; or the environment variable TF_CONFIG with cluster.worker and task.index."
            ) from error
    for address in workers:
        host, _, port = address.rpartition(":")
        if not host or not port.isdigit():
            raise ValueError(f"A worker's address must look like HOST:PORT; received '{address}'.")
    if len(set(workers)) != len(workers):
        raise ValueError(f"Two workers have the same address: {', '.join(workers)}.")
    if worker is None or not 0 <= worker < len(workers):
        raise ValueError(f"--worker must say which of the {len(workers)} workers this is, from 0 to {len(workers) - 1}.")
    _check_port(int(workers[worker].rpartition(":")[2]), worker, workers[worker])
    return worker, list(workers)


def _check_port(port: int, worker: int, address: str) -> None:
    # Two of TensorFlow's servers can share a port, and would then wait forever.
    for family, everywhere in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((everywhere, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                raise ValueError(f"Port {port} of worker {worker} ({address}) cannot be used: {error.strerror}.") from error
        except OverflowError as error:
            raise ValueError(f"Port {port} of worker {worker} ({address}) must be at most 65535.") from error


def _explain(error: Exception, tf: Any) -> str | None:
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
