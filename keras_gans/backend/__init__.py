"""The only code that differs per Keras backend: how a step takes gradients and how Keras' trainer calls it.

Everything else is written in `keras.ops`. Each backend module supplies:

* `minimize(loss_fn, variables, optimizer)`: one optimizer step;
* `input_gradient(fn, x)`: the gradient penalties' inner gradient;
* `run_if(condition, fn)`: a step that only sometimes happens;
* `StepTrainer`: the mixin that puts `adversarial_step` and `evaluation_step` under `fit` and `evaluate`.
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
