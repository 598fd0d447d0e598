"""The adversarial step on JAX: pure functions around the same imperative code.

Keras' JAX trainer hands a step all state as arrays and wants the new arrays back. The step opens a scope in which reading a
`keras.Variable` gives its array and assigning replaces it; each gradient is taken through a nested scope of that kind.
"""

import jax
import jax.numpy as jnp
import keras

from keras_gans.backend.scale import GRADIENT_SCALE
from keras_gans.errors import check_shares


class _Scope(keras.StatelessScope):
    """A stateless scope that begins with the values of the scope around it and knows what changed inside."""

    def __enter__(self):
        super().__enter__()
        if self.original_scope is not None:
            self.state_mapping = {**self.original_scope.state_mapping, **self.state_mapping}
        self._initial = dict(self.state_mapping)
        return self

    def changes(self):
        """Returns the new values by variable id."""
        return {key: value for key, value in self.state_mapping.items() if value is not self._initial.get(key)}


def minimize(loss_fn, variables, optimizer):
    """Takes one optimizer step: see `keras_gans.backend`."""
    changed = []

    def pure_loss(values):
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


def minimize_through(fn, loss_fn, variables, optimizer):
    """Takes one optimizer step in two halves: see `keras_gans.backend`."""
    changed = []

    def pure_fn(values):
        with _Scope(zip(variables, values, strict=True)) as scope:
            outputs, own_loss = fn()
            scaled_loss = jnp.asarray(optimizer.scale_loss(own_loss), "float32")
        changes = scope.changes()
        changed[:] = changes
        return (outputs, scaled_loss), (own_loss, list(changes.values()))

    (outputs, _), pull_back, (own_loss, new_values) = jax.vjp(pure_fn, [v.value for v in variables], has_aux=True)
    _adopt(dict(zip(changed, new_values, strict=True)))

    def finish():
        changed_later = []

        def pure_loss(outputs):
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


def _apply(optimizer, gradients, variables):
    """Lets an optimizer take its step; returns the norm of the gradients without the scale of the loss."""
    norm = jnp.sqrt(sum(jnp.sum(jnp.square(g)) for g in gradients)) / optimizer.scale_loss(jnp.ones(()))
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
    return norm


def prepare(optimizer):
    """XLA fuses the operations of an optimizer by itself."""


def accelerators():
    """Returns the names of the devices that are no CPUs."""
    return [device.device_kind for device in jax.devices() if device.platform != "cpu"]


def replica():
    """Returns `(0, 1)`: on JAX one program computes on the global batch, wherever its parts are."""
    return 0, 1


def replica_mean(tensors):
    """Returns what it is given: see `replica`."""
    return tensors


def input_gradient(fn, x):
    """Returns the gradient of `fn(x)` with respect to `x`: see `keras_gans.backend`."""

    def total(inputs):
        with _Scope():
            return jnp.sum(fn(inputs).astype("float32") * GRADIENT_SCALE)

    return jax.grad(total)(x) / GRADIENT_SCALE


def _adopt(changes):
    """Puts new values, by variable id, into the scope around the caller."""
    with _Scope() as here:
        surrounding = here.original_scope
    surrounding.state_mapping.update(changes)


def batch_norm(x, gamma, beta, epsilon):
    """Normalises images by the statistics of the batch: see `keras_gans.backend`."""
    wide = x.astype("float32")
    mean, variance = wide.mean((0, 1, 2)), wide.var((0, 1, 2))
    gamma, beta = jnp.asarray(gamma), jnp.asarray(beta)
    y = (wide - mean) * (jax.lax.rsqrt(variance + epsilon) * gamma) + beta
    return y.astype(x.dtype), mean, variance


class StepTrainer:
    """Puts a model's steps under Keras' JAX trainer. Mixed in before `keras.Model`."""

    def train_step(self, state, data):
        groups = (self.trainable_variables, self.non_trainable_variables, self.optimizer.variables, self.metrics_variables)
        return self._pure_step(self.adversarial_step, groups, state, data)

    def test_step(self, state, data):
        groups = (self.trainable_variables, self.non_trainable_variables, self.metrics_variables)
        return self._pure_step(self.evaluation_step, groups, state, data)

    @staticmethod
    def _pure_step(step, groups, state, data):
        mapping = [pair for group, values in zip(groups, state, strict=True) for pair in zip(group, values, strict=True)]
        with _Scope(mapping) as scope:
            logs = step(data)
        return logs, tuple([scope.get_current_value(variable) for variable in group] for group in groups)

    def run_if(self, condition, fn):
        """Runs `fn`, which changes variables and returns nothing, where the scalar `condition` holds."""
        changed = []

        def run():
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

    def _resolve_jit_compile(self, jit_compile):
        return jit_compile

    def _symbolic_build(self, iterator=None, data_batch=None):
        # The model is built; `start_at` needs Keras' counter of steps.
        self._epochs = self._epochs or iterator  # the first since `fit` began: later ones are evaluation's

    def feed(self, batches):
        """Returns `fit`'s arguments for batches of a known order."""
        distribution = keras.distribution.distribution()
        devices = distribution.device_mesh.devices.size if distribution else 1
        check_shares(batches.batch_size, devices)
        if isinstance(batches, keras.utils.PyDataset):
            return {"x": batches}
        return {"x": batches.as_dataset(), "steps_per_epoch": len(batches)}

    def run_network(self, network, inputs):
        """Returns the outputs of a network in inference."""
        return network.predict_on_batch(inputs)

    def sync_state(self):
        """Makes the variables hold their newest values: during `fit`, Keras keeps them apart from the variables."""
        self.jax_state_sync()
