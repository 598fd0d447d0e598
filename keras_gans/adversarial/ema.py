"""The generator's exponential moving average: a second set of weights that samples better than the last step's."""

import keras
from keras import ops

from keras_gans.backend import replica_mean


def clone_for_averaging(generator):
    """Returns a copy of a network with equal weights that takes no part in training."""
    copy = keras.models.clone_model(generator)
    copy.set_weights(generator.get_weights())
    copy.trainable = False
    return copy


def update_average(average, network, decay, step):
    """Moves the weights of `average` towards those of `network`, BatchNorm's statistics included.

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
            # BatchNorm's statistics may differ between replicas; their average must not.
            new = new if new.trainable else replica_mean(ops.convert_to_tensor(new))
            mean.assign_add(ops.cast(rate, mean.dtype) * (new - mean))
        else:
            mean.assign(new)
