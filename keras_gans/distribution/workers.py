"""Which worker this process is: from arguments, or from what a launcher has put into the environment."""

import dataclasses
import errno
import json
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence

# Variables that JAX reads by itself once it is asked to: of SLURM, Open MPI and Cloud TPUs (`jax.distributed.initialize`).
_KNOWN_TO_JAX = ("SLURM_STEP_NODELIST", "OMPI_MCA_orte_hnp_uri", "TPU_WORKER_HOSTNAMES", "TPU_PROCESS_ADDRESSES")


@dataclasses.dataclass(frozen=True)
class Workers:
    """The processes that train together.

    Attributes:
        worker: Number of this one, counted from 0; None if JAX asks the launcher (SLURM, Open MPI, a TPU).
        count: Their number; None likewise.
        addresses: Each one's `host:port`, or that of worker 0 alone, which is enough for JAX.
    """

    worker: int | None = 0
    count: int | None = 1
    addresses: tuple[str, ...] = ()

    @property
    def others(self) -> tuple[str, ...]:
        """Known addresses of the other workers."""
        return tuple(address for number, address in enumerate(self.addresses) if number != self.worker)


def find(addresses: Sequence[str] | None, worker: int | None) -> Workers:
    """Return the workers that arguments or the environment describe, checked.

    Args:
        addresses: Each worker's `host:port`; None to read the environment.
        worker: Number of this worker.

    Raises:
        ValueError: If there is no description, it makes no sense, or this worker's port is in use.
    """
    if addresses is not None:
        return _checked(addresses, worker, None)
    if _has_joined():
        return Workers(None, None)
    for read in _LAUNCHERS:
        found = read(os.environ)
        if found is not None:
            return _checked(*found)
    if any(name in os.environ for name in _KNOWN_TO_JAX):
        return Workers(None, None)
    raise ValueError(
        "multi_worker needs the workers' addresses: --workers=HOST:PORT,HOST:PORT and --worker=NUMBER, the same list on all "
        "machines; or the environment variable TF_CONFIG with cluster.worker and task.index; or, on JAX, "
        "JAX_COORDINATOR_ADDRESS, JAX_NUM_PROCESSES and JAX_PROCESS_ID."
    )


def _has_joined() -> bool:
    """Whether this process has called `jax.distributed.initialize`."""
    jax = sys.modules.get("jax")
    return jax is not None and jax.distributed.is_initialized()


# What a launcher has said: addresses, number of this worker, number of workers if not all addresses are given.
_Found = tuple[Sequence[str], int | None, int | None]


def _tf_config(environment: Mapping[str, str]) -> _Found | None:
    """TensorFlow's own, and Kubeflow's TFJob and Ray's TensorflowTrainer, which set it."""
    try:
        config = json.loads(environment.get("TF_CONFIG", ""))
        return config["cluster"]["worker"], int(config["task"]["index"]), None
    except (ValueError, KeyError, TypeError):
        return None


def _variables(address: str, count: str, worker: str, port: str | None = None) -> Callable[[Mapping[str, str]], _Found | None]:
    """Return a function that reads the variables of these names, if all are set."""

    def read(environment: Mapping[str, str]) -> _Found | None:
        names = [name for name in (address, count, worker, port) if name]
        if not all(environment.get(name) for name in names):
            return None
        addresses = environment[address].split(",")
        if port:
            addresses = [f"{addresses[0]}:{environment[port]}"]
        numbers = {name: environment[name] for name in (count, worker)}
        for name, number in numbers.items():
            if not number.isdigit():
                raise ValueError(f"The environment variable {name} must be a number; it is '{number}'.")
        return addresses, int(numbers[worker]), int(numbers[count])

    return read


_LAUNCHERS = (
    _tf_config,
    # `keras.distribution.initialize`.
    _variables("KERAS_DISTRIBUTION_JOB_ADDRESSES", "KERAS_DISTRIBUTION_NUM_PROCESSES", "KERAS_DISTRIBUTION_PROCESS_ID"),
    # Kubeflow Trainer's runtime `jax-distributed`.
    _variables("JAX_COORDINATOR_ADDRESS", "JAX_NUM_PROCESSES", "JAX_PROCESS_ID"),
    # Kubeflow Training Operator's JAXJob.
    _variables("COORDINATOR_ADDRESS", "NUM_PROCESSES", "PROCESS_ID", "COORDINATOR_PORT"),
    # `torchrun`, Kubeflow's PyTorchJob, Ray's TorchTrainer.
    _variables("MASTER_ADDR", "WORLD_SIZE", "RANK", "MASTER_PORT"),
)


def _checked(addresses: Sequence[str], worker: int | None, count: int | None) -> Workers:
    for address in addresses:
        host, _, port = address.rpartition(":")
        if not host or not port.isdigit():
            raise ValueError(f"A worker's address must look like HOST:PORT; received '{address}'.")
    if len(set(addresses)) != len(addresses):
        raise ValueError(f"Two workers have the same address: {', '.join(addresses)}.")
    count = len(addresses) if count is None else count
    if len(addresses) not in (1, count):
        raise ValueError(f"{len(addresses)} addresses were given for {count} workers: {', '.join(addresses)}.")
    if worker is None or not 0 <= worker < count:
        raise ValueError(f"--worker must say which of the {count} workers this is, from 0 to {count - 1}.")
    if worker < len(addresses):
        _check_port(int(addresses[worker].rpartition(":")[2]), worker, addresses[worker])
    return Workers(worker, count, tuple(addresses))


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
