"""The only code that differs per Keras backend: how a step takes gradients and how Keras' trainer calls it.

Everything else is written in `keras.ops`. Each backend module supplies:

minimize(loss_fn, variables, optimizer) -> (loss, outputs, gradient_norm)
    Takes one optimizer step on `variables` (and gives no other variable a gradient). `loss_fn` takes nothing and returns
    `(loss, outputs)`: a scalar and any structure of tensors. `optimizer` is built for just these variables. The norm is that
    of all gradients together, before any clipping.

input_gradient(fn, x) -> tensor shaped like `x`
    The gradient of `fn(x)` with respect to `x`, itself differentiable: what gradient penalties are made of. `fn` maps a batch
    to one score a sample, which must depend on that sample only; row i holds the gradient of score i. On JAX, changes
    that `fn` makes to variables (BatchNorm's statistics, a dropout seed) are discarded.

run_if(condition, fn)
    Runs `fn`, which changes variables and returns nothing, where the scalar `condition` holds.

StepTrainer
    The mixin that puts a model's `adversarial_step` and `evaluation_step` under Keras' `fit` and `evaluate`.
"""

import keras

if keras.config.backend() == "tensorflow":
    from keras_gans.backend.tensorflow import StepTrainer, input_gradient, minimize, run_if
elif keras.config.backend() == "jax":
    from keras_gans.backend.jax import StepTrainer, input_gradient, minimize, run_if
else:
    raise ImportError(
        f"keras_gans runs on the Keras backends 'tensorflow' and 'jax'; this process uses '{keras.config.backend()}'. "
        "Set the environment variable KERAS_BACKEND to one of them before Keras is imported."
    )

__all__ = ["StepTrainer", "input_gradient", "minimize", "run_if"]
