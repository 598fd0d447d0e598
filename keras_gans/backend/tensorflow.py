"""The adversarial step on TensorFlow: gradient tapes, and variables that change in place."""

import tensorflow as tf


def minimize(loss_fn, variables, optimizer):
    """Takes one optimizer step: see `keras_gans.backend`."""
    values = [variable.value for variable in variables]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(values)
        loss, outputs = loss_fn()
        scaled_loss = optimizer.scale_loss(loss)
    gradients = tape.gradient(scaled_loss, values)
    norm = tf.linalg.global_norm(gradients) / optimizer.scale_loss(tf.ones(()))
    optimizer.apply(gradients, variables)
    return loss, outputs, norm


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
