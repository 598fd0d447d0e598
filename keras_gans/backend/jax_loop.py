"""Several steps on JAX in one call: a loop that XLA compiles, over batches that are moved to the device together."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


class CompiledLoop:
    """Keras' training function for several steps per execution.

    Python starts one program for all steps of an execution, and their batches make one transfer. A GPU would otherwise wait
    for Python between the steps of a small model.

    On CPUs, XLA prepares convolutions for its fast kernels outside of loops only (its pass `ConvCanonicalization`). In a loop,
    the gradients of convolutions take 20 times as long and are rounded differently. A step that has any is called step by step
    there, so that on CPUs the weights are those of single steps bit for bit, and no model becomes slower.

    Args:
        step: One step, compiled by `jax.jit`: `(state, batch) -> (logs, state)`.
        length: Steps per execution.
    """

    def __init__(self, step: Any, length: int):
        self._step, self._length = step, length
        self._loop = jax.jit(self._all_steps, donate_argnums=0)
        self._stack_on_device = jax.jit(lambda arrays: jnp.stack(arrays))
        self._loops: bool | None = None

    def __call__(self, state: Any, batches: Iterator[Any]) -> tuple[Any, Any]:
        """Take the steps of one execution, or of what is left of the data.

        Returns:
            The logs of the last step, and the new state.

        Raises:
            StopIteration: If there is no batch.
        """
        first = next(batches)
        if self._loops is None:
            self._loops = jax.default_backend() != "cpu" or not self._convolves(state, first)
        some: Iterator[Any] | list[Any] = itertools.chain([first], itertools.islice(batches, self._length - 1))
        if self._loops:
            some = list(some)
            if len(some) > 1 and all(_kind(batch) == _kind(first) for batch in some):
                return self._loop(state, jax.tree.map(lambda *arrays: self._stack(arrays), *some))
        for batch in some:
            logs, state = self._step(state, batch)
        return logs, state

    def _all_steps(self, state: Any, batches: Any) -> tuple[Any, Any]:
        def step(state: Any, batch: Any) -> tuple[Any, Any]:
            logs, state = self._step(state, batch)
            return state, logs

        state, logs = jax.lax.scan(step, state, batches)
        return jax.tree.map(lambda of_each_step: of_each_step[-1], logs), state

    def _stack(self, arrays: Sequence[Any]) -> Any:
        """Return arrays as one, in the memory in which they are."""
        if all(isinstance(array, np.ndarray) for array in arrays):
            return np.stack(arrays)
        return self._stack_on_device(arrays)

    def _convolves(self, state: Any, batch: Any) -> bool:
        """Whether a step has convolutions."""
        return _has_convolutions(self._step.trace(state, batch).jaxpr)  # JAX keeps the trace


def _kind(batch: Any) -> tuple[Any, list[tuple[Any, Any]]]:
    leaves, structure = jax.tree.flatten(batch)
    return structure, [(leaf.shape, leaf.dtype) for leaf in leaves]


def _has_convolutions(jaxpr: Any) -> bool:
    """Whether a program of JAX, or one that it calls, has a convolution."""
    for equation in jaxpr.eqns:
        if equation.primitive.name == "conv_general_dilated":
            return True
        for value in jax.tree.leaves(list(equation.params.values()), is_leaf=lambda each: hasattr(each, "eqns")):
            if hasattr(value, "eqns") and _has_convolutions(value):
                return True
    return False
