"""The adversarial step on JAX: pure functions around the same imperative code.

Keras' JAX trainer hands a step all state as arrays and wants the new arrays back. The step opens a scope in which reading a
`keras.Variable` gives its array and assigning replaces it; each gradient is taken through a nested scope of that kind.
"""

from __future__ import annotations

import contextlib
import functools
import operator
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import keras
import numpy as np

from keras_gans._typing import Tensor
from keras_gans.backend.executions import end_with_epochs
from keras_gans.backend.jax_loop import CompiledLoop
from keras_gans.backend.jax_processes import own_copy, part_of_batch, share, spread, undivided_data
from keras_gans.backend.jax_samples import per_sample
from keras_gans.backend.scale import GRADIENT_SCALE, norm_of_step
from keras_gans.errors import check_shares

if TYPE_CHECKING:
    from keras import Model as _Base
else:
    _Base = object


# Memory for the gradients of the samples that are differentiated together.
_GRADIENT_BYTES = 2**28


class _Scope(keras.StatelessScope):
    """A stateless scope that begins with the values of the scope around it and knows what changed inside."""

    state_mapping: dict[int, Any]

    def __enter__(self) -> _Scope:
        super().__enter__()
        if self.original_scope is not None:
            self.state_mapping = {**self.original_scope.state_mapping, **self.state_mapping}
        self._initial = dict(self.state_mapping)
        return self

    def changes(self) -> dict[int, Any]:
        """Return the new values by variable id."""
        return {key: value for key, value in self.state_mapping.items() if value is not self._initial.get(key)}


def minimize(
    loss_fn: Callable[[], tuple[Tensor, Any]], variables: Sequence[keras.Variable], optimizer: keras.optimizers.Optimizer
) -> tuple[Tensor, Any, Tensor]:
    """Take one optimizer step: see `keras_gans.backend`."""
    changed: list[int] = []

    def pure_loss(values: Any) -> tuple[Tensor, tuple]:
        with _Scope(zip(variables, values, strict=True)) as scope:
            loss, outputs = loss_fn()
            scaled_loss = optimizer.scale_loss(loss)
        changes = scope.changes()
        changed[:] = changes
        return scaled_loss, (loss, outputs, list(changes.values()))

    values = [variable.value for variable in variables]
    gradients, (loss, outputs, new_values) = jax.grad(pure_loss, has_aux=True)(values)
    _adopt(dict(zip(changed, new_values, strict=True)))
    return loss, outputs, _apply(optimizer, gradients, variables)


def minimize_through(
    fn: Callable[[], tuple[Any, Tensor]],
    loss_fn: Callable[[Any], Tensor],
    variables: Sequence[keras.Variable],
    optimizer: keras.optimizers.Optimizer,
) -> tuple[Any, Callable[[], tuple[Tensor, Tensor]]]:
    """Take one optimizer step in two halves: see `keras_gans.backend`."""
    changed: list[int] = []

    def pure_fn(values: Any) -> tuple[tuple, tuple]:
        with _Scope(zip(variables, values, strict=True)) as scope:
            outputs, own_loss = fn()
            scaled_loss = jnp.asarray(optimizer.scale_loss(own_loss), "float32")
        changes = scope.changes()
        changed[:] = changes
        return (outputs, scaled_loss), (own_loss, list(changes.values()))

    (outputs, _), pull_back, (own_loss, new_values) = jax.vjp(pure_fn, [v.value for v in variables], has_aux=True)
    _adopt(dict(zip(changed, new_values, strict=True)))

    def finish() -> tuple[Tensor, Tensor]:
        changed_later: list[int] = []

        def pure_loss(outputs: Any) -> tuple[Tensor, tuple]:
            with _Scope() as scope:
                loss = loss_fn(outputs)
                scaled_loss = optimizer.scale_loss(loss)
            changes = scope.changes()
            changed_later[:] = changes
            return scaled_loss, (loss, list(changes.values()))

        output_gradient, (loss, later_values) = jax.grad(pure_loss, has_aux=True)(outputs)
        _adopt(dict(zip(changed_later, later_values, strict=True)))
        (gradients,) = pull_back((output_gradient, jnp.ones((), "float32")))
        return loss + own_loss, _apply(optimizer, gradients, variables)

    return outputs, finish


