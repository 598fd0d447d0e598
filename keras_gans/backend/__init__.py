"""The only code that differs between Keras backends: how a step takes gradients and how Keras' trainer calls it.

Everything else is written in `keras.ops`. Each backend module supplies:

minimize(loss_fn, variables, optimizer) -> (loss, outputs, gradient_norm)
    Takes one optimizer step on `variables`; no other variable gets a gradient. `loss_fn` takes no argument and returns
    `(loss, outputs)`: a scalar and any structure of tensors. `optimizer` is built for just these variables. The norm is that
    of all gradients together, before any clipping; it is -1 if loss scaling has skipped the step.

minimize_through(fn, loss_fn, variables, optimizer) -> (outputs, finish)
    The same in two halves, for a pass through one network that serves both. `fn` takes no argument and returns
    `(outputs, own_loss)`: a tensor or a structure of tensors, and a scalar (or 0) that is added to the loss. It runs at once.
    `finish()` runs `loss_fn(outputs)`, takes the step on `variables` and returns `(loss, gradient_norm)`; other variables may
    have changed in between, but not `variables`.

clipped_gradients(loss_fn, variables, batch, included, clip) -> (sums, norms)
    The sum over the samples of a batch of each sample's gradient, scaled down to the norm `clip` if it is longer. `batch` is a
    structure of tensors with one row for each sample; `loss_fn(one)` gets the same structure with a single row and returns a
    scalar. `included` is float32 `(rows,)`: 1 for the first rows, then 0 for rows that do not count. The norms, float32
    `(rows,)`, are those before clipping, and 0 in rows that do not count. Changes that `loss_fn` makes to variables are
    discarded.

apply_gradients(optimizer, gradients, variables) -> gradient_norm
    Takes one optimizer step with given gradients.

prepare(optimizer)
    Adapts an optimizer to the backend: its gradients come averaged over replicas, and it updates variables in as few passes
    over memory as the backend can.

replica() -> (number, count)
    Number of the current replica, and number of replicas, under a distribution strategy.

replica_mean(tensors)
    The mean over replicas of each tensor of a structure.

input_gradient(fn, x) -> tensor shaped like `x`
    The gradient of `fn(x)` with respect to `x`, itself differentiable: gradient penalties are built from it. `fn` maps a batch
    to one score per sample, which must depend on that sample only; row i holds the gradient of score i. On JAX, changes
    that `fn` makes to variables (statistics of batch normalization, a dropout seed) are discarded.

gradients(fn, tensors) -> (gradients, rest)
    The gradient of a scalar by each tensor of a list. `fn(tensors)` returns `(scalar, rest)`; where the scalar does not depend
    on a tensor, its gradient is 0. Changes that `fn` makes to variables are discarded on JAX.

batch_norm(x, gamma, beta, epsilon) -> (y, mean, variance)
    Normalizes images `(batch, height, width, channels)` of any float dtype by the statistics of the batch, which are float32
    and biased, of shape `(channels,)`.

compiled(fn) -> function
    The same pure function of arrays, compiled for each of their shapes.

upsampled_conv(x, kernel) -> y
    Doubles the height and width of images `(batch, height, width, channels)` by repeating each pixel, and convolves them with a
    kernel `(3, 3, channels, filters)`, padded with zeros.

depthwise_conv(x, kernel, stride) -> y
    Convolves each channel of images `(batch, height, width, channels)` with its own filter, with padding "same". The kernel
    is a constant, a NumPy array `(size, size, channels, 1)`: there is no gradient with respect to it.

accelerators() -> list of str
    The names of the devices other than CPUs.

StepTrainer
    The mixin that puts a model's `adversarial_step` and `evaluation_step` under Keras' `fit` and `evaluate`. It also supplies
    `run_if(condition, fn)`, which runs `fn` if a scalar holds; `feed(batches)`, the arguments of `fit` for batches of a
    known order; `run_network(network, inputs)`, which may be called in any thread; `newest_weights()`, a context in which any
    thread may read variables; `sync_state()`, which makes variables hold their newest values.
"""

import keras

if keras.config.backend() == "tensorflow":
    from keras_gans.backend.tensorflow import (
        StepTrainer,
        accelerators,
        apply_gradients,
        batch_norm,
        clipped_gradients,
        compiled,
        depthwise_conv,
        gradients,
        input_gradient,
        minimize,
        minimize_through,
        prepare,
        replica,
        replica_mean,
        upsampled_conv,
    )
elif keras.config.backend() == "jax":
    from keras_gans.backend.jax import (
        StepTrainer,
        accelerators,
        apply_gradients,
        batch_norm,
        clipped_gradients,
        compiled,
        depthwise_conv,
        gradients,
        input_gradient,
        minimize,
        minimize_through,
        prepare,
        replica,
        replica_mean,
        upsampled_conv,
    )
else:
    raise ImportError(
        f"keras_gans runs on the Keras backends 'tensorflow' and 'jax'; this process uses '{keras.config.backend()}'. "
        "Set the environment variable KERAS_BACKEND to one of them before Keras is imported."
    )

__all__ = [
    "StepTrainer",
    "accelerators",
    "apply_gradients",
    "batch_norm",
    "clipped_gradients",
    "compiled",
    "depthwise_conv",
    "gradients",
    "input_gradient",
    "minimize",
    "minimize_through",
    "prepare",
    "replica",
    "replica_mean",
    "upsampled_conv",
]
