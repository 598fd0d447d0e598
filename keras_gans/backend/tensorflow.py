"""The adversarial step on TensorFlow: gradient tapes, and variables that change in place."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import keras
import tensorflow as tf

from keras_gans._typing import Tensor
from keras_gans.backend.executions import end_with_epochs
from keras_gans.backend.scale import GRADIENT_SCALE, norm_of_step
from keras_gans.errors import check_shares

if TYPE_CHECKING:
    import numpy as np
    from keras import Model as _Base
else:
    _Base = object


def minimize(
    loss_fn: Callable[[], tuple[Tensor, Any]], variables: Sequence[keras.Variable], optimizer: keras.optimizers.Optimizer
) -> tuple[Tensor, Any, Tensor]:
    """Take one optimizer step: see `keras_gans.backend`."""
    values = [variable.value for variable in variables]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(values)
        loss, outputs = loss_fn()
        scaled_loss = optimizer.scale_loss(loss)
    return loss, outputs, _apply(optimizer, tape.gradient(scaled_loss, values), variables)


def minimize_through(
    fn: Callable[[], tuple[Any, Tensor]],
    loss_fn: Callable[[Any], Tensor],
    variables: Sequence[keras.Variable],
    optimizer: keras.optimizers.Optimizer,
) -> tuple[Any, Callable[[], tuple[Tensor, Tensor]]]:
    """Take one optimizer step in two halves: see `keras_gans.backend`."""
    values = [variable.value for variable in variables]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(values)
        outputs, own_loss = fn()

    def finish() -> tuple[Tensor, Tensor]:
        flat = tf.nest.flatten(outputs)
        with tf.GradientTape(watch_accessed_variables=False) as loss_tape:
            loss_tape.watch(flat)
            loss = loss_fn(outputs)
            scaled_loss = optimizer.scale_loss(loss)
        pairs = zip(flat, loss_tape.gradient(scaled_loss, flat), strict=True)
        targets, output_gradients = zip(*((each, slope) for each, slope in pairs if slope is not None), strict=True)
        if tf.is_tensor(own_loss):
            targets, output_gradients = (*targets, own_loss), (*output_gradients, optimizer.scale_loss(tf.ones_like(own_loss)))
        gradients = tape.gradient(list(targets), values, list(output_gradients))
        return loss + own_loss, _apply(optimizer, gradients, variables)

    return outputs, finish


def clipped_gradients(
    loss_fn: Callable[[Any], Tensor], variables: Sequence[keras.Variable], batch: Any, included: Tensor, clip: float
) -> tuple[list[Tensor], Tensor]:
    """Return the sum of clipped gradients: see `keras_gans.backend`.

    A loop over samples is faster on CPUs than `tf.vectorized_map`, which has no rule for the gradients of kernels, and needs
    memory for one gradient only.
    """
    values = [tf.convert_to_tensor(variable.value) for variable in variables]

    def add_sample(row: Tensor, sums: list[Tensor], norms: tf.TensorArray) -> tuple[Tensor, list[Tensor], tf.TensorArray]:
        one = tf.nest.map_structure(lambda each: each[row : row + 1], batch)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(values)
            with keras.StatelessScope(list(zip(variables, values, strict=True))):
                loss = loss_fn(one)
        slopes = tape.gradient(loss, values, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        # Gradients by an embedding come in parts: the norm is that of their sum.
        slopes = [tf.cast(tf.convert_to_tensor(slope), tf.float32) for slope in slopes]
        norm = tf.linalg.global_norm(slopes)
        factor = tf.minimum(1.0, clip / tf.maximum(norm, 1e-30))
        sums = [total + factor * slope for total, slope in zip(sums, slopes, strict=True)]
        return row + 1, sums, norms.write(row, norm)

    count, rows = tf.cast(tf.reduce_sum(included), tf.int32), tf.shape(included)[0]
    zeros = [tf.zeros(value.shape, tf.float32) for value in values]
    norms = tf.TensorArray(tf.float32, rows, element_shape=())  # rows that are not written are 0
    _, sums, norms = tf.while_loop(
        lambda row, *_: row < count, add_sample, (tf.constant(0), zeros, norms), parallel_iterations=8
    )
    return sums, norms.stack()


def apply_gradients(
    optimizer: keras.optimizers.Optimizer, gradients: Sequence[Tensor], variables: Sequence[keras.Variable]
) -> Tensor:
    """Take one optimizer step: see `keras_gans.backend`."""
    return _apply(optimizer, gradients, variables)


def _apply(optimizer: keras.optimizers.Optimizer, gradients: Sequence[Tensor], variables: Sequence[keras.Variable]) -> Tensor:
    """Let an optimizer take its step on the global batch; return the norm of the gradients without the scale of the loss."""
    gradients = replica_mean(gradients)
    norm = tf.linalg.global_norm([tf.cast(each, tf.float32) for each in gradients]) / optimizer.scale_loss(tf.ones(()))
    optimizer.apply(gradients, variables)
    return norm_of_step(optimizer, norm)


def prepare(optimizer: keras.optimizers.Optimizer) -> None:
    """Fit an optimizer to this backend: see `keras_gans.backend`."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    for each in {optimizer, inner}:
        # Keras sums the gradients of replicas after it has clipped each; here they are averaged before, so that clipping and
        # the search for overflows are those of the global batch.
        each._all_reduce_sum_gradients = list
    if type(inner) is keras.optimizers.Adam and not inner.amsgrad:
        inner.update_step = functools.partial(_adam_step, inner)