def clipped_gradients(
    loss_fn: Callable[[Any], Tensor], variables: Sequence[keras.Variable], batch: Any, included: Tensor, clip: float
) -> tuple[list[Tensor], Tensor]:
    """Return the sum of clipped gradients: see `keras_gans.backend`."""

    def loss_of(values: Any, one: Any) -> Tensor:
        with _Scope(zip(variables, values, strict=True)):
            return loss_fn(jax.tree.map(lambda each: each[None], one))

    values = [variable.value for variable in variables]
    gradient_of = per_sample(jax.grad(loss_of), values, jax.tree.map(lambda each: each[0], batch))
    # Not a loop, in which XLA is slow on CPUs: see `CompiledLoop`.
    size = max(1, _GRADIENT_BYTES // (4 * sum(value.size for value in values)))
    sums: list[Any] = [jnp.zeros(value.shape, "float32") for value in values]
    norms = []
    for begin in range(0, included.shape[0], size):
        part = slice(begin, begin + size)
        some = jax.tree.map(operator.itemgetter(part), batch)
        gradients = [each.astype("float32") for each in gradient_of(values, some)]
        squares = sum(jnp.sum(jnp.square(each), axis=tuple(range(1, each.ndim))) for each in gradients)
        norm = jnp.sqrt(squares)
        factor = jnp.minimum(1.0, clip / jnp.maximum(norm, 1e-30))
        counts = included[part] > 0.0  # what does not count may be infinite
        factor, norm = jnp.where(counts, factor, 0.0), jnp.where(counts, norm, 0.0)
        kept = [jnp.where(counts.reshape(-1, *[1] * (each.ndim - 1)), each, 0.0) for each in gradients]
        sums = [total + jnp.tensordot(factor, each, 1) for total, each in zip(sums, kept, strict=True)]
        norms.append(norm)
    return sums, jnp.concatenate(norms)


def apply_gradients(
    optimizer: keras.optimizers.Optimizer, gradients: Sequence[Tensor], variables: Sequence[keras.Variable]
) -> Tensor:
    """Take one optimizer step: see `keras_gans.backend`."""
    return _apply(optimizer, gradients, variables)


def _apply(optimizer: keras.optimizers.Optimizer, gradients: Sequence[Tensor], variables: Sequence[keras.Variable]) -> Tensor:
    """Let an optimizer take its step; return the norm of the gradients without the scale of the loss."""
    norm = jnp.sqrt(sum(jnp.sum(jnp.square(g.astype("float32"))) for g in gradients)) / optimizer.scale_loss(jnp.ones(()))
    if not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        optimizer.apply(gradients, variables)
        return norm
    # Stateless, because it chooses between two updates, and a choice inside a trace must be pure. It wants a gradient for each
    # of the optimizer's variables: those that take no part stay where they are, because their moments are 0.
    given = {id(variable): gradient for variable, gradient in zip(variables, gradients, strict=True)}
    variables = optimizer.inner_optimizer._trainable_variables
    gradients = [given[id(v)] if id(v) in given else jnp.zeros(v.shape, v.dtype) for v in variables]
    new_variables, new_state = optimizer.stateless_apply(
        [v.value for v in optimizer.variables], gradients, [v.value for v in variables]
    )
    for variable, value in zip([*variables, *optimizer.variables], [*new_variables, *new_state], strict=True):
        variable.assign(value)
    return norm_of_step(optimizer, norm)


def prepare(optimizer: keras.optimizers.Optimizer) -> None:
    """XLA fuses the operations of an optimizer by itself."""


def accelerators() -> list[str]:
    """Return the names of the devices other than CPUs."""
    return [device.device_kind for device in jax.devices() if device.platform != "cpu"]


def replica() -> tuple[int, int]:
    """Return `(0, 1)`: on JAX one program computes on the global batch, wherever its parts are."""
    return 0, 1


def replica_mean(tensors: Any) -> Any:
    """Return what it is given: see `replica`."""
    return tensors


def input_gradient(fn: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Return the gradient of `fn(x)` with respect to `x`: see `keras_gans.backend`."""

    def total(inputs: Tensor) -> Tensor:
        with _Scope():
            return jnp.sum(fn(inputs).astype("float32") * GRADIENT_SCALE)

    return jax.grad(total)(x) / GRADIENT_SCALE


def gradients(fn: Callable[[list[Tensor]], tuple[Tensor, Any]], tensors: Sequence[Tensor]) -> tuple[list[Tensor], Any]:
    """Return the gradient of a scalar by each tensor, and the rest of what `fn` returns: see `keras_gans.backend`."""

    def pure(tensors: list[Tensor]) -> tuple[Tensor, Any]:
        with _Scope():
            return fn(tensors)

    return jax.grad(pure, has_aux=True)(list(tensors))


def _adopt(changes: dict[int, Any]) -> None:
    """Put new values, by variable id, into the scope around the caller."""
    with _Scope() as here:
        surrounding = here.original_scope
    surrounding.state_mapping.update(changes)


def compiled(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Return a compiled function: see `keras_gans.backend`."""
    return jax.jit(fn)


def depthwise_conv(x: Tensor, kernel: np.ndarray, stride: int) -> Tensor:
    """Convolve each channel with a constant filter of its own: see `keras_gans.backend`.

    XLA computes grouped convolutions slowly on CPUs, and their gradients even more slowly. As a sum of shifted images they are
    about five times as fast.
    """
    size, sides = kernel.shape[0], x.shape[1:3]
    counts = tuple(-(-side // stride) for side in sides)
    # Zeros before and behind each side, as TensorFlow divides them; fewer than none where the stride passes over the end.
    reach = [(count - 1) * stride + size for count in counts]
    before = [max(each - side, 0) // 2 for each, side in zip(reach, sides, strict=True)]
    behind = [each - side - zeros for each, side, zeros in zip(reach, sides, before, strict=True)]

    def forward(x: Tensor) -> Tensor:
        pads = tuple((zeros, more, 0) for zeros, more in zip(before, behind, strict=True))
        return _weighted_shifts(x, kernel, pads, stride, counts)

    def transposed(y: Tensor) -> Tensor:
        # Zeros between the outputs take the place of those that the stride has left out.
        last = size - 1
        pads = tuple((last - zeros, last - more, stride - 1) for zeros, more in zip(before, behind, strict=True))
        return _weighted_shifts(y, kernel[::-1, ::-1], pads, 1, sides)

    return _linear(forward, transposed)(x)


@functools.partial(jax.jit, static_argnums=(2, 3, 4))
def _weighted_shifts(
    x: Tensor, kernel: Tensor, pads: tuple[tuple[int, int, int], ...], stride: int, counts: tuple[int, int]
) -> Tensor:
    """Return the sum of shifts of padded images, each times one row of the filters."""
    padded = jax.lax.pad(x, jnp.zeros((), x.dtype), [(0, 0, 0), *pads, (0, 0, 0)])
    height, width = ((count - 1) * stride + 1 for count in counts)
    return sum(
        padded[:, row : row + height : stride, column : column + width : stride] * kernel[row, column, :, 0]
        for row, column in np.ndindex(*kernel.shape[:2])
    )


def _linear(function: Callable[[Tensor], Tensor], transposed: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """Return a linear function whose gradient is computed by its transpose, and that one's by the function itself."""

    @jax.custom_vjp
    def apply(x: Tensor) -> Tensor:
        return function(x)

    apply.defvjp(lambda x: (function(x), None), lambda _, slope: (_linear(transposed, function)(slope),))
    return apply


def batch_norm(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: float) -> tuple[Tensor, Tensor, Tensor]:
    """Normalise images by the statistics of the batch: see `keras_gans.backend`."""
    wide = x.astype("float32")
    mean, variance = wide.mean((0, 1, 2)), wide.var((0, 1, 2))
    gamma, beta = jnp.asarray(gamma), jnp.asarray(beta)
    y = (wide - mean) * (jax.lax.rsqrt(variance + epsilon) * gamma) + beta
    return y.astype(x.dtype), mean, variance


def upsampled_conv(x: Tensor, kernel: Tensor) -> Tensor:
    """Double images by repeating pixels and convolves them: see `keras_gans.backend`.

    One transposed convolution, as on TensorFlow, takes six times as long on a CPU.
    """
    doubled = jnp.repeat(jnp.repeat(x, 2, axis=1), 2, axis=2)
    return keras.ops.conv(doubled, kernel, padding="same", data_format="channels_last")


class _Sharing:
    """Lets other threads read a model's weights while one trains.

    Keras passes a step all state as arrays whose memory JAX reuses for the new ones: the old arrays are deleted, and the
    variables hold none while `fit` runs. So the newest arrays are kept here, and other threads get copies made between steps.
    """

    def __init__(self, model: StepTrainer):
        self.thread = threading.get_ident()
        self._lock = threading.Lock()
        self._variables = [*model.trainable_variables, *model.non_trainable_variables]
        self._arrays = [variable.value for variable in self._variables]

    def run(self, step: Callable[[Any, Any], tuple[Any, Any]], state: Any, iterator: Any) -> tuple[Any, Any]:
        """Run a step while no other thread copies, and keep its new state."""
        with self._lock:
            logs, state = step(state, iterator)
            self._arrays = [*state[0], *state[1]]
        return logs, state

    def copies(self) -> list[tuple[keras.Variable, Any]]:
        """Return pairs of a variable and a copy of its newest value."""
        with self._lock:
            pairs = zip(self._variables, self._arrays, strict=True)
            return [(variable, jnp.copy(own_copy(array))) for variable, array in pairs]


class StepTrainer(_Base):
    """Puts a model's steps under Keras' JAX trainer. Mixed in before `keras.Model`."""

    # While `fit` or `evaluate` runs.
    _sharing: _Sharing | None = None
    _compiled_networks: dict[keras.Model, Any]
    _epochs: Any
    # Batches of which `fit` is given this process's part only.
    _fed: Any = None
    # Whether other data are the same in all processes; otherwise each has its own part.
    _same_data = True

    def fit(self, *args: Any, **kwargs: Any) -> keras.callbacks.History:
        with self._shared():
            try:
                return super().fit(*args, **kwargs)
            finally:
                self._epochs = None
                if self._fed is not None:
                    self._fed.take_part(0, 1)
                    self._fed = None

    def evaluate(self, *args: Any, **kwargs: Any) -> Any:
        with self._shared():
            return super().evaluate(*args, **kwargs)

    @contextlib.contextmanager
    def _shared(self) -> Iterator[None]:
        if self._sharing is not None:  # evaluation within `fit`
            yield
            return
        self._sharing = _Sharing(self)
        try:
            with undivided_data() as self._same_data:
                yield
        finally:
            self._sharing = None

    def train_on_batch(self, x: Any, y: Any = None, **kwargs: Any) -> Any:
        return super().train_on_batch(*part_of_batch((x, y)), **kwargs)

    def test_on_batch(self, x: Any, y: Any = None, **kwargs: Any) -> Any:
        return super().test_on_batch(*part_of_batch((x, y)), **kwargs)

    def predict(self, *args: Any, **kwargs: Any) -> Any:
        if share()[1] > 1:
            raise ValueError("Keras' predict does not work in several processes: each of them can call generate or apply.")
        return super().predict(*args, **kwargs)

    def _make_function(self, step_function: Any, concatenate_outputs: bool = False) -> Any:
        step = super()._make_function(step_function, concatenate_outputs)
        if self._has_loops and not concatenate_outputs:
            step = CompiledLoop(step_function, self.steps_per_execution)

        def run(state: Any, iterator: Any) -> tuple[Any, Any]:
            sharing = self._sharing
            return step(state, iterator) if sharing is None else sharing.run(step, state, iterator)

        return run

    def train_step(self, state: Any, data: Any) -> tuple[Any, Any]:
        groups = (self.trainable_variables, self.non_trainable_variables, self.optimizer.variables, self.metrics_variables)
        return self._pure_step(self.adversarial_step, groups, state, data)

    def test_step(self, state: Any, data: Any) -> tuple[Any, Any]:
        groups = (self.trainable_variables, self.non_trainable_variables, self.metrics_variables)
        return self._pure_step(self.evaluation_step, groups, state, data)

    @staticmethod
    def _pure_step(
        step: Callable[[Any], Any], groups: Sequence[Sequence[keras.Variable]], state: Any, data: Any
    ) -> tuple[Any, Any]:
        mapping = [pair for group, values in zip(groups, state, strict=True) for pair in zip(group, values, strict=True)]
        with _Scope(mapping) as scope:
            logs = step(data)
        return logs, tuple([scope.get_current_value(variable) for variable in group] for group in groups)

    def run_if(self, condition: Tensor, fn: Callable[[], None]) -> None:
        """Run `fn`, which changes variables and returns nothing, where the scalar `condition` holds."""
        changed: list[int] = []

        def run() -> list[Any]:
            with _Scope() as scope:
                fn()
            changes = scope.changes()
            changed[:] = changes
            return list(changes.values())

        jax.eval_shape(run)  # finds out which variables `fn` changes, so that the other branch can return their old values
        with _Scope() as scope:
            old_values = [scope.state_mapping[key] for key in changed]
        new_values = jax.lax.cond(condition, run, lambda: old_values)
        _adopt(dict(zip(changed, new_values, strict=True)))

    def _resolve_jit_compile(self, jit_compile: bool | str) -> bool | str:
        return jit_compile

    @property
    def _has_loops(self) -> bool:
        return bool(self.steps_per_execution > 1 and self.jit_compile and not self.run_eagerly)

    def _symbolic_build(self, iterator: Any = None, data_batch: Any = None) -> None:
        # The model is built; `start_at` needs Keras' counter of steps.
        self._epochs = self._epochs or iterator  # the first since `fit` began: later ones are evaluation's
        if iterator is None:
            return
        end_with_epochs(iterator)
        adapter = iterator.data_adapter
        if isinstance(keras.distribution.distribution(), keras.distribution.DataParallel):
            own = not self._same_data or (self._fed is not None and iterator is self._epochs)
            iterator._get_iterator = lambda: spread(adapter.get_jax_iterator(), own)
        elif self._has_loops and keras.distribution.distribution() is None:
            # Keras' own moves batches to a GPU one by one.
            iterator._get_iterator = adapter.get_jax_iterator

    def feed(self, batches: Any) -> dict[str, Any]:
        """Return `fit`'s arguments for batches of a known order."""
        distribution = keras.distribution.distribution()
        devices = distribution.device_mesh.devices.size if distribution else 1
        check_shares(batches.batch_size, devices)
        part, parts = share()
        self._fed = batches
        if isinstance(batches, keras.utils.PyDataset):
            batches.take_part(part, parts)
            return {"x": batches}
        return {"x": batches.as_dataset(part, parts), "steps_per_epoch": len(batches)}

    @contextlib.contextmanager
    def newest_weights(self) -> Iterator[None]:
        """A context in which this thread reads the newest values of variables, while another one may train."""
        sharing = self._sharing
        if sharing is None or sharing.thread == threading.get_ident():
            yield
            return
        with _Scope(sharing.copies()):
            yield

    def run_network(self, network: keras.Model, inputs: Any) -> np.ndarray:
        """Return the outputs of a network in inference."""
        if network not in self._compiled_networks:

            def run(trainable: Any, non_trainable: Any, inputs: Any) -> Any:
                return network.stateless_call(trainable, non_trainable, inputs, training=False)[0]

            self._compiled_networks[network] = jax.jit(run)
        with self.newest_weights():
            trainable = [own_copy(variable.value) for variable in network.trainable_variables]
            non_trainable = [own_copy(variable.value) for variable in network.non_trainable_variables]
            return np.asarray(self._compiled_networks[network](trainable, non_trainable, inputs))

    def sync_state(self) -> None:
        """Make the variables hold their newest values: during `fit`, Keras keeps them apart from the variables.

        It does nothing in other threads than that of `fit`: see `newest_weights`.
        """
        if self._sharing is None or self._sharing.thread == threading.get_ident():
            self.jax_state_sync()
