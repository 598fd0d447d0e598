"""The generator's exponential moving average: weights that make better samples than those of the last step."""

import keras
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.backend import replica_mean


def clone_for_averaging(generator: keras.Model, prefix: str = "ema") -> keras.Model:
    """Return a copy of a network with equal weights that is not trained.

    Args:
        generator: The network.
        prefix: Distinguishes the names of the copy and of its weights from the network's.

    Raises:
        ValueError: If a layer cannot be copied.
    """
    with keras.name_scope(prefix):
        if getattr(generator, "inputs", None):
            copy = keras.models.clone_model(generator, clone_function=_copy_layer)
        else:
            copy = keras.models.clone_model(generator)
    copy.name = f"{prefix}_{generator.name}"
    copy.set_weights(generator.get_weights())
    copy.trainable = False
    return copy


def _copy_layer(layer: keras.Layer) -> keras.Layer:
    if isinstance(layer, keras.Model) and getattr(layer, "inputs", None):
        return keras.models.clone_model(layer, clone_function=_copy_layer)
    try:
        if not isinstance(layer, keras.layers.Lambda):
            return type(layer).from_config(layer.get_config())
        # Nothing comes from a file: the function is the user's own object.
        copy = keras.layers.Lambda.from_config(layer.get_config(), safe_mode=False)
        copy.function = layer.function
        return copy
    except Exception as error:
        raise ValueError(
            f"A moving average (ema=) needs a copy of the generator, but the layer '{layer.name}' ({type(layer).__name__}) "
            "cannot be copied. Give it a get_config() that returns the arguments of its __init__."
        ) from error


def update_average(average: keras.Model, network: keras.Model, decay: float, step: Tensor) -> None:
    """Move the weights of `average` towards those of `network`, the statistics of batch normalization included.

    The decay grows from 0.1 towards `decay` as min(decay, (1 + step) / (10 + step)), so that a short run's average is not
    dominated by the initial weights.

    Args:
        average: The network that `clone_for_averaging` made.
        network: The trained network.
        decay: Float in [0, 1).
        step: Integer scalar, the number of updates of `network`.
    """
    step = ops.cast(step, "float32")
    rate = 1.0 - ops.minimum(decay, (1.0 + step) / (10.0 + step))
    for mean, new in zip(average.weights, network.weights, strict=True):
        if keras.backend.is_float_dtype(mean.dtype):
            # The statistics of batch normalization may differ between replicas; their average must not.
            new = new if new.trainable else replica_mean(ops.convert_to_tensor(new))
            mean.assign_add(ops.cast(rate, mean.dtype) * (new - mean))
        else:
            mean.assign(new)