def _adam_step(optimizer: keras.optimizers.Adam, gradient: Tensor, variable: Any, learning_rate: Tensor) -> None:
    """Update a variable in one pass over memory.

    Keras composes Adam of a dozen operations, each of which reads and writes as much memory as the variable has; this one
    computes the same formula.
    """
    index = optimizer._get_variable_index(variable)
    step = tf.cast(optimizer.iterations + 1, variable.dtype)
    tf.raw_ops.ResourceApplyAdam(
        var=(variable.value if isinstance(variable, keras.Variable) else variable).handle,
        m=optimizer._momentums[index].value.handle,
        v=optimizer._velocities[index].value.handle,
        beta1_power=optimizer.beta_1**step,
        beta2_power=optimizer.beta_2**step,
        lr=tf.cast(learning_rate, variable.dtype),
        beta1=optimizer.beta_1,
        beta2=optimizer.beta_2,
        epsilon=optimizer.epsilon,
        grad=tf.cast(gradient, variable.dtype),
    )


def accelerators() -> list[str]:
    """Return the names of the devices other than CPUs."""
    devices = [device for device in tf.config.list_physical_devices() if device.device_type != "CPU"]
    return [tf.config.experimental.get_device_details(device).get("device_name", device.device_type) for device in devices]


def replica() -> tuple[Any, int]:
    """Return the number of the replica that computes, and how many there are."""
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return 0, 1
    return context.replica_id_in_sync_group, context.num_replicas_in_sync


def replica_mean(tensors: Any) -> Any:
    """Return the mean over all replicas of each tensor of a structure."""
    if replica()[1] == 1:
        return tensors
    context = tf.distribute.get_replica_context()
    devices = context.strategy.extended.worker_devices
    if len(devices) == 1:
        # A worker with one device names it nowhere, and the reduction wants to know where its result goes.
        with tf.device(devices[0]):
            tensors = tf.nest.map_structure(tf.identity, tensors)
    return context.all_reduce(tf.distribute.ReduceOp.MEAN, tensors)


