"""Training on several devices and machines: strategies by name, and errors that say what is wrong with a worker."""

import contextlib
import dataclasses
import json
import os
import socket
from collections.abc import Iterator, Sequence

from keras_gans.errors import no_such

KINDS = ("mirrored", "multi_worker", "tpu")


@dataclasses.dataclass(frozen=True)
class Place:
    """Where this process stands among those that train together.

    Attributes:
        replicas: Devices that train, of all workers together. Each takes an equal share of every batch.
        worker: The number of this process; worker 0, the chief, is the one that writes files.
    """

    replicas: int = 1
    worker: int = 0

    @property
    def chief(self) -> bool:
        """Whether this process writes files."""
        return self.worker == 0


@contextlib.contextmanager
def distribute(
    kind: str | None, devices: int | None = None, workers: Sequence[str] | None = None, worker: int | None = None
) -> Iterator[Place]:
    """A context in which models are built and trained on several devices.

    Losses, gradients, noise and averages are those of the global batch, which `fit`'s `batch_size` is: a run gives the weights
    of a run on one device, to rounding, where no layer looks at other samples of the batch. BatchNorm does: on TensorFlow each
    device normalises its own share (`synchronized=True` takes the whole batch, at the price of talking in each layer), on JAX
    always the whole batch.

    Args:
        kind: `"mirrored"`: the devices of this machine; `"multi_worker"`: those of several machines, on which the same program
            runs (TensorFlow only); `"tpu"`: a TPU (on JAX, `"mirrored"` finds it); None: one device.
        devices: How many devices of this machine; None for all. A machine without GPUs is cut into so many CPUs.
        workers: Of `"multi_worker"`: each machine's `host:port`, in the same order everywhere. None reads TF_CONFIG.
        worker: Which of them this is, counted from 0.

    Yields:
        A `Place`.

    Raises:
        ValueError: If there are no such devices, the workers are not well described, or this worker's port is in use.
        RuntimeError: If training ends because another worker died or describes the workers differently.

    Example:

        with keras_gans.distribution.distribute("mirrored"):
            model = keras_gans.create_model("dcgan")
            model.fit(images, batch_size=256, epochs=10)
    """
    import keras

    if kind is None:
        yield Place()
    elif kind not in KINDS:
        raise ValueError(no_such("kind of distribution", kind, list(KINDS)))
    elif keras.config.backend() == "jax":
        with _on_jax(kind, devices) as place:
            yield place
    else:
        with _on_tensorflow(kind, devices, workers, worker) as place:
            yield place


@contextlib.contextmanager
def _on_jax(kind, devices):
    import jax
    import keras

    if kind != "mirrored":
        raise ValueError(f"On JAX there is only the distribution 'mirrored' (all devices of this machine); received '{kind}'.")
    found = [f"{device.platform}:{device.id}" for device in jax.local_devices()]
    _check_count(devices, found)
    before = keras.distribution.distribution()
    keras.distribution.set_distribution(keras.distribution.DataParallel(devices=found[:devices]))
    try:
        yield Place(len(found[:devices]))
    finally:
        keras.distribution.set_distribution(before)


@contextlib.contextmanager
def _on_tensorflow(kind, devices, workers, worker):
    import tensorflow as tf

    try:
        if kind == "multi_worker":
            cluster, worker = _cluster(workers, worker)
            os.environ["TF_CONFIG"] = json.dumps({"cluster": {"worker": cluster}, "task": {"type": "worker", "index": worker}})
            strategy = tf.distribute.MultiWorkerMirroredStrategy()
        elif kind == "tpu":
            strategy, worker = _tpu_strategy(tf), 0
        else:
            strategy, worker = _mirrored_strategy(tf, devices), 0
        with strategy.scope():
            yield Place(strategy.num_replicas_in_sync, worker)
    except tf.errors.OpError as error:
        if kind != "multi_worker":
            raise
        raise RuntimeError(_explain(str(error))) from error


def _mirrored_strategy(tf, devices):
    if tf.config.list_physical_devices("GPU"):
        gpus = tf.config.list_logical_devices("GPU")
        _check_count(devices, gpus)
        return tf.distribute.MirroredStrategy([gpu.name for gpu in gpus[:devices]])
    cpus = tf.config.list_physical_devices("CPU")
    if devices and tf.config.get_logical_device_configuration(cpus[0]) is None:
        with contextlib.suppress(RuntimeError):  # TensorFlow has begun already, with what it found
            tf.config.set_logical_device_configuration(cpus[0], [tf.config.LogicalDeviceConfiguration()] * devices)
    found = tf.config.list_logical_devices("CPU")
    _check_count(devices, found)
    return tf.distribute.MirroredStrategy([cpu.name for cpu in found[:devices]])


def _tpu_strategy(tf):
    try:
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver()
        tf.config.experimental_connect_to_cluster(resolver)
        tf.tpu.experimental.initialize_tpu_system(resolver)
    except (ValueError, tf.errors.OpError) as error:
        raise ValueError(f"No TPU was found ({str(error).splitlines()[0]}).") from error
    return tf.distribute.TPUStrategy(resolver)


def _check_count(wanted, found):
    if wanted is not None and not 1 <= wanted <= len(found):
        raise ValueError(f"{wanted} devices were asked for; this process sees {len(found)}.")


def _cluster(workers, worker):
    """Returns all workers' addresses and the number of this one, checked."""
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
    port = int(workers[worker].rpartition(":")[2])
    with socket.socket(socket.AF_INET6 if socket.has_ipv6 else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError as error:
            raise ValueError(f"Port {port} of worker {worker} ({workers[worker]}) cannot be used: {error.strerror}.") from error
    return list(workers), worker


def _explain(message):
    if "joining a group with size" in message:
        return "The workers disagree on how many they are: start all with the same list of workers."
    if "Could not start gRPC server" in message:
        return "This worker's port cannot be used: another program may have it."
    return (
        "Another worker died or cannot be reached, and training stopped here, too. Start all workers again with --resume: they "
        f"go on from the last checkpoint. (TensorFlow says: {_gist(message)})"
    )


def _gist(message):
    lines = [line.strip() for line in message.splitlines() if "Collective ops is aborted" in line or "Error received" in line]
    return (lines or message.strip().splitlines())[0][:200]
