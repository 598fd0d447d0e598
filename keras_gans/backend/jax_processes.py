"""Batches and weights on the devices of several processes, on JAX.

A distribution spreads each batch over all of its devices, and gives each device a copy of every weight. A process reaches its
own devices only: it makes its share of a batch, and reads its own copy of a weight.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import jax
import keras
import numpy as np

from keras_gans.errors import check_shares


def share() -> tuple[int, int]:
    """Return which part of each batch this process makes, and how many parts there are: `(0, 1)` if it makes the whole.

    Raises:
        ValueError: If the distribution reaches other processes in a way that is not supported.
    """
    distribution = keras.distribution.distribution()
    if distribution is None or jax.process_count() == 1:
        return 0, 1
    processes = [device.process_index for device in distribution.device_mesh.backend_mesh.devices.flat]
    order = list(dict.fromkeys(processes))
    here = jax.process_index()
    if order == [here]:
        return 0, 1
    if not isinstance(distribution, keras.distribution.DataParallel):
        raise ValueError(
            f"Several processes train with keras.distribution.DataParallel; received {type(distribution).__name__}."
        )
    if here not in order:
        raise ValueError(f"The distribution has no device of process {here}: leave its devices out to take those of all.")
    if processes != [number for number in order for _ in range(len(processes) // len(order))]:
        raise ValueError("The devices of a distribution must be grouped by process, equally many of each.")
    return order.index(here), len(order)


def part_of(array: Any, part: int, parts: int) -> Any:
    """Return one of several equal parts of the rows of an array."""
    rows = len(array) // parts
    return array[part * rows : (part + 1) * rows]


def part_of_batch(batch: Any) -> Any:
    """Return this process's part of a batch that all processes have.

    Raises:
        ValueError: If it cannot be divided equally among all devices.
    """
    part, parts = share()
    if parts == 1:
        return batch
    distribution: Any = keras.distribution.distribution()
    check_shares(len(jax.tree.leaves(batch)[0]), distribution.device_mesh.devices.size)
    return jax.tree.map(lambda array: part_of(array, part, parts), batch)


def spread(batches: Iterable[Any], own: bool) -> Iterator[Any]:
    """Put each batch on all devices of the distribution: equal shares of it, or where it cannot be divided, the whole on each.

    Args:
        batches: Structures of arrays.
        own: Whether they are this process's parts of batches that can be divided. If not, all processes have the same batches.
    """
    for batch in batches:
        yield jax.tree.map(lambda array: _put(np.asarray(array), own), batch)


def _put(array: np.ndarray, own: bool) -> jax.Array:
    distribution: Any = keras.distribution.distribution()
    mesh, (part, parts) = distribution.device_mesh, share()
    count = len(array) * parts if own else len(array)
    if own:
        check_shares(count, mesh.devices.size)
    if count % mesh.devices.size:
        whole = jax.sharding.NamedSharding(mesh.backend_mesh, jax.sharding.PartitionSpec())
        return jax.make_array_from_process_local_data(whole, array, array.shape)
    shape = (count, *array.shape[1:])
    rows = array if own else part_of(array, part, parts)
    return jax.make_array_from_process_local_data(distribution.get_data_layout(shape).backend_layout, rows, shape)


def own_copy(array: Any) -> Any:
    """Return an array that this process can compute with alone: of one that all devices hold, the copy on its first device."""
    if isinstance(array, jax.Array) and not array.is_fully_addressable:
        return array.addressable_data(0)
    return array


@contextlib.contextmanager
def undivided_data() -> Iterator[bool]:
    """A context in which Keras leaves data as they are: several processes divide them here.

    Yields:
        Whether processes are to be given the same data. Otherwise each has its own part of each batch already
        (`auto_shard_dataset=False`).
    """
    distribution = keras.distribution.distribution()
    if distribution is None:
        yield True
        return
    before = distribution.auto_shard_dataset
    if share()[1] > 1:  # in one process, Keras does not divide
        distribution.auto_shard_dataset = False
    try:
        yield before or share()[1] == 1
    finally:
        distribution.auto_shard_dataset = before