def input_gradient(fn: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Return the gradient of `fn(x)` with respect to `x`: see `keras_gans.backend`."""
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        scores = fn(x)
    return tape.gradient(scores, x, tf.fill(tf.shape(scores), tf.cast(GRADIENT_SCALE, scores.dtype))) / GRADIENT_SCALE


def gradients(fn: Callable[[list[Tensor]], tuple[Tensor, Any]], tensors: Sequence[Tensor]) -> tuple[list[Tensor], Any]:
    """Return the gradient of a scalar by each tensor, and the rest of what `fn` returns: see `keras_gans.backend`."""
    tensors = list(tensors)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(tensors)
        value, rest = fn(tensors)
    return tape.gradient(value, tensors, unconnected_gradients=tf.UnconnectedGradients.ZERO), rest


def compiled(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Return a compiled function: see `keras_gans.backend`."""
    graph = tf.function(fn, autograph=False)

    # An array becomes a tensor before: for each array itself the function would be compiled anew.
    def run(*arrays: Any) -> Any:
        return graph(*map(tf.convert_to_tensor, arrays))

    return run


def depthwise_conv(x: Tensor, kernel: np.ndarray, stride: int) -> Tensor:
    """Convolve each channel with a constant filter of its own: see `keras_gans.backend`."""
    return tf.nn.depthwise_conv2d(x, kernel, (1, stride, stride, 1), "SAME")


def batch_norm(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: float) -> tuple[Tensor, Tensor, Tensor]:
    """Normalise images by the statistics of the batch: see `keras_gans.backend`."""
    y, mean, variance, _, _, _ = tf.raw_ops.FusedBatchNormV3(
        x=x, scale=gamma, offset=beta, mean=(), variance=(), epsilon=epsilon, is_training=True
    )
    count = tf.cast(tf.size(x) / tf.size(mean), tf.float32)
    return y, mean, variance * (count - 1.0) / count  # the operation returns the unbiased variance


def upsampled_conv(x: Tensor, kernel: Tensor) -> Tensor:
    """Double images by repeating pixels and convolve them: see `keras_gans.backend`.

    Both are one transposed convolution with a stride of 2: an input pixel, two by two pixels after repetition, contributes to
    four by four of the output, by sums of the kernel's numbers.
    """
    turned = tf.transpose(tf.reverse(kernel, [0, 1]), (0, 1, 3, 2))
    shifts = [(up, left) for up in (0, 1) for left in (0, 1)]
    kernel = tf.add_n([tf.pad(turned, ((up, 1 - up), (left, 1 - left), (0, 0), (0, 0))) for up, left in shifts])
    return keras.ops.conv_transpose(x, kernel, strides=2, padding="same", data_format="channels_last")


def _vary_by_replica(seed_generator: keras.random.SeedGenerator) -> None:
    """Make a layer's noise (dropout, say), which Keras would draw alike on all replicas, differ between them."""
    if hasattr(seed_generator, "alike"):
        return
    seed_generator.alike = seed_generator.next

    def draw(*args: Any, **kwargs: Any) -> Tensor:
        seed = seed_generator.alike(*args, **kwargs)
        return seed + tf.cast(tf.stack([replica()[0], 0]), seed.dtype)

    seed_generator.next = draw


class _Chooser:
    """Calls the step that also updates the generator every `critic_steps` steps."""

    def __init__(self, model: StepTrainer, critic_step: Callable[[Any], Any], full_step: Callable[[Any], Any]):
        self.model = model
        self.steps = {False: critic_step, True: full_step}

    def __call__(self, iterator: Any) -> Any:
        iterations = int(self.model.optimizer.iterations.numpy())
        self.model._chosen = bool(self.model.critic_schedule.is_due(iterations + 1))  # read when a step is traced
        try:
            return self.steps[self.model._chosen](iterator)
        finally:
            self.model._chosen = None


class _DirectCall:
    """Calls the graph of a training step with no more around it than is needed.

    Keras' own training function, and the search of `tf.function` for the graph of its arguments, take a millisecond a step on
    a CPU: a tenth of a small model's time.
    """

    def __init__(self, model: StepTrainer):
        # Without autograph, as in Keras: it would read and rewrite the source of all that a step calls.
        step = tf.function(model.train_step, reduce_retracing=True, jit_compile=model.jit_compile, autograph=False)
        self._on_data = model._autoconvert_optionals(step)
        self._on_iterator = tf.function(
            lambda iterator: self._on_data(iterator.get_next()), reduce_retracing=True, autograph=False
        )
        self._iterator: Any = None
        self._graph: Any = None

    def __call__(self, iterator: Any) -> Any:
        if not isinstance(iterator, tf.data.Iterator | tf.distribute.DistributedIterator):
            return self._on_data(next(iterator))  # from `train_on_batch`
        if iterator is not self._iterator:
            self._graph, self._iterator = self._on_iterator.get_concrete_function(iterator), iterator
        return self._graph(iterator)

    def forget(self) -> None:
        """Let go of the iterator."""
        self._iterator = self._graph = None


class StepTrainer(_Base):
    """Puts a model's steps under Keras' TensorFlow trainer. Mixed in before `keras.Model`."""

    # Whether a step that is being traced updates the generator; None if the graph decides.
    _chosen: bool | None = None
    _compiled_networks: dict[keras.Model, Any]
    _epochs: Any
    train_function: Any

    def fit(self, *args: Any, **kwargs: Any) -> keras.callbacks.History:
        try:
            return super().fit(*args, **kwargs)
        finally:
            # An iterator over a generator that lives until the interpreter ends prints an error then.
            self._epochs = None
            if isinstance(self.train_function, _DirectCall):
                self.train_function.forget()

    def train_step(self, data: Any) -> Mapping[str, Tensor]:
        return self._as_logs(self.adversarial_step(data))

    def test_step(self, data: Any) -> Mapping[str, Tensor]:
        return self._as_logs(self.evaluation_step(data))

    def make_train_function(self, force: bool = False) -> None:
        if self.train_function is not None and not force:
            return
        super().make_train_function(force)
        if self.distribute_strategy.num_replicas_in_sync == 1:
            # A strategy of a single device, such as one GPU's, must be asked to run the step.
            if self._distribute_strategy is None and self.steps_per_execution == 1 and not self.run_eagerly:
                self.train_function = _DirectCall(self)
            return
        if self.steps_per_execution > 1 and not isinstance(self.distribute_strategy, tf.distribute.TPUStrategy):
            # Keras' own models fail, too: the loop over steps holds collective operations within a condition.
            raise ValueError(
                f"On several devices TensorFlow cannot take steps_per_execution={self.steps_per_execution}: leave it at 1."
            )
        if self.critic_schedule.is_constant_one:
            return
        # Replicas cannot talk within a condition, so that there are two steps, and Python chooses.
        critic_step = self.train_function
        super().make_train_function(force=True)
        self.train_function = _Chooser(self, critic_step, self.train_function)

    def run_if(self, condition: Tensor, fn: Callable[[], None]) -> None:
        """Run `fn`, which changes variables and returns nothing, where the scalar `condition` holds."""

        def run() -> Tensor:
            fn()
            return tf.constant(True)

        if self._chosen is None:
            tf.cond(condition, run, lambda: tf.constant(False))
        elif self._chosen:
            fn()

    def _as_logs(self, numbers: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        # Keras takes the mean over workers of the first axis, which a scalar lacks.
        several_workers = isinstance(self.distribute_strategy, tf.distribute.MultiWorkerMirroredStrategy)
        return {name: number[None] for name, number in numbers.items()} if several_workers else numbers

    def _resolve_jit_compile(self, jit_compile: bool | str) -> bool:
        # XLA is faster on a GPU. On a CPU its convolutions are slower than TensorFlow's own (measured: 40 % a step), and
        # compilation takes seconds.
        if jit_compile == "auto":
            return bool(tf.config.list_physical_devices("GPU"))
        return bool(jit_compile)

    def _maybe_symbolic_build(self, iterator: Any = None, data_batch: Any = None) -> None:
        # The model is built. Under several workers Keras' own would fail; `start_at` needs Keras' counter of steps.
        self._epochs = self._epochs or iterator  # the first since `fit` began: later ones are evaluation's
        if iterator is not None:
            end_with_epochs(iterator)

    def feed(self, batches: Any) -> dict[str, Any]:
        """Return `fit`'s arguments for batches of a known order."""
        strategy = self.distribute_strategy
        check_shares(batches.batch_size, strategy.num_replicas_in_sync)
        if strategy.num_replicas_in_sync == 1:
            return {"x": batches.as_dataset(), "steps_per_epoch": len(batches)}

        for layer in [*self.generator._flatten_layers(), *self.discriminator._flatten_layers()]:
            for seed_generator in getattr(layer, "_seed_generators", ()):
                _vary_by_replica(seed_generator)

        def one_worker(context: tf.distribute.InputContext) -> tf.data.Dataset:
            replicas = strategy.num_replicas_in_sync // context.num_input_pipelines
            return batches.as_dataset(context.input_pipeline_id, context.num_input_pipelines, replicas)

        return {"x": strategy.distribute_datasets_from_function(one_worker), "steps_per_epoch": len(batches)}

    def run_network(self, network: keras.Model, inputs: Any) -> Any:
        """Return the outputs of a network in inference, computed by this worker alone."""
        if network not in self._compiled_networks:
            self._compiled_networks[network] = tf.function(network, reduce_retracing=True, autograph=False)
        inputs = tf.nest.map_structure(tf.convert_to_tensor, inputs)
        return self._compiled_networks[network](inputs, training=False).numpy()

    @contextlib.contextmanager
    def newest_weights(self) -> Iterator[None]:
        """A context in which variables have their newest values; on TensorFlow they always do."""
        yield

    def sync_state(self) -> None:
        """Make the variables hold their newest values; on TensorFlow they always do."""
