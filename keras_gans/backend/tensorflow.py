"""The adversarial step on TensorFlow: gradient tapes, and variables that change in place."""

import keras
import tensorflow as tf


def minimize(loss_fn, variables, optimizer):
    """Takes one optimizer step: see `keras_gans.backend`."""
    values = [variable.value for variable in variables]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(values)
        loss, outputs = loss_fn()
        scaled_loss = optimizer.scale_loss(loss)
    return loss, outputs, _apply(optimizer, tape.gradient(scaled_loss, values), variables)


def minimize_through(fn, loss_fn, variables, optimizer):
    """Takes one optimizer step in two halves: see `keras_gans.backend`."""
    values = [variable.value for variable in variables]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(values)
        outputs, own_loss = fn()

    def finish():
        with tf.GradientTape(watch_accessed_variables=False) as loss_tape:
            loss_tape.watch(outputs)
            loss = loss_fn(outputs)
            scaled_loss = optimizer.scale_loss(loss)
        targets, output_gradients = [outputs], [loss_tape.gradient(scaled_loss, outputs)]
        if tf.is_tensor(own_loss):
            targets, output_gradients = [outputs, own_loss], [*output_gradients, optimizer.scale_loss(tf.ones(()))]
        gradients = tape.gradient(targets, values, output_gradients)
        return loss + own_loss, _apply(optimizer, gradients, variables)

    return outputs, finish


def _apply(optimizer, gradients, variables):
    """Lets an optimizer take its step; returns the norm of the gradients without the scale of the loss."""
    norm = tf.linalg.global_norm(gradients) / optimizer.scale_loss(tf.ones(()))
    optimizer.apply(gradients, variables)
    return norm


def fuse(optimizer):
    """Makes an optimizer update each variable in one pass over memory, where TensorFlow has an operation for it.

    Keras composes Adam of a dozen operations, each of which reads and writes as much memory as the variable has; the fused one
    computes the same formula. Only Keras' own Adam is touched, and not under a distribution strategy, whose variables have
    parts.
    """
    if type(optimizer) is not keras.optimizers.Adam or optimizer.amsgrad or tf.distribute.has_strategy():
        return

    def update_step(gradient, variable, learning_rate):
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

    optimizer.update_step = update_step


def input_gradient(fn, x):
    """Returns the gradient of `fn(x)` with respect to `x`: see `keras_gans.backend`."""
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        scores = fn(x)
    return tape.gradient(scores, x)


def run_if(condition, fn):
    """Runs `fn`, which changes variables and returns nothing, where the scalar `condition` holds."""

    def run():
        fn()
        return tf.constant(True)

    tf.cond(condition, run, lambda: tf.constant(False))


def batch_norm(x, gamma, beta, epsilon):
    """Normalises images by the statistics of the batch: see `keras_gans.backend`."""
    y, mean, variance, _, _, _ = tf.raw_ops.FusedBatchNormV3(
        x=x, scale=gamma, offset=beta, mean=(), variance=(), epsilon=epsilon, is_training=True
    )
    count = tf.cast(tf.size(x) / tf.size(mean), tf.float32)
    return y, mean, variance * (count - 1.0) / count  # the operation returns the unbiased variance


class StepTrainer:
    """Puts a model's steps under Keras' TensorFlow trainer. Mixed in before `keras.Model`."""

    def train_step(self, data):
        return self.adversarial_step(data)

    def test_step(self, data):
        return self.evaluation_step(data)

    def _resolve_jit_compile(self, jit_compile):
        # XLA pays on a GPU. On a CPU its convolutions are slower than TensorFlow's own (measured: 40 % a step), and
        # compiling takes seconds, so there it is for those who ask.
        if jit_compile == "auto":
            return bool(tf.config.list_physical_devices("GPU"))
        return jit_compile

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        # The model is built. Under several workers Keras' own would fail; `start_at` needs Keras' counter of steps.
        self._epochs = self._epochs or iterator  # the first since `fit` began: later ones are evaluation's

    def feed(self, batches):
        """Returns `fit`'s arguments for batches of a known order."""
        strategy = self.distribute_strategy
        if strategy.num_replicas_in_sync == 1:
            return {"x": batches.as_dataset(), "steps_per_epoch": len(batches)}

        def one_worker(context):
            replicas = strategy.num_replicas_in_sync // context.num_input_pipelines
            return batches.as_dataset(context.input_pipeline_id, context.num_input_pipelines, replicas)

        return {"x": strategy.distribute_datasets_from_function(one_worker), "steps_per_epoch": len(batches)}

    def sync_state(self):
        """Makes the variables hold their newest values; on TensorFlow they always do."""
